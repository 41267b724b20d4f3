"""A check finds what would spoil a training, and says why."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.dataset.checks import check_folder, find_problems
from cnnstudio.core.dataset.health.findings import Finding, Fix
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage.index import Index
from tests.builders import coloured_folder, coloured_picture
from tests.core.dataset.health.scenes import grain, photo_folder, scene


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


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return photo_folder(tmp_path)


def spoilt(image: Image.Image, how: str) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    return {
        "blurred": lambda: image.filter(ImageFilter.GaussianBlur(3)),
        "dark": lambda: ImageEnhance.Brightness(image).enhance(0.15),
        "bright": lambda: Image.blend(image, white, 0.85),
        "uniform": lambda: Image.new("RGB", image.size, image.getpixel((0, 0))),
        "too small": lambda: image.resize((40, 30)),
        "long and narrow": lambda: image.crop((0, 0, 320, 70)),
    }[how]()


@pytest.mark.parametrize(
    "how", ["blurred", "dark", "bright", "uniform", "too small", "long and narrow"]
)
def test_a_picture_in_which_little_can_be_seen_is_named(photos: Path, how: str) -> None:
    assert findings(photos) == {}
    spoilt(scene(100), how).save(photos / "indoors" / "bad.png")
    spoilt(scene(101), how).save(photos / "outdoors" / "bad.png")
    found = findings(photos)
    assert found.keys() == {how}
    assert found[how].paths == ("indoors/bad.png", "outdoors/bad.png")
    assert found[how].words.startswith("2 pictures are ")
    assert found[how].why
    assert found[how].fixes == (Fix.REMOVE, Fix.IGNORE)


def test_a_class_that_is_soft_or_flat_by_nature_is_not_at_fault(photos: Path) -> None:
    for name in ("x-rays", "tiles"):
        (photos / name).mkdir()
    for number in range(12):
        soft = scene(200 + number).filter(ImageFilter.GaussianBlur(4))
        soft.save(photos / "x-rays" / f"{number}.png")
        grain(number, 1.5).resize((320, 240)).save(photos / "tiles" / f"{number}.png")
    assert findings(photos) == {}


def test_a_class_folder_that_may_not_be_opened_is_named(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests may run as a user who may open everything.
    monkeypatch.setattr("os.access", lambda place, _mode: Path(place).name != "indoors")
    found = findings(photos)["closed folder"]
    assert found.words == "indoors cannot be opened: there is no permission."
    assert found.gravity == "bad"


def test_a_class_that_is_dark_or_bright_by_nature_is_not_at_fault(photos: Path) -> None:
    for name, how in (("night", "dark"), ("on white", "bright")):
        (photos / name).mkdir()
        for number in range(12):
            spoilt(scene(300 + number), how).save(photos / name / f"{number}.png")
    found = findings(photos)
    assert not {"dark", "bright"} & found.keys()


def test_a_picture_of_one_colour_is_named_also_where_others_are_like_it(photos: Path) -> None:
    (photos / "tiles").mkdir()
    for number in range(12):
        plain = Image.new("RGB", (320, 240), (90 + number, 90, 90))
        plain.save(photos / "tiles" / f"{number}.png")
    assert len(findings(photos)["uniform"].paths) == 12


def test_a_folder_of_small_pictures_has_no_picture_that_is_too_small(tmp_path: Path) -> None:
    assert findings(coloured_folder(tmp_path, {"red": 10, "green": 10}, size=12)) == {}


def test_what_a_long_picture_loses_depends_on_how_it_is_fitted(photos: Path) -> None:
    scene(100).crop((0, 0, 320, 70)).save(photos / "indoors" / "long.png")
    assert "in its middle" in findings(photos)["long and narrow"].why
    padded = RunConfig(training=TrainingConfig(resize_mode="pad"))
    assert check_folder(replace(scan(photos), config=padded), TaskContext()) == []


def test_near_twins_are_groups_with_the_larger_one_first(photos: Path) -> None:
    scene(3).resize((240, 180)).save(photos / "indoors" / "a.jpg")
    scene(5).resize((240, 180)).save(photos / "indoors" / "b.jpg")
    found = findings(photos)
    assert found["near twins"].groups == (
        ("indoors/03.png", "indoors/a.jpg"),
        ("indoors/05.png", "indoors/b.jpg"),
    )
    assert found["near twins"].words == "2 pictures are near twins of others."
    assert Fix.KEEP_ONE in found["near twins"].fixes


def test_a_near_twin_in_another_class_is_a_wrong_label(photos: Path) -> None:
    scene(3).resize((240, 180)).save(photos / "outdoors" / "a.jpg")
    found = findings(photos)["twins in two classes"]
    assert found.words == "Nearly the same picture is in indoors and outdoors."
    assert found.fixes == (Fix.RELABEL, Fix.IGNORE)


def test_a_near_twin_in_another_part_is_told(tmp_path: Path) -> None:
    photo_folder(tmp_path / "train")
    (tmp_path / "test" / "indoors").mkdir(parents=True)
    scene(3).resize((240, 180)).save(tmp_path / "test" / "indoors" / "a.jpg")
    found = findings(tmp_path)
    assert found["twins in two parts"].words == "Nearly the same picture is in test and train."
    assert "near twins" not in found, "it is told once"


def test_a_copy_without_a_class_is_a_copy_of_the_one_that_has_one(photos: Path) -> None:
    (photos / "_unlabelled").mkdir()
    shutil.copy2(photos / "indoors" / "03.png", photos / "_unlabelled" / "a.png")
    assert findings(photos)["duplicate"].paths == ("indoors/03.png", "_unlabelled/a.png")


def problems(project: Project) -> list[Finding]:
    with Index(None) as index:
        rows = index_samples(project, project.samples, index, TaskContext())
        tiny = partial(index.find_features, TINY)
        return find_problems(project, rows, TaskContext(), tiny)


def test_what_is_ignored_for_good_stays_so_when_files_move(photos: Path) -> None:
    spoilt(scene(100), "blurred").save(photos / "indoors" / "bad.png")
    (found,) = problems(scan(photos))
    project = replace(scan(photos), ignored_findings=frozenset(found.keys))
    assert problems(project) == []
    (photos / "indoors" / "bad.png").rename(photos / "outdoors" / "known.png")
    moved = replace(scan(photos), ignored_findings=project.ignored_findings)
    assert problems(moved) == []
    spoilt(scene(101), "blurred").save(photos / "outdoors" / "new.png")
    another = replace(scan(photos), ignored_findings=project.ignored_findings)
    assert [each.paths for each in problems(another)] == [("outdoors/new.png",)]


def test_the_gravest_comes_first(photos: Path) -> None:
    spoilt(scene(100), "blurred").save(photos / "indoors" / "bad.png")
    shutil.copy(photos / "indoors" / "01.png", photos / "outdoors" / "copy.png")
    (photos / "indoors" / "broken.jpg").write_bytes(b"")
    assert list(findings(photos)) == ["two classes", "unreadable", "blurred"]


def test_the_sample_of_digits_has_nothing_to_complain_about(tmp_path: Path) -> None:
    from cnnstudio.core.sample import write_sample_project

    write_sample_project(tmp_path / "digits")
    assert check_folder(scan(tmp_path / "digits"), TaskContext()) == []


def test_real_photos_cause_hardly_a_false_alarm(shared_data: Path) -> None:
    found = check_folder(scan(shared_data / "clothing_160" / "validation"), TaskContext())
    doubtful = {"blurred", "dark", "bright", "uniform", "near twins", "twins in two classes"}
    assert [each.words for each in found if each.kind in doubtful] == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_file_without_permission_is_unreadable(photos: Path) -> None:
    (photos / "indoors" / "01.png").chmod(0)
    assert "no permission" in findings(photos)["unreadable"].words
