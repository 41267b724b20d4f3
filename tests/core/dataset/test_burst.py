from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.dataset.burst import BurstWriter
from cnnstudio.core.dataset.images import fingerprint
from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import add_imported
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project
from cnnstudio.core.storage import file_moves, incoming
from tests.builders import coloured_folder

MOMENT = datetime(2026, 11, 25, 10, 4, 31)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "fruit", {"red": 2, "green": 2}))


def frame(seed: int = 0) -> np.ndarray:
    """A picture as a camera gives it: smooth, with a little noise."""
    random = np.random.default_rng(seed)
    slope = np.linspace(0, 200, 64)[None, :, None] + np.zeros((36, 1, 3))
    return (slope + random.integers(0, 20, (36, 64, 3))).astype(np.uint8)


def recorded(project: Project, title: str | None, count: int) -> ImportedPictures:
    with BurstWriter(project, title, MOMENT) as burst:
        for seed in range(count):
            burst.add(frame(seed))
        return burst.finish()


def left_behind(project: Project) -> list[str]:
    return sorted(
        str(path.relative_to(project.state_folder))
        for part in ("incoming", "bin")
        for path in (project.state_folder / part).glob("*")
    )


def test_a_burst_goes_into_its_class_and_comes_out_again_as_one_step(project: Project) -> None:
    result = add_imported(recorded(project, "red", 3))(project)
    file_moves.apply(project.root, result.moves)
    names = [f"webcam 2026-11-25 10.04.31 00{number}.jpg" for number in (1, 2, 3)]
    assert sorted(path.name for path in (project.root / "red").iterdir())[2:] == names
    assert scan(project.root).samples == result.project.samples
    file_moves.apply(project.root, file_moves.reverse(result.moves))
    assert scan(project.root).samples == project.samples


def test_a_new_class_comes_and_goes_with_its_first_burst(project: Project) -> None:
    result = add_imported(recorded(project, "my gloves", 1))(project)
    file_moves.apply(project.root, result.moves)
    assert "my gloves" in [each.title for each in scan(project.root).classes]
    file_moves.apply(project.root, file_moves.reverse(result.moves))
    assert not (project.root / "my gloves").exists()


def test_pictures_without_a_class_are_kept_apart(project: Project) -> None:
    result = add_imported(recorded(project, None, 2))(project)
    assert [each.class_name for each in result.project.samples].count(None) == 2


def test_two_bursts_of_the_same_second_do_not_overwrite_each_other(project: Project) -> None:
    for _ in range(2):
        result = add_imported(recorded(project, "red", 2))(project)
        file_moves.apply(project.root, result.moves)
        project = result.project
    assert project.counts["red"] == 6
    assert len(list((project.root / "red").iterdir())) == 6


def test_a_picture_is_kept_whole_and_hardly_changed(project: Project) -> None:
    staged = recorded(project, "red", 1).pictures[0]
    path = project.root / staged.staged_path
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("JPEG", (64, 36))
        pixels = np.asarray(picture).astype(float)
    assert np.abs(pixels - frame()).mean() < 6
    facts = path.stat()
    assert (staged.size_bytes, staged.modified_ns) == (facts.st_size, facts.st_mtime_ns)
    assert staged.fingerprint == fingerprint(path)


def test_a_burst_that_is_given_up_leaves_nothing(project: Project) -> None:
    with BurstWriter(project, "red", MOMENT) as burst:
        burst.add(frame())
        assert left_behind(project) != []
    assert left_behind(project) == []


def test_a_burst_that_fails_leaves_nothing(project: Project) -> None:
    def fail() -> None:
        with BurstWriter(project, "red", MOMENT) as burst:
            burst.add(frame())
            raise RuntimeError("unforeseen")

    with pytest.raises(RuntimeError):
        fail()
    assert left_behind(project) == []


def test_a_burst_without_pictures_is_nothing_at_all(project: Project) -> None:
    assert recorded(project, "a new class", 0) == ImportedPictures(())
    assert left_behind(project) == []


def test_what_a_killed_burst_left_is_cleared_away_an_hour_later(project: Project) -> None:
    burst = BurstWriter(project, "red", MOMENT)
    burst.add(frame())
    incoming.remove_stale(project.root)
    assert len(left_behind(project)) == 1, "it may still be running"
    long_ago = time.time() - 4000
    os.utime(next((project.state_folder / "incoming").iterdir()), (long_ago, long_ago))
    incoming.remove_stale(project.root)
    assert left_behind(project) == []


def test_a_class_that_cannot_be_is_refused_before_anything_is_written(project: Project) -> None:
    with pytest.raises(StudioError, match="needs a name"):
        BurstWriter(project, "  ", MOMENT)


def test_a_folder_that_cannot_be_written_is_told_in_words(project: Project) -> None:
    project.state_folder.mkdir(exist_ok=True)
    (project.state_folder / "incoming").write_text("in the way")
    with BurstWriter(project, "red", MOMENT) as burst, pytest.raises(StudioError) as caught:
        burst.add(frame())
    assert "could not be written" in caught.value.sentence
