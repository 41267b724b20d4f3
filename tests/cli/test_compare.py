"""`cnnstudio compare`."""

from __future__ import annotations

from pathlib import Path

from tests.builders import coloured_folder
from tests.cli.conftest import Terminal


def trained(terminal: Terminal, folder: Path, out: Path, *options: object) -> Path:
    preset = ("--preset", "classic", "--size", 32)
    ran = terminal("train", folder, *preset, "--out", out, *options)
    assert ran.code == 0, ran.err
    return out


def test_two_runs_are_compared_in_words(terminal: Terminal, pictures: Path, tmp_path: Path) -> None:
    first = trained(terminal, pictures, tmp_path / "first", "--epochs", 2)
    second = trained(terminal, pictures, tmp_path / "second", "--epochs", 3)
    ran = terminal("compare", first, second)
    assert ran.code == 0
    assert "Epochs" in ran.out
    assert "Pictures: The same pictures in the same parts." in ran.out
    assert "both are right and wrong about the same ones" in ran.out


def test_programs_get_every_difference_as_json(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    first = trained(terminal, pictures, tmp_path / "first", "--epochs", 2)
    coloured_folder(pictures, {"red": 25})
    second = trained(terminal, pictures, tmp_path / "second", "--epochs", 3)
    ran = terminal("compare", first, second, "--json")
    assert ran.code == 0
    (line,) = ran.lines
    assert line["event"] == "finished"
    assert line["settings"] == [
        {"key": "training.epochs", "label": "Epochs", "first": "2", "second": "3"}
    ]
    assert line["pictures"]["added"] == 5
    assert line["pictures"]["words"].startswith("+5 pictures")
    assert line["is_clear"] is False


def test_a_run_that_is_not_there_is_said(terminal: Terminal, run_folder: Path) -> None:
    ran = terminal("compare", run_folder, run_folder.parent / "none")
    assert ran.code == 1
    assert "There is no run at" in ran.err
