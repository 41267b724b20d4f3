"""What the tests of the Predict step's parts share: a project with one run, in the whole window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnstudio.core.config import RunConfig, TrainingConfig
from tests.builders import coloured_folder, coloured_picture
from tests.robots.predict_robot import PredictRobot
from tests.robots.window_robot import WindowRobot

_SMALL = RunConfig(training=TrainingConfig(epochs=1, batch_size=8, image_size=32))


@pytest.fixture
def train(tmp_path: Path) -> Callable[[WindowRobot], PredictRobot]:
    """Opens a project of three classes in a window and trains a run."""

    def it(user: WindowRobot) -> PredictRobot:
        classes = {"red": 6, "green": 6, "blue": 6}
        user.open(coloured_folder(tmp_path / "colours", classes))
        user.session.set_config(_SMALL)
        user.session.train()
        user.until(lambda: len(user.session.runs) == 1)
        user.settle()
        user.go_to("predict")
        return PredictRobot(user)

    return it


@pytest.fixture
def robot(user: WindowRobot, train: Callable[[WindowRobot], PredictRobot]) -> PredictRobot:
    return train(user)


@pytest.fixture
def new(tmp_path: Path) -> Callable[..., Path]:
    """Makes a picture that no network has seen."""

    def make(name: str, colour: str) -> Path:
        place = tmp_path / "new" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        return coloured_picture(place, colour, seed="new")

    return make
