"""Answered pictures are put into folders of their classes, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archives import make_zip, png
from tests.robots.predict_robot import PredictRobot

New = Callable[..., Path]


def pictures_below(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*.png")}


def test_copies_go_into_a_folder_for_each_class(
    robot: PredictRobot, new: New, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    robot.drop([new("a.png", "red"), new("b.png", "blue"), broken])
    robot.sort_into(tmp_path / "sorted", "Copy into folders...", monkeypatch)
    assert pictures_below(tmp_path / "sorted") == {"red/a.png", "blue/b.png"}
    assert pictures_below(tmp_path / "new") == {"a.png", "b.png"}
    assert robot.what_was_sorted().startswith("2 pictures copied into ")
    assert robot.what_was_sorted().endswith("sorted: blue 1, red 1.")
    assert not robot.user.is_shown("predict_undo_sorting")


def test_moved_pictures_can_be_moved_back(
    robot: PredictRobot, new: New, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot.drop([new("day 1/a.png", "red"), new("day 2/a.png", "red")])
    robot.sort_into(tmp_path / "sorted", "Move into folders...", monkeypatch)
    assert pictures_below(tmp_path / "sorted") == {"red/a.png", "red/a (2).png"}
    assert pictures_below(tmp_path / "new") == set()
    robot.click("undo_sorting")
    robot.user.until(lambda: "moved back" in robot.what_was_sorted())
    assert pictures_below(tmp_path / "new") == {"day 1/a.png", "day 2/a.png"}
    assert not (tmp_path / "sorted").exists()


def test_pictures_of_the_project_are_not_moved_but_can_be_given_their_classes(
    robot: PredictRobot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = robot.user
    wrong = user.project.root / "red" / "1.png"
    wrong.rename(user.project.root / "green" / "wrong.png")
    user.session.refresh()
    user.settle()
    robot.drop([user.project.root])
    robot.sort_into(tmp_path / "sorted", "Move into folders...", monkeypatch)
    assert "belongs to the project" in user.error()

    robot.choose_to_sort("Give pictures of this project these classes")
    user.until(lambda: user.project.counts["red"] == 6)
    assert (user.project.root / "red" / "wrong.png").is_file()
    user.press("Ctrl+Z")
    user.until(lambda: user.project.counts["red"] == 5)


def test_pictures_of_an_archive_are_asked_about_and_copied_without_importing(
    robot: PredictRobot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(robot.user.project.samples)
    archive = make_zip(tmp_path / "a.zip", {"in/1.png": png(tmp_path, "new", "blue")})
    robot.drop([archive])
    assert robot.rows()[0][:2] == ("1.png", "blue")
    assert robot.name_shown() == f"{archive}/in/1.png"
    assert robot.has_picture()
    robot.sort_into(tmp_path / "sorted", "Copy into folders...", monkeypatch)
    assert pictures_below(tmp_path / "sorted") == {"blue/1.png"}
    assert len(robot.user.project.samples) == count


def test_answers_are_filtered_by_class(robot: PredictRobot, new: New, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    robot.drop([new("a.png", "red"), new("b.png", "blue"), new("c.png", "red"), broken])
    assert robot.choices("classes") == ["All classes", "blue (1)", "red (2)"]
    robot.choose_filter("classes", "red (2)")
    assert robot.names() == ["a.png", "c.png"]
    robot.choose_filter("classes", "All classes")
    robot.choose_filter("doubts", "Cannot be read (1)")
    assert robot.names() == ["broken.png"]
    assert robot.sentence().startswith("This picture cannot be read")
