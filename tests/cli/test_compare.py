"""`cnnstudio compare`."""

from __future__ import annotations

import csv
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
    fought = line["duel"]
    groups = ("fixed", "broken", "both_wrong")
    assert (
        fought["both_right"] + sum(len(fought[each]) for each in groups) == line["test"]["shared"]
    )
    assert fought["left_out"] == {"not_in_second": 0, "learned": 0, "relabelled": 0}


def test_the_pictures_that_the_second_run_mends_are_listed(
    terminal: Terminal, pictures: Path, tmp_path: Path
) -> None:
    first = trained(terminal, pictures, tmp_path / "first", "--epochs", 1)
    second = trained(terminal, pictures, tmp_path / "second", "--epochs", 1)
    path = answer_wrongly(first)
    (line,) = terminal("compare", first, second, "--json").lines
    (mended,) = line["duel"]["fixed"]
    assert mended["path"] == path
    assert (mended["first"]["is_right"], mended["second"]["is_right"]) == (False, True)
    assert mended["second"]["title"] == mended["true"]
    (first / "predictions.csv").unlink()
    (line,) = terminal("compare", first, second, "--json").lines
    assert line["duel"] is None


def answer_wrongly(run: Path) -> str:
    """Turn the run's first test answer into the other class, and return its path."""
    file = run / "predictions.csv"
    with file.open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    row = next(each for each in rows if each[1] == "test")
    right = header.index(row[2])
    other = next(place for place in range(5, len(header)) if place != right)
    row[3], row[4], row[right], row[other] = header[other], "0.9", "0.1", "0.9"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return row[0]


def test_a_run_that_is_not_there_is_said(terminal: Terminal, run_folder: Path) -> None:
    ran = terminal("compare", run_folder, run_folder.parent / "none")
    assert ran.code == 1
    assert "There is no run at" in ran.err
