"""Any folder of class folders opens as it is."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from cnnstudio.core.dataset.images import UnreadablePicture, fingerprint, open_picture
from cnnstudio.core.dataset.reading import read_bytes
from cnnstudio.core.dataset.scanning import natural_key, picture_files, scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from tests.builders import coloured_folder, coloured_picture

AWKWARD = ["Hüte (帽子)", "T-Shirt & Tops", "dress.v2", "100%_#1", 'o\'neil "q"', "😀", "a=b;c,d"]


def class_names(project: Project) -> list[str]:
    return [each.name for each in project.classes]


def paths(project: Project) -> list[str]:
    return [sample.path for sample in project.samples]


def test_each_folder_is_a_class_whatever_its_name(tmp_path: Path) -> None:
    coloured_folder(tmp_path, dict.fromkeys(AWKWARD, 1))
    project = scan(tmp_path)
    assert sorted(class_names(project)) == sorted(AWKWARD)
    assert project.counts == dict.fromkeys(AWKWARD, 1)
    assert all(project.absolute(sample).is_file() for sample in project.samples)


def test_pictures_in_sub_folders_belong_to_the_class_around_them(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"cats": 1, "cats/2019/may": 2, "dogs": 1})
    assert scan(tmp_path).counts == {"cats": 3, "dogs": 1}


def test_hidden_and_junk_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"cats": 1, "__MACOSX": 1, ".hidden": 1, "cats/.cache": 1})
    for name in ("._1.png", ".DS_Store", "Thumbs.db", "notes.txt", "clip.mp4"):
        (tmp_path / "cats" / name).write_bytes(b"junk")
    project = scan(tmp_path)
    assert class_names(project) == ["cats"]
    assert paths(project) == ["cats/1.png"]


def test_a_class_folder_without_pictures_is_a_class(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"cats": 1, "dogs": 0})
    (tmp_path / "dogs" / "readme.md").write_text("none yet")
    project = scan(tmp_path)
    assert class_names(project) == ["cats", "dogs"]
    assert project.counts == {"cats": 1}


def test_pictures_without_a_class_come_last(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"_unlabelled": 1, "zebras": 1})
    project = scan(tmp_path)
    assert class_names(project) == ["zebras"]
    assert [sample.class_name for sample in project.samples] == ["zebras", None]


def test_pictures_beside_the_class_folders_are_not_taken(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"cats": 1})
    coloured_picture(tmp_path / "loose.png", "red")
    assert paths(scan(tmp_path)) == ["cats/1.png"]


def test_an_empty_folder_is_an_empty_project(tmp_path: Path) -> None:
    project = scan(tmp_path)
    assert (project.classes, project.samples) == ((), ())


def test_classes_and_pictures_come_in_the_order_people_count(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"class 10": 11, "Class 9": 1, "class 1": 1})
    project = scan(tmp_path)
    assert class_names(project) == ["class 1", "Class 9", "class 10"]
    assert [p for p in paths(project) if "10/" in p][-2:] == ["class 10/10.png", "class 10/11.png"]


@pytest.mark.parametrize("validation", ["val", "validation", "valid", "Validation"])
def test_train_validation_and_test_folders_are_the_split(tmp_path: Path, validation: str) -> None:
    places = {
        "train/red": 3,
        "train/green": 3,
        f"{validation}/red": 2,
        "test/red": 1,
        "test/blue": 1,
    }
    coloured_folder(tmp_path, {**places, "_unlabelled": 1})
    project = scan(tmp_path)
    assert project.layout == "splits"
    assert class_names(project) == ["blue", "green", "red"]
    pins = [
        (s.path.split("/")[0], s.pinned_split) for s in project.samples if s.class_name == "red"
    ]
    assert set(pins) == {("train", "train"), (validation, "validation"), ("test", "test")}
    assert dict(project.split_folders) == {
        "train": "train",
        "validation": validation,
        "test": "test",
    }
    assert [s.pinned_split for s in project.samples if s.class_name is None] == [None]


def test_training_and_test_folders_alone_are_a_split(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"training/red": 1, "test/red": 1})
    assert scan(tmp_path).split_folders == (("test", "test"), ("train", "training"))


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"train": 2, "bus": 2})
    project = scan(tmp_path)
    assert (project.layout, class_names(project)) == ("classes", ["bus", "train"])


def test_a_lone_train_folder_with_class_folders_is_looked_into(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"train/red": 1, "train/green": 1})
    assert class_names(scan(tmp_path)) == ["green", "red"]


def test_links_in_a_circle_end_and_linked_folders_are_read_once(tmp_path: Path) -> None:
    root = coloured_folder(tmp_path / "root", {"cats": 2})
    outside = coloured_folder(tmp_path / "outside", {"more": 1})
    (root / "cats" / "round").symlink_to(root, target_is_directory=True)
    (root / "cats" / "again").symlink_to(root / "cats", target_is_directory=True)
    (root / "cats" / "self").symlink_to("self")
    (root / "cats" / "nowhere.png").symlink_to("gone.png")
    (root / "dogs").symlink_to(outside / "more", target_is_directory=True)
    (root / "cats" / "one.png").symlink_to(outside / "more" / "1.png")
    assert paths(scan(root)) == [
        "cats/1.png",
        "cats/2.png",
        "cats/nowhere.png",  # so that it is reported
        "cats/one.png",
        "dogs/1.png",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no UTF-8")
def test_a_file_name_that_is_no_utf8_is_a_picture_like_any_other(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"cats": 1})
    name = os.fsdecode(b"caf\xe9.png")
    (tmp_path / "cats" / "1.png").rename(tmp_path / "cats" / name)
    project = scan(tmp_path)
    assert paths(project) == [f"cats/{name}"]
    assert project.absolute(project.samples[0]).is_file()


def test_a_folder_that_cannot_be_written_opens_and_stays_as_it_is(tmp_path: Path) -> None:
    root = coloured_folder(tmp_path / "root", {"cats": 1})
    (root / ".cnnstudio").mkdir()
    (root / ".cnnstudio" / "project.json").write_text("damaged")
    before = sorted(root.rglob("*"))
    for folder in (root, root / ".cnnstudio"):
        folder.chmod(0o555)
    try:
        assert scan(root).counts == {"cats": 1}
        if not os.access(root / ".cnnstudio", os.W_OK):  # root may write everywhere
            assert sorted(root.rglob("*")) == before
    finally:
        for folder in (root, root / ".cnnstudio"):
            folder.chmod(0o755)


def test_opening_a_plain_folder_writes_nothing(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"cats": 1})
    before = sorted(tmp_path.rglob("*"))
    scan(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_a_killed_import_left_is_removed_but_not_a_running_one(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"cats": 1})
    old, new = (tmp_path / ".cnnstudio" / "incoming" / name for name in ("old", "new"))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "1.png").write_text("half")
    long_ago = time.time() - 90_000
    os.utime(old, (long_ago, long_ago))
    scan(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_folder_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudioError, match=name):
        scan(tmp_path / name)


def test_a_scan_can_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    for number in range(600):
        (tmp_path / "cats" / f"{number}.jpg").touch()
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        scan(tmp_path, context)


def test_pictures_of_a_folder_are_found_with_those_below(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"": 2, "sub": 1, ".git": 1})
    found = picture_files(tmp_path, TaskContext())
    assert found == [tmp_path / "1.png", tmp_path / "2.png", tmp_path / "sub" / "1.png"]


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["b2", "a10", "A9", "a", "10", "9", "a1b10", "a1b9", "²"]
    assert sorted(names, key=natural_key) == [
        "9",
        "10",
        "a",
        "a1b9",
        "a1b10",
        "A9",
        "a10",
        "b2",
        "²",
    ]


def test_the_messy_folder_has_the_classes_and_pictures_it_should(shared_data: Path) -> None:
    project = scan(shared_data / "messy")
    assert class_names(project) == sorted(
        [
            "dress.v2",
            "Hüte (帽子)",
            "only one image",
            "pants",
            "readme only",
            "shoes",
            "T-Shirt & Tops",
        ],
        key=natural_key,
    )
    assert "readme only" not in project.counts
    assert project.counts["only one image"] == 1
    assert not any(path.rpartition("/")[2].startswith(".") for path in paths(project))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_pipe_and_a_device_are_listed_and_reported_but_never_opened(tmp_path: Path) -> None:
    root = coloured_folder(tmp_path / "root", {"cats": 1})
    os.mkfifo(root / "cats" / "pipe.jpg")
    os.mkfifo(root / "cats" / "without ending")
    (root / "cats" / "endless.jpg").symlink_to("/dev/zero")
    assert paths(scan(root)) == ["cats/1.png", "cats/endless.jpg", "cats/pipe.jpg"]
    for name in ("pipe.jpg", "endless.jpg"):
        for read in (read_bytes, open_picture, fingerprint):
            with pytest.raises(UnreadablePicture, match="this is not a regular file"):
                read(root / "cats" / name)
    listed = [path.name for path in picture_files(root, TaskContext())]
    assert listed == ["1.png", "endless.jpg", "pipe.jpg"]


def test_parts_without_a_train_folder_are_still_parts(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"val/red": 2, "val/green": 2, "test/red": 1})
    project = scan(tmp_path)
    assert project.layout == "splits"
    assert [each.name for each in project.classes] == ["green", "red"]


def test_a_scan_that_may_only_read_leaves_a_damaged_project_file_where_it_is(
    tmp_path: Path,
) -> None:
    coloured_folder(tmp_path, {"red": 2, "green": 2})
    state = tmp_path / ".cnnstudio"
    state.mkdir()
    (state / "project.json").write_text("{damaged")
    assert len(scan(tmp_path, is_read_only=True).samples) == 4
    assert [path.name for path in state.iterdir()] == ["project.json"]
    scan(tmp_path)
    assert [path.name for path in state.iterdir()] == ["project.json.damaged"]
