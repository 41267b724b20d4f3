"""`cnnstudio search`."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from tests.builders import coloured_folder
from tests.cli.conftest import Terminal


def test_settings_are_tried_and_the_folder_stays_as_it_is(
    terminal: Terminal, pictures: Path, sampled: Callable[[Path], set[Path]]
) -> None:
    before = sampled(pictures)
    ran = terminal("search", pictures, "--limit", 3)
    assert ran.code == 0, ran.err
    assert "As now" in ran.out
    assert "Learning rate 0.0" in ran.out
    assert sampled(pictures) == before
    assert len(terminal.engine.trained) == 3


def test_where_none_is_better_the_present_settings_are_kept(
    terminal: Terminal, tmp_path: Path
) -> None:
    # The fake engine is right about all of these colours whatever the settings are.
    folder = coloured_folder(tmp_path / "my pictures", {"red": 20, "green": 20})
    ran = terminal("search", folder, "--limit", 3, "--set", "transfer.dropout=0.1")
    assert "that were tried does better on" in ran.out
    last = ran.out.splitlines()[-1]
    assert last == (
        f"To train with the present settings: cnnstudio train '{folder}' --preset fast --set"
        " transfer.dropout=0.1"
    )


def test_the_command_that_is_told_can_be_typed(terminal: Terminal, pictures: Path) -> None:
    said = terminal("search", pictures, "--limit", 2, "--set", "variants=1").out.splitlines()[-1]
    arguments = shlex.split(said.partition("cnnstudio ")[2])
    assert arguments[:2] == ["train", str(pictures)]
    assert terminal(*arguments, "--epochs", 1).code == 0
    assert terminal.engine.trained[-1][1].transfer.variants == 1


def test_programs_get_a_line_for_each_variant(terminal: Terminal, pictures: Path) -> None:
    ran = terminal("search", pictures, "--limit", 3, "--set", "dropout=0.1", "--json")
    assert ran.code == 2  # there are two settings of that name
    ran = terminal("search", pictures, "--limit", 3, "--set", "transfer.dropout=0.1", "--json")
    assert ran.code == 0
    *variants, last = ran.lines
    assert [line["event"] for line in variants] == ["variant"] * 3
    assert [line["done"] for line in variants] == [1, 2, 3]
    assert variants[0]["set"] == []
    assert variants[1]["set"][0].startswith("training.learning_rate=")
    assert last["event"] == "finished"
    assert last["is_complete"] is True
    assert len(last["trials"]) == 3


def test_too_few_classes_are_said(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = terminal("search", tmp_path / "empty")
    assert ran.code == 1
    assert "no pictures" in ran.err
