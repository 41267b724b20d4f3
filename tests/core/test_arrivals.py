"""A picture that comes into a watched folder is looked at once it is whole."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from cnnstudio.core.arrivals import arrivals
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.jobs import TaskContext
from tests.builders import coloured_picture

_PATIENCE_S = 20
_SETTLED_S = 0.3


class Watching:
    """What arrives in a folder, watched in a thread."""

    def __init__(self, folder: Path, ignored: Path | None) -> None:
        self.context = TaskContext()
        self._found: Queue[Path] = Queue()
        self._thread = threading.Thread(target=self._run, args=(folder, ignored))
        self._thread.start()

    def next(self) -> str:
        return self._found.get(timeout=_PATIENCE_S).name

    def is_quiet(self) -> bool:
        return self._found.empty()

    def end(self) -> None:
        self.context.cancel()
        self._thread.join()

    def _run(self, folder: Path, ignored: Path | None) -> None:
        try:
            for lot in arrivals(folder, self.context, ignored, _SETTLED_S):
                for path in lot:
                    self._found.put(path)
        except Cancelled:
            return


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    coloured_picture(tmp_path / "inbox" / "there.png", "red")
    return tmp_path / "inbox"


@pytest.fixture
def watching(folder: Path) -> Iterator[Watching]:
    watching = Watching(folder, folder / "sorted")
    assert watching.next() == "there.png", "what lies there already comes first"
    yield watching
    watching.end()


def test_pictures_come_as_they_arrive(watching: Watching, folder: Path) -> None:
    coloured_picture(folder / "a.png", "red")
    assert watching.next() == "a.png"
    (folder / "notes.txt").write_text("no picture")
    (folder / ".draft.png").write_bytes(b"hidden")
    (folder / "sorted").mkdir()
    coloured_picture(folder / "sorted" / "c.png", "red")
    coloured_picture(folder / "b.png", "blue")
    assert watching.next() == "b.png"
    assert watching.is_quiet()


def test_a_folder_comes_with_what_is_in_it(
    watching: Watching, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "card").mkdir()
    coloured_picture(tmp_path / "card" / "1.png", "red")
    shutil.move(tmp_path / "card", folder / "card")
    assert watching.next() == "1.png"


def test_a_file_that_is_still_written_is_waited_for(
    watching: Watching, folder: Path, tmp_path: Path
) -> None:
    data = coloured_picture(tmp_path / "slow.png", "red", size=64).read_bytes()
    with (folder / "slow.png").open("wb") as stream:
        stream.flush()
        for start in range(0, len(data), max(1, len(data) // 4)):
            stream.write(data[start : start + max(1, len(data) // 4)])
            stream.flush()
    assert watching.next() == "slow.png"
    assert (folder / "slow.png").read_bytes() == data
    assert watching.is_quiet()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no folder"):
        next(arrivals(tmp_path / "gone", TaskContext()))


def test_a_folder_that_goes_away_is_said(folder: Path) -> None:
    def watch_and_remove() -> None:
        for _ in arrivals(folder, TaskContext(), None, _SETTLED_S):
            shutil.rmtree(folder)

    with pytest.raises(StudioError, match="is gone"):
        watch_and_remove()
