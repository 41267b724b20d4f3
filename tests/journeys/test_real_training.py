"""Trainings long enough to be worth something, as people would make them. Minutes, so run apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.core.events import EpochEnded
from cnnstudio.engine.keras_engine import KerasEngine
from tests.robots.predict_robot import PredictRobot
from tests.robots.train_robot import TrainRobot
from tests.robots.window_robot import WindowRobot

LONGEST_TRAINING_MS = 600_000
LONGEST_ENDING_S = 2.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def user(
    open_window: Callable[..., WindowRobot],
    shared_data: Path,
    kept_networks: Path,
    tmp_path: Path,
) -> WindowRobot:
    """The window with a project of three classes of real photos."""
    project = tmp_path / "Wardrobe"
    for name in ("pants", "shoes", "dress"):
        (project / name).mkdir(parents=True)
        photos = sorted((shared_data / "clothing_160" / "train" / name).iterdir())[:160]
        for photo in photos:
            (project / name / photo.name).write_bytes(photo.read_bytes())
    user = open_window(KerasEngine(cache_folder=kept_networks))
    user.open(project)
    return user


def set_up(qtbot: QtBot, user: WindowRobot, *, epochs: int, size: int) -> TrainRobot:
    user.go_to("train")
    robot = TrainRobot(qtbot, user.window.panel("train"))  # type: ignore[arg-type]
    robot.choose_preset("classic")
    robot.until(lambda: robot.is_shown("train_image_size"))
    robot.set_number("train_epochs", epochs)
    robot.set_number("train_image_size", size)
    return robot


def test_a_network_trained_in_the_window_tells_photos_apart(
    qtbot: QtBot, user: WindowRobot, shared_data: Path
) -> None:
    robot = set_up(qtbot, user, epochs=10, size=64)
    robot.start()
    qtbot.waitUntil(lambda: len(user.session.runs) == 1, timeout=LONGEST_TRAINING_MS)
    user.settle()

    right = total = 0
    predict = PredictRobot(user)
    for name in ("pants", "shoes", "dress"):
        user.drop([shared_data / "clothing_160" / "test" / name])
        user.until(lambda: user.step() == "predict")
        predict.wait()
        answers = [answer for _, answer, _ in predict.rows()]
        right, total = right + answers.count(name), total + len(answers)
    # Guessing would be right for less than half of them.
    assert right / total > 0.6


@pytest.mark.parametrize(("button", "runs"), [("train_cancel_button", 0), ("train_stop_button", 1)])
def test_a_training_ends_within_two_seconds_of_the_click(
    qtbot: QtBot, user: WindowRobot, button: str, runs: int
) -> None:
    robot = set_up(qtbot, user, epochs=50, size=224)
    robot.start()
    trace = robot.plot("loss")
    qtbot.waitUntil(lambda: len(trace.shown()["trace"]) > 2, timeout=LONGEST_TRAINING_MS)
    assert user.session.training_job is not None
    job = user.session.training_job
    reported: list[object] = []
    job.reported.connect(reported.append)

    began = time.monotonic()
    user.click(button)
    # What was kept is then tested and saved, which takes the longer the more pictures there are.
    qtbot.waitUntil(
        lambda: job.has_ended or any(isinstance(each, EpochEnded) for each in reported),
        timeout=60_000,
    )
    assert time.monotonic() - began < LONGEST_ENDING_S

    qtbot.waitUntil(lambda: job.has_ended, timeout=60_000)
    user.settle()
    assert len(user.session.runs) == runs
