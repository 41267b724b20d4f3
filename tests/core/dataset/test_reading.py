"""Many pictures are read at once, and one that cannot be read holds up nobody."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.dataset import reading
from cnnstudio.core.dataset.images import fingerprint
from cnnstudio.core.dataset.reading import (
    fingerprint_of,
    in_parallel,
    index_samples,
    room_for,
)
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.index import Index
from tests.builders import coloured_folder, coloured_picture


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Nine pictures; the second, the fifth and the last are none."""
    coloured_folder(tmp_path, {"red": 9})
    paths = [tmp_path / "red" / f"{number}.png" for number in range(1, 10)]
    paths[1].write_bytes(b"")
    paths[4].write_bytes(b"<html>")
    paths[8].unlink()
    return paths


@pytest.mark.parametrize("limit", [1 << 30, 0])
def test_pictures_beyond_the_limit_are_kept_in_a_file_that_nobody_sees(limit: int) -> None:
    room = room_for(6, 8, limit)
    assert room.shape == (6, 8, 8, 3)
    assert isinstance(room, np.memmap) == (limit == 0)


def test_room_for_no_pictures_at_all_is_no_problem() -> None:
    assert room_for(0, 8).shape == (0, 8, 8, 3)


def test_more_pictures_than_fit_the_disk_are_refused_before_reading() -> None:
    with pytest.raises(StudioError, match="GB free"):
        room_for(3_000_000, 1024)


def test_reading_can_be_cancelled_while_a_picture_takes_long() -> None:
    context, release = TaskContext(), threading.Event()

    def work(item: int) -> int:
        context.cancel()
        release.wait(30)
        return item

    with pytest.raises(Cancelled):
        list(in_parallel(range(100), work, context))
    release.set()


def test_results_are_not_computed_far_ahead_of_their_use() -> None:
    started: list[int] = []

    def work(item: int) -> int:
        started.append(item)
        return item

    results = in_parallel(range(1000), work, TaskContext(), ahead=5)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    assert len(started) <= 8
    results.close()


def test_bytes_and_file_have_the_same_fingerprint(tmp_path: Path) -> None:
    path = coloured_picture(tmp_path / "a.png", "red")
    assert fingerprint_of(path.read_bytes()) == fingerprint(path)


def test_what_is_known_of_a_picture_is_not_looked_up_again(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = scan(files[0].parents[1])
    looked_at: list[Path] = []
    read = reading.read_bytes

    def counting(path: Path) -> bytes:
        looked_at.append(path)
        return read(path)

    monkeypatch.setattr(reading, "read_bytes", counting)
    with Index.of(project) as index:
        first = index_samples(project, project.samples, index, TaskContext())
        assert len(looked_at) == 8
        coloured_picture(files[1], "green", size=20)
        project = scan(project.root)
        second = index_samples(project, project.samples, index, TaskContext())
    assert looked_at[8:] == [files[1]]
    assert first["red/2.png"].problem == "the file is empty"
    assert (second["red/2.png"].width, second["red/2.png"].height) == (20, 20)
    assert (second["red/1.png"].width, second["red/1.png"].format) == (16, "PNG")
    assert second["red/1.png"].fingerprint == fingerprint(files[0])
    assert second["red/5.png"].problem


def test_a_cancelled_look_keeps_what_it_found(files: list[Path]) -> None:
    project = scan(files[0].parents[1])

    class Impatient(TaskContext):
        def report(self, event: Progress) -> None:
            if event.done == 3:
                self.cancel()

    with Index.of(project) as index:
        with pytest.raises(Cancelled):
            index_samples(project, project.samples, index, Impatient())
        assert "red/1.png" in index.find(project.samples)
