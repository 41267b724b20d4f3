"""`cnnstudio watch`: pictures are answered as they arrive, until Ctrl-C."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core import arrivals as arriving
from tests.builders import coloured_picture
from tests.cli.conftest import Terminal

Arrive = Callable[[list[list[str]]], None]


@pytest.fixture
def arrive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Arrive:
    """Lets pictures arrive in lots, named by their colour, and then presses Ctrl-C."""
    (tmp_path / "inbox").mkdir()

    def set_up(lots: list[list[str]]) -> None:
        def arrivals(folder: Path, *_: Any) -> Iterator[list[Path]]:
            for lot in lots:
                yield [
                    coloured_picture(folder / f"{name}.png", name.partition(" ")[0], "new")
                    for name in lot
                ]
            raise KeyboardInterrupt

        monkeypatch.setattr(arriving, "arrivals", arrivals)

    return set_up


def test_each_picture_is_a_line(
    terminal: Terminal, run_folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    arrive([["red 1"], ["green 1", "red 2"]])
    ran = terminal("watch", run_folder, tmp_path / "inbox", "--json")
    assert ran.code == 0, ran.err
    assert [line.get("predicted_class") for line in ran.lines[:3]] == ["red", "green", "red"]
    assert all({"not_sure", "reason"} <= set(line) for line in ran.lines[:3])
    assert ran.last["pictures"] == 3
    arrive([["red 1"]])
    assert "red 1.png: red, " in terminal("watch", run_folder, tmp_path / "inbox").out


def test_the_table_grows_and_what_is_in_it_is_not_asked_about_again(
    terminal: Terminal, run_folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    file = tmp_path / "answers.csv"
    for lots in ([["red 1"]], [["red 1", "green 1"]]):
        arrive(lots)
        ran = terminal("watch", run_folder, tmp_path / "inbox", "--out", file, "--json")
        assert ran.last["pictures"] == 1
    with file.open(newline="") as stream:
        assert [row["class"] for row in csv.DictReader(stream)] == ["red", "green"]
    file.write_text("name,telephone\nx,1\n")
    arrive([["red 1"]])
    ran = terminal("watch", run_folder, tmp_path / "inbox", "--out", file)
    assert ran.code == 1
    assert file.read_text() == "name,telephone\nx,1\n"


def test_pictures_are_moved_into_folders_as_they_come(
    terminal: Terminal, run_folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    arrive([["red 1", "green 1"], ["red 2"]])
    target = tmp_path / "sorted"
    ran = terminal("watch", run_folder, tmp_path / "inbox", "--sort-into", target, "--move")
    assert ran.code == 0, ran.err
    assert {str(each.relative_to(target)) for each in target.rglob("*.*")} == {
        "red/red 1.png", "red/red 2.png", "green/green 1.png",
    }  # fmt: skip
    assert list((tmp_path / "inbox").iterdir()) == []
