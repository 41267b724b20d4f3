"""The digits that ship with the program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.resources import resource_path
from cnnstudio.core.sample import read_digits, write_digits

PICTURES_PER_CLASS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def relative_pictures(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))


def cancel_after(pictures: int) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        if done >= pictures:
            raise Cancelled

    return report


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "Digits"
    assert write_digits(folder) == 1797
    return folder


def test_the_sheet_holds_exactly_the_digits_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    original = datasets.load_digits()
    tiles, digits = read_digits()
    assert digits.tolist() == original.target.tolist()
    assert np.array_equal(tiles, np.rint(original.images * 255 / 16))


def test_each_digit_becomes_a_class_folder_with_all_its_pictures(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == [str(n) for n in range(10)]
    counts = [len(list((written / str(n)).glob("digit_*.png"))) for n in range(10)]
    assert counts == PICTURES_PER_CLASS
    assert (written / "0" / "digit_0001.png").is_file()


def test_a_written_picture_is_its_tile_enlarged(written: Path) -> None:
    tiles, digits = read_digits()
    for index in (0, 900, 1796):
        path = written / str(digits[index]) / f"digit_{index + 1:04d}.png"
        with Image.open(path) as picture:
            assert (picture.mode, picture.size) == ("L", (32, 32))
            shrunk = picture.resize((8, 8), Image.Resampling.BOX)
        difference = np.asarray(shrunk, dtype=int) - tiles[index]
        assert np.abs(difference).mean() < 20


def test_nothing_is_left_beside_the_written_folder(written: Path) -> None:
    assert [path.name for path in written.parent.iterdir()] == ["Digits"]


def test_writing_again_changes_nothing(written: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in written.rglob("*")}
    assert write_digits(written) == 0
    assert {path: path.stat().st_mtime_ns for path in written.rglob("*")} == before


def test_classes_that_the_user_renamed_do_not_come_back(tmp_path: Path) -> None:
    write_digits(tmp_path / "Digits")
    (tmp_path / "Digits" / "0").rename(tmp_path / "Digits" / "zero")
    assert write_digits(tmp_path / "Digits") == 0
    assert not (tmp_path / "Digits" / "0").exists()


def test_a_project_without_classes_receives_the_digits_and_keeps_its_own_files(
    tmp_path: Path,
) -> None:
    project_file = tmp_path / "Digits" / ".cnnstudio" / "project.json"
    project_file.parent.mkdir(parents=True)
    project_file.write_text("{}")
    (tmp_path / "Digits" / "_unlabelled").mkdir()
    assert write_digits(tmp_path / "Digits") == 1797
    assert project_file.read_text() == "{}"


def test_progress_is_reported_up_to_the_last_picture(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_digits(tmp_path / "Digits", lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert len(seen) > 20
    assert seen[-1] == (1797, 1797)


def test_a_cancelled_write_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        write_digits(tmp_path / "Digits", cancel_after(600))
    assert list(tmp_path.iterdir()) == []


KILLED_WHILE_WRITING = """
import os, sys
from pathlib import Path
from cnnstudio.core.sample import write_digits
write_digits(Path(sys.argv[1]), lambda done, total: os._exit(9) if done >= 600 else None)
"""

KILLED_WHILE_MOVING_IN = """
import os, sys
from pathlib import Path
from cnnstudio.core.sample import write_digits
rename = Path.rename
def dying_rename(source, target):
    if source.name == "4":
        os._exit(9)
    return rename(source, target)
Path.rename = dying_rename
write_digits(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("script", [KILLED_WHILE_WRITING, KILLED_WHILE_MOVING_IN])
def test_a_killed_write_is_finished_by_the_next_one(
    script: str, tmp_path: Path, written: Path
) -> None:
    folder = tmp_path / "Digits"
    killed = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert killed.returncode == 9
    assert write_digits(folder) > 0
    assert relative_pictures(folder) == relative_pictures(written)
    assert [path.name for path in tmp_path.iterdir()] == ["Digits"]


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudioError, match="could not be written"):
        write_digits(tmp_path / "file" / "Digits")


def test_a_missing_resource_is_explained() -> None:
    with pytest.raises(StudioError, match=r"resources/icons/no_such\.svg"):
        resource_path("icons", "no_such.svg")
