"""Taking an edit back leaves the folder as it was, also where folders came and went with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnstudio.core import editing
from cnnstudio.core.class_edits import (
    label_as,
    merge_class,
    remove_class,
    set_class_note,
)
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import NamedEdit, label_samples
from cnnstudio.core.project import STATE_FOLDER, Project
from tests.builders import coloured_folder


def seen(root: Path) -> set[str]:
    """Every folder and file that other programs see."""
    paths = (path.relative_to(root) for path in root.rglob("*"))
    return {path.as_posix() for path in paths if path.parts[0] != STATE_FOLDER}


EDITS: dict[str, Callable[[Project], NamedEdit]] = {
    "merging a class that has sub-folders": lambda _: merge_class("b", "a"),
    "removing a class that has sub-folders": lambda _: remove_class("b"),
    "splitting off a class in the test part": lambda p: label_as([p.samples[-1].path], "new"),
    "taking the class away": lambda p: label_samples([p.samples[0].path], None),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize(
    "places",
    [{"a": 2, "b": 2, "b/sub": 2}, {"train/a": 2, "train/b/sub": 2, "train/b": 1, "test/b": 1}],
)
def test_undo_leaves_no_folder_behind(tmp_path: Path, name: str, places: dict[str, int]) -> None:
    project = scan(coloured_folder(tmp_path / "p", places))
    before = seen(project.root)
    after, step = editing.make(EDITS[name](project), project)
    taken_back = editing.undo(step, after)
    assert taken_back == project == scan(project.root)
    assert seen(project.root) == before
    again = editing.redo(step, taken_back)
    assert again == after == scan(project.root)


def test_a_project_of_parts_stays_one_when_one_class_is_left(tmp_path: Path) -> None:
    project = scan(coloured_folder(tmp_path / "p", {"train/a": 2, "train/b": 2}))
    assert project.layout == "splits"
    project, _ = editing.make(set_class_note("a", "kept"), project)
    project, _ = editing.make(merge_class("b", "a"), project)
    assert scan(project.root) == project
    assert scan(project.root).classes[0].note == "kept"


def test_a_class_called_test_does_not_turn_a_project_into_parts(tmp_path: Path) -> None:
    project = scan(coloured_folder(tmp_path / "p", {"a": 2, "b": 1, "train/x": 2}))
    assert project.layout == "classes"
    project, _ = editing.make(label_as([project.samples[0].path], "test"), project)
    assert scan(project.root) == project
    assert len(project.samples) == 5
