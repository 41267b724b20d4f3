"""`cnnstudio evaluate`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sklearn import metrics

from cnnstudio.core.runs import load_run
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
    green = last["classes"]["green"]
    assert (green["precision"], green["support"]) == (1.0, 11)
    assert green["recall"] == pytest.approx(10 / 11)
    assert green["f1"] == pytest.approx(20 / 21)


def test_people_read_the_accuracy_with_what_it_is_worth(
    terminal: Terminal, run_folder: Path, exam: Path
) -> None:
    ran = terminal("evaluate", run_folder, exam)
    assert ran.code == 0
    assert "95.0 % of 20 pictures are right" in ran.out
    assert "19 of 20 right: the true figure lies somewhere between 76 % and 99 %" in ran.out
    assert "Balanced accuracy" in ran.out
    assert "when it says" in ran.out
    assert "green taken for red: 1 of 11 (9.1 %)" in ran.out


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


@pytest.mark.parametrize(
    "command", [("evaluate", "--predictions"), ("report", "--out"), ("explain", "p.png", "--out")]
)
def test_a_file_is_written_only_into_a_folder_that_is_there(
    terminal: Terminal, tmp_path: Path, command: tuple[str, ...]
) -> None:
    name, *options = command
    ran = terminal(name, tmp_path, *options, tmp_path / "gone" / "file.png")
    assert ran.code == 2
    assert "There is no folder" in ran.err
    assert not (tmp_path / "gone").exists()


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


def test_without_a_folder_the_answers_kept_about_its_test_part_judge_it(
    terminal: Terminal, run_folder: Path
) -> None:
    asked = len(terminal.engine.predicted)
    last = terminal("evaluate", run_folder, "--json").last
    run = load_run(run_folder)
    assert (last["part"], last["count"]) == ("test", run.counts["test"])
    assert last["accuracy"] == run.test_accuracy
    assert last["notes"] == []
    assert len(terminal.engine.predicted) == asked, "nothing is asked anew"


def test_the_validation_part_comes_with_a_warning(terminal: Terminal, run_folder: Path) -> None:
    ran = terminal("evaluate", run_folder, "--part", "validation", "--json")
    assert ran.last["count"] == load_run(run_folder).counts["validation"]
    assert "chosen by these pictures" in ran.err


def test_a_run_without_test_pictures_says_what_to_do(terminal: Terminal, run_folder: Path) -> None:
    table = run_folder / "predictions.csv"
    header, *rows = table.read_text().splitlines()
    kept = [row for row in rows if ",test," not in row]
    table.write_text("\n".join([header, *kept, ""]))
    ran = terminal("evaluate", run_folder, "--json")
    assert ran.code == 1
    assert "has no test pictures" in ran.err


def test_anybody_can_compute_the_figures_from_the_answers_saved(
    terminal: Terminal, run_folder: Path, exam: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    last = terminal("evaluate", run_folder, exam, "--predictions", file, "--json").last
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    true, predicted = ([row[column] for row in rows] for column in ("true", "predicted"))
    assert len(rows) == 20
    assert all(Path(row["path"]).is_file() for row in rows)
    assert last["confusion"] == metrics.confusion_matrix(true, predicted).tolist()
    assert last["balanced_accuracy"] == metrics.balanced_accuracy_score(true, predicted)
    assert last["macro"]["f1"] == pytest.approx(metrics.f1_score(true, predicted, average="macro"))
    answers = [float(row["red"]) for row in rows]
    is_red = [each == "red" for each in true]
    red = last["classes"]["red"]
    assert red["roc_area"] == pytest.approx(metrics.roc_auc_score(is_red, answers))
    assert red["average_precision"] == pytest.approx(
        metrics.average_precision_score(is_red, answers)
    )
    assert red["roc"]["true_positive_rate"][-1] == 1.0
    bins = last["calibration"]["bins"]
    assert sum(each["count"] for each in bins) == 20
    error = sum(each["count"] * abs(each["accuracy"] - each["confidence"]) for each in bins) / 20
    assert last["calibration"]["expected_error"] == pytest.approx(error)


def test_answers_that_cannot_be_saved_are_a_failure(
    terminal: Terminal, run_folder: Path, exam: Path
) -> None:
    too_long = exam / f"{'x' * 300}.csv"
    ran = terminal("evaluate", run_folder, exam, "--predictions", too_long, "--json")
    assert ran.code == 1
    assert ran.last["event"] == "failed"


def test_a_part_of_a_folder_cannot_be_asked_for(
    terminal: Terminal, run_folder: Path, exam: Path
) -> None:
    ran = terminal("evaluate", run_folder, exam, "--part", "test")
    assert ran.code == 2
    assert "leave FOLDER or --part out" in ran.err


def test_no_interval_is_given_for_pictures_that_were_learned(
    terminal: Terminal, run_folder: Path, pictures: Path
) -> None:
    ran = terminal("evaluate", run_folder, pictures)
    assert "on new pictures it will be right less often" in ran.out
    assert "the true figure lies" not in ran.out
