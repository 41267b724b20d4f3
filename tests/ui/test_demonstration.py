"""The demonstration goes the whole way by itself and never takes the window from its user."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.project import Project
from cnnstudio.core.runs import read_samples
from cnnstudio.core.storage import project_file
from cnnstudio.ui import demonstration
from cnnstudio.ui.demonstration import Demonstration
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.predict_robot import PredictRobot
from tests.robots.window_robot import WindowRobot

CONFIG = RunConfig(training=TrainingConfig(epochs=2, batch_size=8, image_size=32))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = coloured_folder(tmp_path / "fruit", {"red": 40, "green": 40})
    project_file.save(Project(root, config=CONFIG))
    return root


def demonstrate(user: WindowRobot, root: Path) -> None:
    """As `cnnstudio demo` does it: the project opens while the demonstration waits for it."""
    user.window.open(root)
    user.window.demonstration = Demonstration(user.session, user.window)


def test_it_trains_before_the_users_eyes_and_ends_with_predictions_of_test_pictures(
    user: WindowRobot, root: Path, fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    demonstrate(user, root)
    user.until(lambda: user.step() == "train" and user.session.training_is_running)
    for _ in range(2):
        fake_engine.may_end_epoch.set()
        user.until(lambda: not fake_engine.may_end_epoch.is_set())

    robot = PredictRobot(user)
    user.until(lambda: user.step() == "predict")
    user.until(lambda: bool(robot.rows()))
    robot.wait()
    (run,) = user.session.runs
    tested = [record for record in read_samples(run) if record.split == "test"]
    assert 0 < len(robot.rows()) <= 12
    assert len({answer for _, answer, _ in robot.rows()}) == 2, "of both classes"
    shown = demonstration.test_pictures(user.project, run, 12)
    assert {user.project.root / record.path for record in tested} >= set(shown)
    assert robot.names() == [path.name for path in shown]


def test_a_user_who_went_elsewhere_is_left_there(
    user: WindowRobot, root: Path, fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    demonstrate(user, root)
    user.until(lambda: user.session.training_is_running)
    user.go_to("images")
    for _ in range(2):
        fake_engine.may_end_epoch.set()
        user.until(lambda: not fake_engine.may_end_epoch.is_set())
    user.until(lambda: len(user.session.runs) == 1)
    user.settle()
    assert user.step() == "images"
    assert user.errors() == []


def test_it_begins_only_once(user: WindowRobot, root: Path, tmp_path: Path) -> None:
    demonstrate(user, root)
    user.until(lambda: len(user.session.runs) == 1)
    user.settle()
    user.open(coloured_folder(tmp_path / "other", {"red": 10, "blue": 10}))
    user.settle()
    assert user.step() == "images"
    assert user.session.runs == ()


def test_a_project_that_cannot_be_trained_says_why_where_it_was_tried(
    user: WindowRobot, tmp_path: Path
) -> None:
    demonstrate(user, coloured_folder(tmp_path / "lonely", {"red": 5}))
    user.until(lambda: user.is_shown("train_problem"))
    assert "Only one class" in user.words_in("train_problem")
