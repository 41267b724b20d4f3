"""Moves of files happen wholly or not at all, whatever interrupts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage.file_moves import FileMove, apply, recover, reverse

MOVES = (
    FileMove("cats/1.jpg", "dogs/1.jpg"),
    FileMove(None, "birds"),
    FileMove("cats/2.jpg", "birds/2.jpg"),
    FileMove("fish", ".cnnstudio/bin/20260101/fish"),
    FileMove("empty", None),
    FileMove("dogs", "hounds"),
)

KILLED_WHILE_MOVING = """
import os, sys
from pathlib import Path
from cnnstudio.core.storage import file_moves
from tests.core.storage.test_file_moves import MOVES
root, step, when = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
make, made = file_moves._make, 0
def dying(root, move):
    global made
    if made == step and when == "before":
        os._exit(9)
    make(root, move)
    if made == step and when == "after":
        os._exit(9)
    made += 1
file_moves._make = dying
file_moves.apply(root, MOVES)
os._exit(0)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path in ("cats/1.jpg", "cats/2.jpg", "fish/a/b.jpg", "dogs/7.jpg"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "empty").mkdir()
    return root


def everything(root: Path) -> dict[str, str | None]:
    """Every file with its content and every folder, but for the empty state folder."""
    found = {
        path.relative_to(root).as_posix(): path.read_text() if path.is_file() else None
        for path in root.rglob("*")
    }
    found.pop(".cnnstudio", None)
    return found


def test_all_files_and_folders_arrive(root: Path) -> None:
    apply(root, MOVES)
    assert {path: text for path, text in everything(root).items() if text} == {
        "hounds/1.jpg": "cats/1.jpg",
        "hounds/7.jpg": "dogs/7.jpg",
        "birds/2.jpg": "cats/2.jpg",
        ".cnnstudio/bin/20260101/fish/a/b.jpg": "fish/a/b.jpg",
    }
    assert not (root / "empty").exists()
    assert not (root / ".cnnstudio" / "moves.json").exists()


def test_the_reverse_leads_back_and_leaves_nothing_in_the_bin(root: Path) -> None:
    before = everything(root)
    apply(root, MOVES)
    apply(root, reverse(MOVES))
    after = everything(root)
    assert after.pop(".cnnstudio/bin") is None
    assert after == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", range(8))
def test_a_kill_at_any_step_changes_nothing_once_the_folder_is_opened_again(
    root: Path, step: int, when: str
) -> None:
    before = everything(root)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_MOVING, str(root), str(step), when],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert ended.returncode == 9
    assert recover(root)
    assert everything(root) == before
    assert not recover(root)


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ([FileMove("cats/1.jpg", "x/1.jpg"), FileMove("cats/9.jpg", "x/9.jpg")], "no longer there"),
        ([FileMove("cats/1.jpg", "x.jpg"), FileMove("cats/2.jpg", "dogs/7.jpg")], "already"),
        ([FileMove("cats/1.jpg", "x.jpg"), FileMove(None, "dogs")], "already"),
        ([FileMove("cats/1.jpg", "x.jpg"), FileMove("dogs", None)], "not empty"),
        ([FileMove("cats/1.jpg", "x.jpg"), FileMove("cats/2.jpg", "dogs/7.jpg/y.jpg")], "already"),
    ],
)
def test_a_move_that_is_not_possible_takes_the_others_back(
    root: Path, moves: list[FileMove], words: str
) -> None:
    before = everything(root)
    with pytest.raises(StudioError, match=words):
        apply(root, moves)
    assert everything(root) == before
    assert not (root / ".cnnstudio" / "moves.json").exists()


@pytest.mark.parametrize("path", ["../out.jpg", "/tmp/out.jpg", "dogs/../../out.jpg", ""])
def test_no_path_leaves_the_project(root: Path, path: str) -> None:
    before = everything(root)
    with pytest.raises(StudioError, match="outside"):
        apply(root, [FileMove("cats/1.jpg", path)])
    with pytest.raises(StudioError, match="outside"):
        apply(root, [FileMove(path, "cats/x.jpg")])
    assert everything(root) == before


def test_a_picture_behind_a_link_to_another_folder_is_not_moved(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "1.jpg").write_text("mine")
    (root / "linked").symlink_to(outside, target_is_directory=True)
    with pytest.raises(StudioError, match="outside"):
        apply(root, [FileMove("linked/1.jpg", "cats/3.jpg")])
    with pytest.raises(StudioError, match="outside"):
        apply(root, [FileMove("cats/1.jpg", "linked/3.jpg")])
    assert [path.name for path in outside.iterdir()] == ["1.jpg"]


def test_a_link_that_would_lose_its_picture_is_not_moved(root: Path) -> None:
    (root.parent / "far.jpg").write_text("far")
    (root / "cats" / "far.jpg").symlink_to("../../far.jpg")
    with pytest.raises(StudioError, match="link"):
        apply(root, [FileMove("cats/far.jpg", "cats/deeper/far.jpg")])
    apply(root, [FileMove("cats/far.jpg", "dogs/far.jpg")])
    assert (root / "dogs" / "far.jpg").read_text() == "far"


def test_an_empty_folder_with_the_litter_of_a_file_browser_counts_as_empty(root: Path) -> None:
    (root / "empty" / ".DS_Store").write_text("")
    apply(root, [FileMove("empty", None)])
    assert not (root / "empty").exists()


def test_a_damaged_journal_is_removed_and_nothing_moved(root: Path) -> None:
    before = everything(root)
    (root / ".cnnstudio").mkdir()
    (root / ".cnnstudio" / "moves.json").write_text('[["cats/1.jpg", "do')
    assert not recover(root)
    assert everything(root) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guards open files itself")
def test_moves_of_a_living_program_are_not_taken_back(root: Path) -> None:
    import fcntl

    (root / ".cnnstudio").mkdir()
    journal = root / ".cnnstudio" / "moves.json"
    journal.write_text('[["cats/1.jpg", "cats/9.jpg"]]\n')
    (root / "cats" / "1.jpg").rename(root / "cats" / "9.jpg")
    with journal.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StudioError, match="Another CNN Studio"):
            recover(root)
    assert (root / "cats" / "9.jpg").exists()
    assert recover(root)
    assert (root / "cats" / "1.jpg").exists()
