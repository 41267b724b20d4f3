"""What other programs do in the folder of an open project is noticed and loses nothing."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.dataset.rescanning import Rescan, differs, rescan
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from tests.builders import coloured_folder, coloured_picture


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "p", {"cats": 3, "dogs": 2, "_unlabelled": 1}))


def again(project: Project) -> Rescan:
    found = rescan(project, TaskContext())
    assert found is not None
    return found


def test_a_folder_that_nobody_touched_says_nothing_new(project: Project) -> None:
    assert rescan(project, TaskContext()) is None


def test_a_new_picture_is_noticed_and_the_others_stay_the_same_objects(project: Project) -> None:
    coloured_picture(project.root / "cats" / "new.png", "red")
    found = again(project)
    assert found.project.counts["cats"] == 4
    assert found.words == "Another program changed the folder: 1 new."
    same = {id(each) for each in project.samples}
    assert sum(id(each) in same for each in found.project.samples) == 6


def test_a_picture_moved_by_another_program_is_known_again(project: Project) -> None:
    shutil.move(project.root / "cats" / "1.png", project.root / "dogs" / "from_cats.png")
    found = again(project)
    assert found.moved == {"cats/1.png": "dogs/from_cats.png"}
    assert "1 moved" in found.words


def test_a_picture_deleted_by_another_program_is_gone_and_counted(project: Project) -> None:
    (project.root / "cats" / "1.png").unlink()
    found = again(project)
    assert found.moved == {"cats/1.png": None}
    assert "1 gone" in found.words


def test_a_picture_painted_over_is_another_one(project: Project) -> None:
    path = coloured_picture(project.root / "cats" / "1.png", "blue", size=40)
    os.utime(path, ns=(1, 1))
    found = again(project)
    assert found.moved == {"cats/1.png": None}
    assert "1 changed" in found.words


def test_a_class_folder_renamed_by_another_program_keeps_what_was_said_of_it(
    project: Project,
) -> None:
    cats = replace(project.classes[0], colour=7, key="c", note="small ones", is_switched_on=False)
    project = replace(project, classes=(cats, *project.classes[1:]))
    (project.root / "cats").rename(project.root / "kittens")
    found = again(project)
    kittens = found.project.image_class("kittens")
    assert (kittens.colour, kittens.key, kittens.note) == (7, "c", "small ones")
    assert (kittens.title, kittens.is_switched_on) == ("kittens", False)
    assert set(found.moved.values()) == {f"kittens/{n}.png" for n in (1, 2, 3)}


def test_a_drive_that_is_gone_is_told_and_the_project_stays(project: Project) -> None:
    project.root.rename(project.root.with_name("elsewhere"))
    with pytest.raises(StudioError, match="not there at the moment"):
        rescan(project, TaskContext())


def test_only_what_differs_from_the_project_makes_it_read_the_folder_again(
    project: Project,
) -> None:
    root = project.root

    def differ(*places: Path) -> bool:
        return differs(project, map(str, places))

    known = [root / "cats" / "1.png", root / "cats", root / "gone.png", root / ".cnnstudio" / "x"]
    assert not differ(*known)
    assert not differ(root / "cats" / "notes.txt", root.parent / "other.png")
    coloured_picture(root / "dogs" / "new.png", "red")
    assert differ(root / "dogs" / "new.png")
    (root / "birds").mkdir()
    assert differ(root / "birds")
    (root / "cats" / "1.png").unlink()
    assert differ(root / "cats" / "1.png")
    os.utime(root / "cats" / "2.png", ns=(5, 5))
    assert differ(root / "cats" / "2.png")
