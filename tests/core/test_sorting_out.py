"""Answered pictures come into a folder for each class, all of them or none."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import NamedBytes
from cnnstudio.core.project import Project
from cnnstudio.core.sorting_out import (
    NOT_SURE_FOLDER,
    TABLE_NAME,
    Sorted,
    copy_into_folders,
    move_into_folders,
    take_back,
)
from cnnstudio.core.storage import project_file
from tests.builders import coloured_picture


def files_of(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


def content_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files_of(folder)}


@pytest.fixture
def pictures(tmp_path: Path) -> list[Sorted]:
    """Two of one name, and one that the run is not sure about."""
    place = tmp_path / "new"
    for name in "ab":
        (place / name).mkdir(parents=True)
    return [
        Sorted(coloured_picture(place / "a" / "1.png", "red"), "red", 0.9, False),
        Sorted(coloured_picture(place / "b" / "1.png", "red", "other"), "red", 0.8, False),
        Sorted(coloured_picture(place / "b" / "2.png", "blue"), "blue", 0.4, True),
    ]


def test_copies_lie_in_folders_of_their_classes(pictures: list[Sorted], tmp_path: Path) -> None:
    before = content_of(tmp_path / "new")
    target = tmp_path / "sorted"
    result = copy_into_folders(pictures, target)(TaskContext())
    assert files_of(target) == {
        "red/1.png", "red/1 (2).png", f"{NOT_SURE_FOLDER}/2.png", TABLE_NAME,
    }  # fmt: skip
    assert result.counts == {NOT_SURE_FOLDER: 1, "red": 2}
    assert content_of(tmp_path / "new") == before
    assert {each.name for each in target.iterdir()} == {"red", NOT_SURE_FOLDER, TABLE_NAME}
    with result.table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["file"] for row in rows] == [
        "red/1.png",
        "red/1 (2).png",
        f"{NOT_SURE_FOLDER}/2.png",
    ]
    assert rows[2] == {
        "file": f"{NOT_SURE_FOLDER}/2.png",
        "class": "blue",
        "probability": "0.400000",
        "not_sure": "yes",
        "before": str(pictures[2].source),
    }


def test_nothing_is_written_over(pictures: list[Sorted], tmp_path: Path) -> None:
    target = tmp_path / "sorted"
    (target / "red").mkdir(parents=True)
    (target / "red" / "1.png").write_bytes(b"mine")
    (target / TABLE_NAME).write_bytes(b"mine, too")
    copy_into_folders(pictures, target)(TaskContext())
    assert (target / "red" / "1.png").read_bytes() == b"mine"
    assert (target / TABLE_NAME).read_bytes() == b"mine, too"
    assert {"red/1 (2).png", "red/1 (3).png"} <= files_of(target)


@pytest.mark.parametrize("sort", [copy_into_folders, move_into_folders])
def test_when_one_picture_is_gone_nothing_happens(
    pictures: list[Sorted], tmp_path: Path, sort: object
) -> None:
    Path(str(pictures[1].source)).unlink()
    before = content_of(tmp_path)
    with pytest.raises(StudioError):
        sort(pictures, tmp_path / "sorted")(TaskContext())  # type: ignore[operator]
    assert content_of(tmp_path) == before
    assert {each.name for each in tmp_path.iterdir()} == {"new"}


def test_cancelled_nothing_is_left(pictures: list[Sorted], tmp_path: Path) -> None:
    context = TaskContext(lambda event: context.cancel())
    with pytest.raises(Cancelled):
        copy_into_folders(pictures, tmp_path / "sorted")(context)
    assert {each.name for each in tmp_path.iterdir()} == {"new"}


def test_moved_pictures_are_taken_back_to_where_they_were(
    pictures: list[Sorted], tmp_path: Path
) -> None:
    before = content_of(tmp_path / "new")
    target = tmp_path / "new" / "sorted"
    result = move_into_folders(pictures, target)(TaskContext())
    assert files_of(target) == {
        "red/1.png", "red/1 (2).png", f"{NOT_SURE_FOLDER}/2.png", TABLE_NAME,
    }  # fmt: skip
    assert not Path(str(pictures[0].source)).exists()
    assert not (tmp_path / "new" / ".cnnstudio").exists()
    take_back(result)(TaskContext())
    assert content_of(tmp_path / "new") == before
    assert not target.exists()


@pytest.mark.parametrize("there", ["", "sorted", "sorted/red"])
def test_only_folders_that_were_made_for_it_go_when_it_is_taken_back(
    pictures: list[Sorted], tmp_path: Path, there: str
) -> None:
    (tmp_path / "out" / there).mkdir(parents=True)
    before = set(tmp_path.rglob("*"))
    for target in (tmp_path / "out" / "sorted", tmp_path / "another" / "sorted"):
        take_back(move_into_folders(pictures, target)(TaskContext()))(TaskContext())
        assert set(tmp_path.rglob("*")) == before


def test_when_a_moved_picture_was_changed_since_nothing_is_taken_back(
    pictures: list[Sorted], tmp_path: Path
) -> None:
    result = move_into_folders(pictures, tmp_path / "sorted")(TaskContext())
    shutil.rmtree(tmp_path / "sorted" / NOT_SURE_FOLDER)
    left = content_of(tmp_path)
    with pytest.raises(StudioError):
        take_back(result)(TaskContext())
    assert content_of(tmp_path) == left


def test_pictures_of_a_project_are_not_moved(pictures: list[Sorted], tmp_path: Path) -> None:
    project_file.save(Project(tmp_path / "new"))
    with pytest.raises(StudioError, match="belongs to the project new"):
        move_into_folders(pictures, tmp_path / "sorted")(TaskContext())
    assert Path(str(pictures[0].source)).exists()
    copy_into_folders(pictures, tmp_path / "sorted")(TaskContext())


def test_nothing_is_sorted_into_a_project(pictures: list[Sorted], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    project_file.save(Project(tmp_path / "mine"))
    with pytest.raises(StudioError, match="belongs to the project mine"):
        copy_into_folders(pictures, tmp_path / "mine" / "more")(TaskContext())


def test_a_pasted_picture_is_copied_and_never_moved(tmp_path: Path) -> None:
    data = coloured_picture(tmp_path / "p.png", "red").read_bytes()
    pasted = [Sorted(NamedBytes("pasted picture", data), "red", 1.0)]
    copy_into_folders(pasted, tmp_path / "sorted")(TaskContext())
    assert (tmp_path / "sorted" / "red" / "pasted picture.png").read_bytes() == data
    with pytest.raises(StudioError, match="cannot be moved"):
        move_into_folders(pasted, tmp_path / "sorted")(TaskContext())


@pytest.mark.parametrize("sign", ["runs", "split.json"])
def test_pictures_of_a_folder_that_was_trained_in_place_are_not_moved(
    tmp_path: Path, sign: str
) -> None:
    (tmp_path / "trained" / "red").mkdir(parents=True)
    picture = coloured_picture(tmp_path / "trained" / "red" / "1.png", "red")
    state = tmp_path / "trained" / ".cnnstudio"
    state.mkdir()
    (state / sign).touch()
    moved = move_into_folders([Sorted(picture, "red", 0.9)], tmp_path / "sorted")
    with pytest.raises(StudioError, match="belongs to the project trained"):
        moved(TaskContext())
    assert picture.is_file()
