"""From the drop of a picture to its bars, and live pictures a second, in the real window.

    python -m tests.benchmarks answering

The window has the real engine, and a run of fast start on some clothes. A picture is answered once
its bars are painted; the camera plays 30 frames a second of VGA size.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.runs import Run
from cnnstudio.folders import cache_folder
from cnnstudio.ui.main_window import MainWindow
from tests.benchmarks.pictures import clothing_folder
from tests.camera_fakes import FakeCamera
from tests.screenshots import pause, wait_until

_PER_CLASS = 12
_LIVE_S = 6.0
_FRAME_MS = 33
_VGA = (640, 480)


class _Paintings(QObject):
    """Notes when a widget was last painted."""

    last = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.last = time.perf_counter()
        return False


def measure(rounds: int) -> str:
    """Drop `rounds` times 10 pictures one by one, then hold things into the camera."""
    clothes = clothing_folder()
    if clothes is None:
        return "No measure: a folder of real pictures is needed."
    from cnnstudio.app import SWITCH_INTERVAL_S, build_window
    from cnnstudio.engine.keras_engine import KerasEngine

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "clothes")
        for folder in clothes.iterdir():
            (root / folder.name).mkdir(parents=True)
            for picture in sorted(folder.iterdir())[:_PER_CLASS]:
                shutil.copy2(picture, root / folder.name)
        unseen = sorted((clothes.parent / "test").rglob("*.jpg"))[:: 372 // (rounds * 10 + 1)]
        engine = KerasEngine(cache_folder=cache_folder())
        window = build_window(app, engine, Path(scratch, "settings"))
        window.show()
        session = window.session
        window.open(root)
        wait_until(lambda: session.project is not None and session.background_jobs.is_idle)
        config = training_preset("fast").config
        session.set_config(replace(config, training=replace(config.training, epochs=8)))
        session.train()
        wait_until(lambda: len(session.runs) == 1 and session.engine_jobs.is_idle)
        window.ask([unseen[0]])
        bars = window.findChild(QWidget, "predict_bars")
        wait_until(lambda: bars.isVisible() and bool(bars.lines()))
        pause(8)  # what it looks up for the reasons beside the first answer
        paintings = _Paintings()
        bars.installEventFilter(paintings)
        times = []
        label = window.findChild(QLabel, "predict_name")
        for picture in unseen[1 : rounds * 10 + 1]:
            began = time.perf_counter()
            window.ask([picture])
            wait_until(lambda: label.text() == str(picture) and paintings.last > began)  # noqa: B023
            times.append((paintings.last - began) * 1000)
            pause(0.5)
        rate = _live(window, session.runs[0])
        window.close()
        wait_until(lambda: not window.isVisible())
    longest = sorted(times)[int(len(times) * 0.9)]
    return "\n".join(
        [
            "| in the window, fast start | |",
            "|---|---:|",
            f"| from the drop to the bars, median | {median(times):.0f} ms |",
            f"| nine in ten within | {longest:.0f} ms |",
            f"| live pictures answered | {rate:.0f}/s |",
        ]
    )


def _live(window: MainWindow, run: Run) -> float:
    """Return how many pictures of a camera are answered in a second."""
    from cnnstudio.core.live_prediction import LiveAnswer
    from cnnstudio.ui.icons import Icons
    from cnnstudio.ui.predicting.live_dialog import LiveDialog

    frame = QImage(*_VGA, QImage.Format.Format_RGB32)
    frame.fill(QColor("#507090"))
    camera = FakeCamera([frame])
    colours = [QColor("#0072B2")] * len(run.class_titles)
    dialog = LiveDialog(camera, window.session, run, colours, Icons(window.theme), window)
    answers: list[object] = []
    dialog.show()
    wait_until(lambda: dialog._job is not None)
    dialog._job.reported.connect(
        lambda event: isinstance(event, LiveAnswer) and answers.append(event)
    )
    playing = QTimer(interval=_FRAME_MS)
    playing.timeout.connect(camera.send)
    playing.start()
    wait_until(lambda: bool(answers))
    answers.clear()
    pause(_LIVE_S)
    playing.stop()
    dialog.close()
    return len(answers) / _LIVE_S
