"""Whatever pictures can be imported from can be asked about, without becoming part of a project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnstudio.core.asked_pictures import Asked, look_into
from cnnstudio.core.predictions import NamedFile, PictureProblem, name_of
from tests.archives import make_tar, make_zip, png
from tests.builders import coloured_folder, coloured_picture
from tests.videos import make_video, steps


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def unpacked(scratch: Path, *sources: Path, skipped: frozenset[str] = frozenset()) -> list[Asked]:
    return list(look_into(sources, scratch).unpacked(skipped))


def named(asked: list[Asked]) -> dict[str, str]:
    """Name of each picture, and what is wrong with it."""
    return {
        each.source if isinstance(each, PictureProblem) else name_of(each): (
            each.reason if isinstance(each, PictureProblem) else ""
        )
        for each in asked
    }


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_an_archive_stands_for_the_pictures_in_it(scratch: Path, tmp_path: Path, kind: str) -> None:
    content = {
        "red/1.png": png(tmp_path, "a"),
        "blue/1.png": png(tmp_path, "b", "blue"),
        "notes.txt": b"no picture",
    }
    archive = tmp_path / f"fruit.{kind}"
    if kind == "zip":
        make_zip(archive, content)
    else:
        make_tar(archive, content, "w:gz" if kind.endswith("gz") else "w")
    found = unpacked(scratch, archive)
    assert set(named(found)) == {f"{archive}/red/1.png", f"{archive}/blue/1.png"}
    for each in found:
        assert isinstance(each, NamedFile)
        inner = each.name.removeprefix(f"{archive}/")
        assert each.path.read_bytes() == content[inner]
        assert each.path.is_relative_to(scratch)


def test_what_was_answered_before_is_not_unpacked_again(scratch: Path, tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {f"{n}.png": png(tmp_path, str(n)) for n in range(3)})
    left = unpacked(scratch, archive, skipped=frozenset({f"{archive}/0.png", f"{archive}/2.png"}))
    assert list(named(left)) == [f"{archive}/1.png"]
    assert len([each for each in scratch.rglob("*") if each.is_file()]) == 1


@pytest.mark.skipif(os.name == "nt", reason="no pipes among files there")
def test_what_only_bears_the_name_of_a_picture_is_not_passed_over(
    scratch: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "link.png").symlink_to("nowhere.png")
    os.mkfifo(folder / "pipe.png")
    outside = {"1.png": png(tmp_path), "../outside.png": png(tmp_path), "../notes.txt": b"text"}
    archive = make_zip(tmp_path / "a.zip", outside)
    asked = look_into([folder, archive], scratch)
    assert asked.count(()) == 4
    found = list(asked.unpacked(()))
    assert found[:2] == [folder / "link.png", folder / "pipe.png"]
    assert named(found[2:]) == {
        f"{archive}/1.png": "",
        f"{archive}/outside.png": "its name leads out of the archive",
    }


def test_a_damaged_archive_says_why(scratch: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"PK\x03\x04" + b"rubbish" * 20)
    ((name, reason),) = named(unpacked(scratch, archive)).items()
    assert name == str(archive)
    assert reason


def test_a_table_stands_for_the_pictures_that_it_names(scratch: Path, tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"red": 2})
    table = tmp_path / "list.csv"
    table.write_text("file,class\nred/1.png,red\nred/2.png,?\nred/9.png,red\n")
    found = named(unpacked(scratch, table))
    assert [found[str(tmp_path / "red" / f"{n}.png")] for n in (1, 2)] == ["", ""]
    assert len(found) == 3
    assert sum(bool(reason) for reason in found.values()) == 1


def test_a_video_gives_two_pictures_a_second(scratch: Path, tmp_path: Path) -> None:
    clip = make_video(tmp_path / "walk.avi", steps(30))  # three seconds
    found = unpacked(scratch, clip)
    assert len(found) in (6, 7)
    assert all(isinstance(each, NamedFile) and each.path.is_file() for each in found)


def test_folders_and_single_files_keep_their_order(scratch: Path, tmp_path: Path) -> None:
    folder = coloured_folder(tmp_path / "many", {"red": 2})
    single = coloured_picture(tmp_path / "single.png", "blue")
    asked = look_into([single, folder], scratch)
    assert (asked.count(()), asked.count({str(single)})) == (3, 2)
    assert list(asked.unpacked(())) == [single, folder / "red" / "1.png", folder / "red" / "2.png"]
