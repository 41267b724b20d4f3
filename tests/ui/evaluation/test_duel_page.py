"""The Duel page in the whole window: two runs on the same test pictures."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cnnstudio.core.edits import label_samples, remove_run
from cnnstudio.core.runs import Run
from tests.builders import coloured_folder
from tests.robots.duel_robot import DuelRobot
from tests.robots.evaluate_robot import EvaluateRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import SMALL, train


@pytest.fixture
def user_with_run(user: WindowRobot, tmp_path: Path) -> WindowRobot:
    """A person with a project of fixed parts and one run, in front of the Duel page."""
    parts = {"train": 8, "validation": 2, "test": 4}
    user.open(
        coloured_folder(
            tmp_path / "colours",
            {f"{part}/{name}": n for part, n in parts.items() for name in ("red", "green")},
        )
    )
    user.session.set_config(SMALL)
    train(user)
    return user


def give_answers(run: Run, answers: dict[str, str]) -> None:
    """Let a run have answered some of its test pictures so, by path."""
    file = run.folder / "predictions.csv"
    with file.open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    for row in rows:
        if (answer := answers.get(row[0])) is not None:
            row[3], row[4] = answer, "0.9"
            for name in run.class_names:
                row[header.index(name)] = "0.9" if name == answer else "0.1"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])


@pytest.fixture
def robot(user_with_run: WindowRobot) -> DuelRobot:
    """Two runs: the newer one mends three pictures and breaks one."""
    user = user_with_run
    train(user)
    newer, older = user.session.runs
    mended = {f"test/red/{number}.png": "green" for number in (1, 2)}
    give_answers(older, {**mended, "test/green/1.png": "red", "test/green/2.png": "red"})
    give_answers(newer, {"test/green/2.png": "red", "test/red/4.png": "green"})
    user.go_to("evaluate")
    evaluate = EvaluateRobot(user)
    evaluate.wait()
    evaluate.choose_run(2)
    evaluate.open_page("duel")
    return DuelRobot(user)


def test_what_b_mends_breaks_and_both_miss_is_counted_and_shown(robot: DuelRobot) -> None:
    newer, older = robot.user.session.runs
    assert robot.first() == f"A: {older.name}"
    assert robot.others() == [f"B: {newer.name}"]
    assert robot.chips() == ["B fixes (3)", "B breaks (1)", "Both wrong (1)"]
    assert robot.pictures()["2.png"] == ["wrong A: green", "right B: red", "is red"]
    robot.show("broken")
    assert robot.pictures() == {"4.png": ["right A: red", "wrong B: green", "is red"]}
    robot.show("both_wrong")
    assert robot.pictures() == {"2.png": ["wrong A: red", "wrong B: red", "is green"]}


def test_it_says_whether_that_is_more_than_luck(robot: DuelRobot) -> None:
    assert "B is right about 3 that A gets wrong, and wrong about 1" in robot.verdict()
    assert "this does not show that it is better" in robot.verdict()
    assert robot.facts().startswith("Of these 8 pictures, A is right about 4 and B about 6")
    assert "McNemar" in robot.user.text("evaluate_duel_luck")


def test_the_pictures_behind_it_are_followed_where_they_go(robot: DuelRobot) -> None:
    robot.user.session.edit(label_samples(["test/red/2.png"], "green"))
    robot.user.settle()
    (name,) = [each.file_name for each in robot.model.samples if "green/2 (2)" in each.path]
    assert robot.badge(name) == "now green"
    assert robot.chips()[0] == "B fixes (3)"


def test_pictures_that_the_other_run_was_not_tested_by_are_left_out(robot: DuelRobot) -> None:
    project = robot.user.project
    robot.user.session.edit(label_samples(["test/red/1.png"], "green"))
    (project.root / "test" / "red" / "3.png").rename(project.root / "train" / "red" / "was 3.png")
    robot.user.session.refresh()
    robot.user.settle()
    train(robot.user)
    EvaluateRobot(robot.user).choose_run(3)
    robot.choose_other(1)
    assert "Left out: 1 learned by one of them, 1 of another class in B." in robot.facts()
    assert robot.facts().startswith("Of these 6 pictures")


def test_another_run_takes_the_place_of_one_that_is_removed(robot: DuelRobot) -> None:
    train(robot.user)
    newest, newer, _older = robot.user.session.runs
    EvaluateRobot(robot.user).choose_run(3)
    robot.choose_other(2)
    assert robot.chips()[0] == "B fixes (3)"
    robot.user.session.edit(remove_run(newer.folder.name))
    robot.user.settle()
    assert robot.others() == [f"B: {newest.name}"]
    assert robot.chips()[0] == "B fixes (4)"


def test_answers_that_were_lost_are_said(robot: DuelRobot) -> None:
    robot.user.session.edit(label_samples(["test/red/3.png"], "green"))
    (robot.user.session.runs[0].folder / "predictions.csv").unlink()
    robot.user.settle()
    EvaluateRobot(robot.user).open_page("overview")
    robot.user.session.edit(label_samples(["test/red/1.png"], "green"))
    robot.user.settle()
    EvaluateRobot(robot.user).open_page("duel")
    robot.user.settle()
    assert "cannot be read" in robot.verdict()
    assert robot.pictures() == {}


def test_alone_there_is_no_duel(user_with_run: WindowRobot) -> None:
    user_with_run.go_to("evaluate")
    EvaluateRobot(user_with_run).open_page("duel")
    assert "needs two runs" in DuelRobot(user_with_run).empty_words()
