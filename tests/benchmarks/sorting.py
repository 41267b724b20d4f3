"""Does the whole window stay quick with 100,000 pictures? Opening, filtering, moving all of them.

    python -m tests.benchmarks sorting

The first process looks at every picture once, so that the project is indexed; the second one opens
it again and is measured: seconds until the grid shows pictures, memory, and gaps of a 10 ms
timer in the GUI thread. The project is kept at $CNNSTUDIO_MANY_PICTURES, where that is set.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

COUNT = 100_000
_SCREEN = (1280, 800)


def measure(rounds: int = 1) -> str:
    """Measure and return Markdown."""
    from tests.benchmarks.many_pictures import many_pictures
    from tests.benchmarks.window import Smoothness, table

    kept = os.environ.get("CNNSTUDIO_MANY_PICTURES")
    with tempfile.TemporaryDirectory() as scratch:
        root = many_pictures(Path(kept or scratch) / "many pictures", COUNT)
        indexed = _in_process("index", root, Path(scratch))
        found = _in_process("sort", root, Path(scratch))
    rows = table([Smoothness(**row) for row in (*indexed["rows"], *found["rows"])])
    memory = ", ".join(f"{words} {mb}" for words, mb in found["memory_mb"].items())
    shown = f"{found['seconds_to_grid']:.2f} s from opening to pictures on the screen"
    return f"{rows}\n\n{shown}. Memory, MB: {memory}."


def _in_process(work: str, root: Path, scratch: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.sorting", work, str(root), str(scratch)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


class Sorter:
    """The real window on a large project."""

    def __init__(self, scratch: Path) -> None:
        from PySide6.QtWidgets import QApplication

        from cnnstudio.app import SWITCH_INTERVAL_S, build_window
        from cnnstudio.engine.keras_engine import KerasEngine
        from cnnstudio.ui.widgets.sample_view import SampleView
        from tests.benchmarks.window import TickingClock

        sys.setswitchinterval(SWITCH_INTERVAL_S)
        app = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(app, QApplication)
        self._window = build_window(app, KerasEngine(), scratch / "settings")
        self._window.resize(*_SCREEN)
        self._window.show()
        self._session = self._window.session
        view = self._window.findChild(SampleView, "images_grid")
        assert view is not None
        self._view = view
        self._clock = TickingClock()
        self.rows: list[Any] = []
        self.memory_mb: dict[str, int] = {"before": _memory_mb()}
        self.seconds_to_grid = 0.0

    def index(self, root: Path) -> None:
        """Look at every picture once."""
        self._session.open(root)
        self._measure("looking at all pictures for the first time", self._is_inspected)

    def sort(self, root: Path) -> None:
        """Open the project again, and go through what a person does."""
        began = time.monotonic()
        self._session.open(root)
        self._measure("opening", self._shows_pictures)
        self.seconds_to_grid = time.monotonic() - began
        self.memory_mb["pictures shown"] = _memory_mb()
        self._measure("health check from the index", self._is_inspected)
        self.memory_mb["health check done"] = _memory_mb()
        self._scroll()
        self._do("choosing one class", lambda: self._choose(3))
        self._do("choosing all pictures", lambda: self._choose(0))
        self._do("searching names", lambda: self._search("99"))
        self._do("searching no more", lambda: self._search(""))
        self._do("selecting all", self._view.selectAll)
        self._do("moving all to one class", lambda: self._view.number_pressed.emit(4))
        self._measure("health check after that", self._is_inspected)
        self._do("undoing it", self._session.undo)
        self._do("labelling one", self._label_one)
        self._do("undoing that", self._session.undo)
        self._measure("at rest", self._is_inspected)
        self.memory_mb["at the end"] = _memory_mb()

    def close(self) -> None:
        """Close the window."""
        self._window.close()
        self._clock.measure("closing", lambda: not self._window.isVisible())

    def _measure(self, words: str, until: Callable[[], bool]) -> None:
        self.rows.append(asdict(self._clock.measure(words, until, least_s=0.5)))

    def _do(self, words: str, act: Callable[[], object]) -> None:
        from PySide6.QtCore import QTimer

        QTimer.singleShot(30, self._view, act)
        self._measure(words, self._is_settled)

    def _scroll(self) -> None:
        from tests.benchmarks.grid import Scrolling

        bar = self._view.verticalScrollBar()
        scrolling = Scrolling(bar, max(1, bar.maximum() // 300))
        self._measure("end to end and back in 10 s", lambda: scrolling.has_ended)

    def _choose(self, row: int) -> None:
        from cnnstudio.ui.widgets.class_list import ClassList

        classes = self._window.findChild(ClassList, "images_classes")
        assert classes is not None
        classes.setCurrentIndex(classes.model().index(row, 0))

    def _search(self, text: str) -> None:
        from PySide6.QtWidgets import QLineEdit

        field = self._window.findChild(QLineEdit, "images_search")
        assert field is not None
        field.setText(text)

    def _label_one(self) -> None:
        self._view.select_rows([5], current=5)
        self._view.number_pressed.emit(4)

    def _shows_pictures(self) -> bool:
        return len(self._view.visible_rows()) > 0 and self._session.view_jobs.is_idle

    def _is_settled(self) -> bool:
        return self._session.file_jobs.is_idle and self._session.view_jobs.is_idle

    def _is_inspected(self) -> bool:
        return not self._session.inspection.is_running and self._is_settled()


def _memory_mb() -> int:
    """What this process has in memory now; the most it ever had where only that is known."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        from tests.benchmarks.grid import peak_memory_mb

        return round(peak_memory_mb())
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) // 1000


def main() -> None:
    """Do one part of the work in a process of its own."""
    work, root, scratch = sys.argv[1:]
    sorter = Sorter(Path(scratch))
    getattr(sorter, work)(Path(root))
    sorter.close()
    result = {
        "rows": sorter.rows,
        "memory_mb": sorter.memory_mb,
        "seconds_to_grid": sorter.seconds_to_grid,
    }
    sys.stdout.write(f"{json.dumps(result)}\n")


if __name__ == "__main__":
    main()
