"""A check finds what would spoil a training, and says why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cnnstudio.core.dataset.checks import check_folder
from cnnstudio.core.dataset.health.findings import Finding
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.jobs import TaskContext
from tests.builders import coloured_folder, coloured_picture


def findings(root: Path) -> dict[str, Finding]:
    found = check_folder(scan(root), TaskContext())
    assert len({each.kind for each in found}) == len(found)
    return {each.kind: each for each in found}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path, {"red": 10, "green": 10})


def test_a_good_folder_has_no_findings_and_is_left_alone(root: Path) -> None:
    before = sorted(root.rglob("*"))
    assert findings(root) == {}
    assert sorted(root.rglob("*")) == before


def test_an_unreadable_picture_is_named_with_its_reason(root: Path) -> None:
    (root / "red" / "broken.jpg").write_bytes(b"")
    found = findings(root)["unreadable"]
    assert found.words == "red/broken.jpg cannot be read: the file is empty."
    assert found.paths == ("red/broken.jpg",)


def test_copies_in_a_class_are_found(root: Path) -> None:
    shutil.copy(root / "red" / "1.png", root / "red" / "copy.png")
    assert findings(root)["duplicate"].paths == ("red/1.png", "red/copy.png")


def test_a_picture_in_two_classes_is_found(root: Path) -> None:
    shutil.copy(root / "red" / "1.png", root / "green" / "x.png")
    found = findings(root)["two classes"]
    assert found.words == "The same picture is in green and red."
    assert found.paths == ("red/1.png", "green/x.png")


def test_a_picture_in_two_parts_is_found(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"train/red": 10, "train/green": 10, "test/red": 1, "test/green": 1})
    shutil.copy(tmp_path / "train/red/1.png", tmp_path / "test/red/x.png")
    assert findings(tmp_path)["two parts"].paths == ("test/red/x.png", "train/red/1.png")


def test_small_and_empty_classes_and_imbalance_are_found(root: Path) -> None:
    coloured_folder(root, {"blue": 1, "white": 0})
    found = findings(root)
    assert found["small class"].words == "blue has only 1 picture."
    assert found["empty class"].words == "white has no pictures."
    assert found["imbalance"].words == "green has 10 pictures, blue only 1."


def test_a_class_whose_pictures_cannot_be_read_counts_as_empty(root: Path) -> None:
    (root / "blue").mkdir()
    (root / "blue" / "1.jpg").write_bytes(b"")
    assert findings(root)["empty class"].words == "blue has no pictures."


def test_pictures_beside_the_class_folders_are_named(root: Path) -> None:
    coloured_picture(root / "loose.png", "red")
    assert findings(root)["ignored"].paths == ("loose.png",)


def test_an_ending_that_lies_is_named(root: Path) -> None:
    coloured_picture(root / "red" / "x.jpg", "red", seed="x").rename(root / "red" / "x.png")
    assert findings(root)["wrong ending"].words == "red/x.png is really a JPEG picture."


def test_a_check_can_be_cancelled(root: Path) -> None:
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        check_folder(scan(root), context)


def test_every_fault_of_the_messy_folder_is_found(shared_data: Path) -> None:
    found = check_folder(scan(shared_data / "messy"), TaskContext())
    words = {(each.kind, path) for each in found for path in each.paths}
    assert ("unreadable", "shoes/zero.jpg") in words
    assert ("unreadable", "shoes/truncated_half.jpg") in words
    assert ("unreadable", "Hüte (帽子)/bomb.png") in words
    assert ("unreadable", "pants/webpage.jpg") in words
    assert ("duplicate", "shoes/dup_same_class.jpg") in words
    assert ("two classes", "dress.v2/dup_of_shoe.jpg") in words
    assert ("ignored", "loose_in_root.jpg") in words
    sentences = [each.words for each in found]
    assert "readme only has no pictures." in sentences
    assert "only one image has only 1 picture." in sentences


def test_a_link_to_nowhere_and_a_drawing_are_unreadable(root: Path) -> None:
    (root / "red" / "lost.jpg").symlink_to("nowhere.jpg")
    assert findings(root)["unreadable"].words == (
        "red/lost.jpg cannot be read: this is a link to a file that is not there."
    )
    (root / "red" / "lost.jpg").unlink()
    (root / "red" / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    assert "a line drawing (SVG)" in findings(root)["unreadable"].words


def test_damaged_settings_are_found_and_left_where_they_are(root: Path) -> None:
    state = root / ".cnnstudio"
    state.mkdir()
    (state / "project.json").write_text("{damaged")
    found = check_folder(scan(root, is_read_only=True), TaskContext())
    assert [each.words for each in found] == [".cnnstudio/project.json is damaged."]
    assert [path.name for path in state.iterdir()] == ["project.json"]


def test_a_folder_without_pictures_or_with_one_class_cannot_be_learned_from(
    tmp_path: Path,
) -> None:
    coloured_folder(tmp_path, {"red": 0})
    assert "no pictures" in findings(tmp_path)
    coloured_folder(tmp_path, {"red": 10})
    assert "too few classes" in findings(tmp_path)


def test_parts_without_a_train_folder_are_found(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"val/red": 10, "val/green": 10, "test/red": 1})
    assert "no train folder" in findings(tmp_path)
