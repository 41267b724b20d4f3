"""Writing leaves the old or the new, never half of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage import atomic
from cnnstudio.core.storage.atomic import (
    fresh_folder,
    remove_stale_drafts,
    scratch_folder,
    write_text,
)


def test_the_content_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.json"
    write_text(path, "one")
    write_text(path, "zwei ü 帽")
    assert path.read_text("utf-8") == "zwei ü 帽"
    assert list(path.parent.iterdir()) == [path]


def test_a_failing_disk_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_text(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(StudioError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_names_that_are_no_utf8_get_their_bytes_back(tmp_path: Path) -> None:
    write_text(tmp_path / "file", os.fsdecode(b"caf\xe9.jpg"))
    assert (tmp_path / "file").read_bytes() == b"caf\xe9.jpg"


def test_a_finished_folder_appears_at_once(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "run"
    with fresh_folder(target) as draft:
        (draft / "a").write_text("a")
        assert not target.exists()
    assert [path.name for path in target.iterdir()] == ["a"]
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_leaves_no_folder(tmp_path: Path) -> None:
    def fail() -> None:
        with fresh_folder(tmp_path / "deep" / "run") as draft:
            (draft / "a").write_text("a")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_may_be_there_but_no_full_one_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with fresh_folder(tmp_path / "empty") as draft:
        (draft / "a").write_text("a")
    assert (tmp_path / "empty" / "a").exists()
    with (
        pytest.raises(StudioError, match="not empty"),
        fresh_folder(tmp_path / "empty"),
    ):
        pass
    with (
        pytest.raises(StudioError, match="a file at"),
        fresh_folder(tmp_path / "empty" / "a"),
    ):
        pass


LEAVING_A_DRAFT = """
import os, sys
from pathlib import Path
from cnnstudio.core.storage.atomic import fresh_folder
with fresh_folder(Path(sys.argv[1])) as draft:
    (draft / "a").write_text("a")
    os._exit(9)
"""


def test_the_draft_of_a_killed_program_is_removed_that_of_a_living_one_is_not(
    tmp_path: Path,
) -> None:
    with fresh_folder(tmp_path / "living") as living:
        command = [sys.executable, "-c", LEAVING_A_DRAFT, str(tmp_path / "killed")]
        killed = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
        assert killed.returncode == 9
        assert len(list(tmp_path.iterdir())) == 2
        remove_stale_drafts(tmp_path)
        assert list(tmp_path.iterdir()) == [living]
    assert list((tmp_path / "living").iterdir()) == []


def test_what_a_killed_program_had_unpacked_goes_and_what_a_living_one_has_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    somebody_elses = tmp_path / "cnnstudio-notes"
    somebody_elses.mkdir()
    left = tmp_path / "cnnstudio-killed"
    (left / "0").mkdir(parents=True)
    (left / ".lock").touch()
    os.utime(left / ".lock", (0, 0))
    with scratch_folder() as living:
        os.utime(living / ".lock", (0, 0))
        with scratch_folder() as other:
            assert set(tmp_path.iterdir()) == {somebody_elses, living, other}
    assert list(tmp_path.iterdir()) == [somebody_elses]
