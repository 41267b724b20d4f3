"""Edits change the project and its folder alike, and all of them can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.class_edits import add_class, remove_class, rename_class, reorder_classes
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import NamedEdit, label_samples, remove_run, remove_samples
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project
from cnnstudio.core.storage import file_moves, project_file
from tests.builders import coloured_folder


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "project", {"cats": 3, "cats/sub": 1, "dogs": 2}))


@pytest.fixture
def parts(tmp_path: Path) -> Project:
    places = {"train/cats": 2, "test/cats": 1, "train/dogs": 1, "_unlabelled": 1}
    return scan(coloured_folder(tmp_path / "parts", places))


def make(edit: NamedEdit, project: Project) -> Project:
    """Make an edit for real; afterwards the folder must say what the project says."""
    result = edit(project)
    file_moves.apply(project.root, result.moves)
    project_file.save(result.project)
    assert scan(project.root) == result.project
    return result.project


def paths(project: Project) -> list[str]:
    return [sample.path for sample in project.samples]


def names(project: Project) -> list[str]:
    return [each.name for each in project.classes]


def test_a_class_is_added_with_its_folder(project: Project) -> None:
    after = make(add_class("  Hüte  (帽子) "), project)
    assert names(after) == ["cats", "dogs", "Hüte (帽子)"]
    assert (project.root / "Hüte (帽子)").is_dir()


def test_a_title_no_system_takes_as_a_folder_name_still_is_a_title(project: Project) -> None:
    after = make(add_class("a/b: <c>?"), project)
    assert (after.classes[-1].title, after.classes[-1].name) == ("a/b: <c>?", "a_b_ _c__")


def test_what_acts_instead_of_being_shown_is_no_part_of_a_title(project: Project) -> None:
    after = make(add_class("x\x07y\u202egnp\0"), project)
    assert after.classes[-1].title == "xygnp"


@pytest.mark.parametrize("title", ["cats", " CATS ", "", "  ", "x" * 300])
def test_a_title_that_is_taken_empty_or_endless_is_refused(project: Project, title: str) -> None:
    with pytest.raises(StudioError):
        add_class(title)(project)
    with pytest.raises(StudioError):
        rename_class("dogs", title)(project)


def test_a_class_is_renamed_with_its_folder_and_keeps_its_place(project: Project) -> None:
    after = make(rename_class("cats", "Kittens"), project)
    assert names(after) == ["Kittens", "dogs"]
    assert after.counts == {"Kittens": 4, "dogs": 2}
    assert "Kittens/sub/1.png" in paths(after)


def test_only_the_spelling_of_a_class_may_change(project: Project) -> None:
    after = make(rename_class("cats", "Cats"), project)
    assert [each.title for each in after.classes] == ["Cats", "dogs"]
    again = make(rename_class(after.classes[0].name, "cats"), after)
    assert paths(again) == paths(project)


def test_a_class_of_parts_is_renamed_in_every_part(parts: Project) -> None:
    after = make(rename_class("cats", "Kittens"), parts)
    assert paths(after) == [
        "test/Kittens/1.png",
        "train/Kittens/1.png",
        "train/Kittens/2.png",
        "train/dogs/1.png",
        "_unlabelled/1.png",
    ]


def test_a_removed_class_goes_to_the_bin_with_everything_in_its_folder(project: Project) -> None:
    (project.root / "cats" / "notes.txt").write_text("mine")
    after = make(remove_class("cats"), project)
    assert names(after) == ["dogs"]
    assert len(list(project.bin_folder.rglob("*.png"))) == 4
    assert len(list(project.bin_folder.rglob("notes.txt"))) == 1


def test_a_class_of_parts_is_removed_from_every_part(parts: Project) -> None:
    after = make(remove_class("cats"), parts)
    assert paths(after) == ["train/dogs/1.png", "_unlabelled/1.png"]
    assert len(list(parts.bin_folder.rglob("*.png"))) == 3


def test_labelled_pictures_move_to_the_folder_of_their_class(project: Project) -> None:
    after = make(label_samples(["cats/2.png", "cats/3.png", "cats/sub/1.png"], "dogs"), project)
    assert paths(after) == [
        "cats/1.png",
        "dogs/1 (2).png",
        "dogs/1.png",
        "dogs/2 (2).png",
        "dogs/2.png",
        "dogs/3.png",
    ]


def test_pictures_can_lose_their_class(project: Project) -> None:
    after = make(label_samples(["cats/1.png"], None), project)
    assert paths(after)[-1] == "_unlabelled/1.png"
    assert after.counts[None] == 1


def test_a_picture_that_has_the_class_already_stays_where_it_is(project: Project) -> None:
    assert label_samples(["cats/sub/1.png"], "cats")(project).moves == ()


def test_pictures_of_parts_stay_in_their_part_when_their_class_changes(parts: Project) -> None:
    chosen = ["test/cats/1.png", "train/cats/1.png", "_unlabelled/1.png"]
    after = make(label_samples(chosen, "dogs"), parts)
    assert paths(after) == [
        "train/cats/2.png",
        "test/dogs/1.png",
        "train/dogs/1 (2).png",
        "train/dogs/1 (3).png",
        "train/dogs/1.png",
    ]


def test_a_file_that_came_meanwhile_is_not_written_over(project: Project) -> None:
    (project.root / "dogs" / "3.png").write_text("new")
    result = label_samples(["cats/3.png"], "dogs")(project)
    file_moves.apply(project.root, result.moves)
    assert (project.root / "dogs" / "3.png").read_text() == "new"
    assert (project.root / "dogs" / "3 (2).png").is_file()


def test_a_very_long_name_still_finds_a_free_one(tmp_path: Path) -> None:
    root = coloured_folder(tmp_path, {"cats": 1, "dogs": 1})
    for place in ("cats", "dogs"):
        (root / place / "1.png").rename(root / place / f"{'ü' * 124}.png")
    after = make(label_samples([f"cats/{'ü' * 124}.png"], "dogs"), scan(root))
    assert after.counts == {"dogs": 2}


def test_removed_pictures_go_to_the_bin(project: Project) -> None:
    after = make(remove_samples(["cats/1.png", "cats/sub/1.png"]), project)
    assert paths(after) == ["cats/2.png", "cats/3.png", "dogs/1.png", "dogs/2.png"]
    assert len(list(project.bin_folder.rglob("*.png"))) == 2


def test_pictures_that_are_no_longer_there_are_refused(project: Project) -> None:
    for edit in (remove_samples(["cats/9.png"]), label_samples(["cats/9.png"], "dogs")):
        with pytest.raises(StudioError, match="no longer"):
            edit(project)


def test_classes_get_another_order(project: Project) -> None:
    after = make(reorder_classes(["dogs", "cats"]), project)
    assert names(after) == ["dogs", "cats"]
    assert paths(after)[0] == "dogs/1.png"
    with pytest.raises(StudioError):
        reorder_classes(["dogs"])(project)


def test_a_removed_run_comes_back_by_undo(project: Project) -> None:
    (project.runs_folder / "one").mkdir(parents=True)
    (project.runs_folder / "one" / "model.keras").write_text("weights")
    result = remove_run("one")(project)
    file_moves.apply(project.root, result.moves)
    assert not (project.runs_folder / "one").exists()
    file_moves.apply(project.root, file_moves.reverse(result.moves))
    assert (project.runs_folder / "one" / "model.keras").read_text() == "weights"
    with pytest.raises(StudioError):
        remove_run("../..")(project)


def test_edits_say_what_undo_would_take_back() -> None:
    assert label_samples(["a", "b"], "cats").words == "Move 2 pictures to cats"
    assert label_samples(["a"], None).words == "Move 1 picture to unlabelled"
    assert remove_samples([str(n) for n in range(1200)]).words == "Remove 1,200 pictures"
    assert rename_class("cats", " Kittens ").words == "Rename class cats to Kittens"
