"""The guided tour and the help, in the whole window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QTextBrowser

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.resources import resource_path
from tests.builders import coloured_folder
from tests.robots.window_robot import WindowRobot

STEPS = ("images", "augment", "train", "evaluate", "predict", "look_inside")


def test_the_tour_moves_on_when_things_are_done(user: WindowRobot, tmp_path: Path) -> None:
    user.open(coloured_folder(tmp_path / "fruit", {"red": 8, "green": 8}))
    config = RunConfig(training=TrainingConfig(epochs=1, batch_size=8, image_size=32))
    user.session.set_config(config)
    user.session.samples_wanted.emit("Selected on the map", ("red/1.png",))
    user.settle()
    user.window.begin_tour()
    user.settle()
    assert user.text("images_facts").startswith("16 pictures"), "not what was left there"
    assert user.text("tour_title") == "Step 1 of 7: Your pictures"
    assert not user.can_click("tour_back")
    user.click("tour_next")
    assert user.step() == "augment"
    user.click("tour_next")
    assert user.step() == "train"
    for _ in range(2):
        user.click("tour_next")
    assert user.text("tour_title") == "Step 5 of 7: How good is it?"
    assert "Train one first" in user.text("tour_text"), "no figures over an empty page"
    user.click("tour_train")
    assert user.text("tour_title") == "Step 3 of 7: Train"
    assert not user.is_shown("tour_train")
    user.click("train_start_button")
    user.settle()
    assert user.text("tour_title").startswith("Step 5 of 7"), "begun, then a run is there"
    assert user.step() == "evaluate"
    user.click("tour_next")
    user.drop([tmp_path / "fruit" / "red" / "1.png"])
    user.settle()
    assert user.text("tour_title").startswith("Step 7 of 7"), "an answer was given"
    assert user.step() == "look_inside"
    assert user.find(QAbstractButton, "inside_tab_map").isChecked(), "which it is about"
    user.click("tour_back")
    assert user.step() == "predict"
    user.click("tour_next")
    user.click("tour_next")
    assert not user.is_shown("tour_title")


def test_pictures_that_arrive_move_the_tour_on(user: WindowRobot, tmp_path: Path) -> None:
    root = tmp_path / "empty"
    root.mkdir()
    user.open(root)
    user.window.begin_tour()
    coloured_folder(root, {"red": 2})
    user.session.refresh()
    user.until(lambda: user.step() == "augment")


def test_the_tour_begins_on_the_start_page_with_the_sample_and_can_be_left(
    user: WindowRobot,
) -> None:
    user.click("start_tour")
    user.until(lambda: user.is_shown("tour_title"))
    user.settle()
    assert user.title().startswith("Handwritten digits")
    assert user.text("tour_title").startswith("Step 1 of 7"), "there is time to read"
    user.click("tour_leave")
    assert not user.is_shown("tour_title")
    user.go_to("train")
    assert not user.is_shown("tour_title")


def test_help_follows_the_step(user: WindowRobot, tmp_path: Path) -> None:
    def words() -> str:
        return user.find(QTextBrowser, "help_text").toPlainText()

    user.press("F1")
    assert words().startswith("From pictures to an answer")
    assert not user.is_shown("help_step")
    user.open(coloured_folder(tmp_path / "fruit", {"red": 2, "green": 2}))
    user.go_to("augment")
    assert words().startswith("Augment")
    user.press("Ctrl+6")
    assert words().startswith("Look inside")
    user.click("help_general")
    assert "Ctrl+6" in words()
    user.click("help_tour")
    assert user.is_shown("tour_title")
    user.until(lambda: not user.is_shown("help_dialog"))


@pytest.mark.parametrize("step", STEPS)
def test_help_for_a_step_is_short(step: str) -> None:
    text = resource_path("help", f"{step}.md").read_text("utf-8")
    assert 60 <= len(text.split()) <= 150
