"""`cnnstudio check`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import coloured_folder
from tests.cli.conftest import Terminal


@pytest.fixture
def doubtful(pictures: Path) -> Path:
    """A broken file, a copy in another class, and an empty class."""
    (pictures / "red" / "broken.jpg").write_bytes(b"<html>no picture</html>")
    shutil.copy(pictures / "red" / "1.png", pictures / "green" / "copy.png")
    (pictures / "nothing yet").mkdir()
    return pictures


def test_a_check_lists_what_it_finds_with_the_reason_and_succeeds(
    terminal: Terminal, doubtful: Path
) -> None:
    ran = terminal("check", doubtful)
    assert ran.code == 0
    assert "red/broken.jpg cannot be read" in ran.out
    assert "red/1.png" in ran.out
    assert "green/copy.png" in ran.out
    assert "nothing yet has no pictures" in ran.out


def test_findings_are_json_lines(terminal: Terminal, doubtful: Path) -> None:
    *findings, last = terminal("check", doubtful, "--json").lines
    assert {line["event"] for line in findings} == {"finding"}
    unreadable = next(line for line in findings if line["kind"] == "unreadable")
    assert unreadable["paths"] == ["red/broken.jpg"]
    assert unreadable["words"]
    assert unreadable["why"]
    assert unreadable["fixes"] == ["remove", "ignore"]
    assert unreadable["notes"]["red/broken.jpg"].startswith("this is not a picture")
    assert last["event"] == "finished"
    assert last["pictures"] == 42
    assert last["classes"] == {"green": 21, "nothing yet": 0, "red": 21}
    assert last["findings"] == len(findings)


def test_a_folder_without_faults_is_said_to_be_good(terminal: Terminal, pictures: Path) -> None:
    assert "Nothing found" in terminal("check", pictures).out


def test_a_check_writes_nothing_into_the_folder(
    terminal: Terminal, doubtful: Path, sampled: Callable[[Path], set[Path]]
) -> None:
    before = sampled(doubtful)
    terminal("check", doubtful)
    assert sampled(doubtful) == before


def test_a_folder_that_is_not_there_is_a_failure(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal("check", tmp_path / "gone", "--json")
    assert ran.code == 1
    assert "gone" in ran.err
    assert ran.last["event"] == "failed"
    assert ran.last["reason"]


def test_a_split_tree_is_understood(terminal: Terminal, tmp_path: Path) -> None:
    tree = coloured_folder(
        tmp_path / "tree", {"train/red": 12, "train/green": 12, "valid/red": 3, "test/green": 3}
    )
    last = terminal("check", tree, "--json").last
    assert last["pictures"] == 30
    assert last["classes"] == {"green": 15, "red": 15}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{damaged", "project.json is damaged"),
        ('{"schema_version": 1.5}', "project.json says that it is of version 1.5"),
    ],
)
def test_a_check_says_what_is_wrong_with_our_own_files_and_leaves_them_where_they_are(
    terminal: Terminal,
    pictures: Path,
    sampled: Callable[[Path], set[Path]],
    content: str,
    words: str,
) -> None:
    state = pictures / ".cnnstudio"
    (state / "runs" / "torn").mkdir(parents=True)
    (state / "runs" / "torn" / "config.json").write_text(content)
    for name in ("project.json", "split.json", "project.json.damaged-2"):
        (state / name).write_text(content)
    before = sampled(pictures)
    ran = terminal("check", pictures)
    assert f".cnnstudio/{words}" in ran.out
    assert ".cnnstudio/split.json is damaged" in ran.out
    assert "project.json could not be read and is kept as project.json.damaged-2" in ran.out
    assert "The run torn is damaged" in ran.out
    assert sampled(pictures) == before
    assert (state / "project.json").read_text() == content


def test_pictures_of_which_the_same_is_said_are_one_finding(
    terminal: Terminal, pictures: Path
) -> None:
    for number in range(25):
        (pictures / "red" / f"broken {number:02}.jpg").write_bytes(b"<html>")
    shutil.copy(pictures / "red" / "1.png", pictures / "red" / "copy.png")
    ran = terminal("check", pictures)
    assert "25 pictures cannot be read.\n" in ran.out
    assert "red/broken 00.jpg: this is not a picture" in ran.out
    assert "red/broken 24.jpg" not in ran.out
    assert "and 5 more (--json lists all)" in ran.out
    *findings, last = terminal("check", pictures, "--json").lines
    assert last["findings"] == 2
    assert len(findings[0]["paths"]) == 25
    assert findings[1]["groups"] == [["red/1.png", "red/copy.png"]]
