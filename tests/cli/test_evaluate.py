"""`cnnstudio evaluate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import coloured_folder, coloured_picture
from tests.cli.conftest import Terminal


@pytest.fixture
def exam(tmp_path: Path) -> Path:
    """Nine red and ten green pictures, one red among the green: 19 of 20 are right."""
    folder = coloured_folder(tmp_path / "exam", {"red": 9, "green": 10})
    coloured_picture(folder / "green" / "wrong.png", "red", "wrong")
    return folder


def test_the_last_line_has_accuracy_classes_and_confusion(
    terminal: Terminal, run_folder: Path, exam: Path
) -> None:
    ran = terminal("evaluate", run_folder, exam, "--json")
    assert ran.code == 0
    (last,) = ran.lines
    assert last["event"] == "finished"
    assert last["run"] == str(run_folder)
    assert (last["count"], last["correct"], last["accuracy"]) == (20, 19, 0.95)
    low, high = last["interval"]
    assert low == pytest.approx(0.764, abs=0.001)
    assert high == pytest.approx(0.991, abs=0.001)
    assert last["class_names"] == ["green", "red"]
    assert last["confusion"] == [[10, 1], [0, 9]]
    assert last["classes"]["green"] == {
        "precision": 1.0,
        "recall": pytest.approx(10 / 11),
        "f1": pytest.approx(20 / 21),
        "support": 11,
    }


def test_people_read_the_accuracy_with_what_it_is_worth(
    terminal: Terminal, run_folder: Path, exam: Path
) -> None:
    ran = terminal("evaluate", run_folder, exam)
    assert ran.code == 0
    assert "95.0 % of 20 pictures are right" in ran.out
    assert "between 76.4 % and 99.1 %" in ran.out
    assert "green" in ran.out


def test_a_class_nobody_asked_about_has_no_figures(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "red only", {"red": 4})
    last = terminal("evaluate", run_folder, folder, "--json").last
    assert last["classes"]["green"]["recall"] is None
    assert terminal("evaluate", run_folder, folder).code == 0


def test_pictures_that_the_run_has_learned_are_warned_of(
    terminal: Terminal, run_folder: Path, pictures: Path
) -> None:
    ran = terminal("evaluate", run_folder, pictures, "--json")
    assert "used in this training" in ran.err
    assert any("used in this training" in note for note in ran.last["notes"])


def test_of_a_tree_only_the_test_part_is_asked_about(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    tree = coloured_folder(
        tmp_path / "tree", {"train/red": 5, "train/green": 5, "test/red": 2, "test/green": 1}
    )
    assert terminal("evaluate", run_folder, tree, "--json").last["count"] == 3


def test_unreadable_pictures_are_counted_apart(
    terminal: Terminal, run_folder: Path, exam: Path
) -> None:
    (exam / "red" / "broken.png").write_bytes(b"x")
    last = terminal("evaluate", run_folder, exam, "--json").last
    assert (last["count"], last["problems"]) == (20, 1)


def test_classes_that_the_run_does_not_know_are_explained(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "others", {"red": 2, "violet": 2})
    ran = terminal("evaluate", run_folder, folder, "--json")
    assert ran.code == 1
    assert "violet" in ran.err
    assert ran.last["event"] == "failed"


def test_a_damaged_model_is_explained(terminal: Terminal, run_folder: Path, exam: Path) -> None:
    (run_folder / "model.keras").write_bytes(b"nothing")
    ran = terminal("evaluate", run_folder, exam)
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == "The model is damaged. Train again."


def test_pictures_none_of_which_can_be_read_are_a_failure(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    for name in ("red", "green"):
        folder = tmp_path / "broken" / name
        folder.mkdir(parents=True)
        (folder / "1.jpg").write_bytes(b"")
    ran = terminal("evaluate", run_folder, tmp_path / "broken", "--json")
    assert ran.code == 1
    assert "None of the 2 pictures" in ran.err
    assert ran.last["event"] == "failed"


def test_all_right_has_an_interval_that_ends_at_one(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "easy", {"red": 7, "green": 6})
    assert terminal("evaluate", run_folder, folder, "--json").last["interval"][1] == 1.0
