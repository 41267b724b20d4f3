"""What decided, and the training pictures most like it, beside the bars of an answer."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor

from cnnstudio.core.config import RunConfig, TrainingConfig
from tests.builders import COLOURS, coloured_folder, coloured_picture
from tests.fakes import FakeEngine
from tests.robots.predict_robot import PredictRobot
from tests.robots.window_robot import WindowRobot
from tests.ui.panels.test_predict_panel import shows, train, trained_robot


@pytest.fixture
def robot(user: WindowRobot, tmp_path: Path) -> PredictRobot:
    """The Predict step of a project of large pictures, whose features the training needed."""
    classes = {"red": 6, "green": 6, "blue": 6}
    return trained_robot(user, coloured_folder(tmp_path / "colours", classes, size=64))


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    """A picture that is red at the left and blue at the right."""
    pixels = np.empty((64, 64, 3), np.uint8)
    pixels[:, :40], pixels[:, 40:] = COLOURS["red"], COLOURS["blue"]
    Image.fromarray(pixels).save(tmp_path / "halves.png")
    return tmp_path / "halves.png"


def test_the_heat_map_of_the_answer_comes_by_itself_and_says_what_it_is(
    robot: PredictRobot, halves: Path, fake_engine: FakeEngine
) -> None:
    robot.drop([halves])
    assert next(iter(robot.percentages())) == "red"
    robot.user.until(lambda: fake_engine.explained == [2])
    robot.user.settle()
    assert robot.asked_about() == "red"
    assert robot.reasons().startswith("Grad-CAM (Selvaraju et al. 2017) for red")
    assert not shows(robot.picture(), QColor(*COLOURS["red"])), "what spoke for red is covered"
    assert shows(robot.picture(), QColor(*COLOURS["blue"])), "the rest is as it was"


def test_another_class_can_be_asked_for_and_the_map_made_fainter(
    robot: PredictRobot, halves: Path, fake_engine: FakeEngine
) -> None:
    robot.drop([halves])
    robot.user.until(lambda: robot.reasons() != "")
    robot.ask_about(1)
    assert fake_engine.explained == [2, 0]
    assert "for blue" in robot.reasons()
    assert shows(robot.picture(), QColor(*COLOURS["red"]))
    assert not shows(robot.picture(), QColor(*COLOURS["blue"]))
    robot.set_opacity(0)
    assert shows(robot.picture(), QColor(*COLOURS["blue"]))


def test_nothing_is_explained_while_the_picture_itself_is_looked_at(
    robot: PredictRobot, halves: Path, fake_engine: FakeEngine
) -> None:
    robot.click("picture")
    robot.drop([halves])
    robot.user.until(lambda: len(robot.similar()) == 5)
    assert fake_engine.explained == []
    robot.click("heat")
    robot.user.until(lambda: robot.reasons() != "")
    assert fake_engine.explained == [2]


def test_a_second_opinion_hides_places_and_can_be_cancelled(
    robot: PredictRobot, halves: Path, fake_engine: FakeEngine
) -> None:
    robot.drop([halves])
    robot.user.until(lambda: robot.reasons() != "")
    robot.click("heat_second")
    robot.user.until(lambda: robot.reasons().startswith("Occlusion (Zeiler, Fergus 2014)"))
    assert sum(fake_engine.predicted) > 100

    # Cancelled while it waits for a training, the first opinion comes back.
    fake_engine.may_end_epoch = threading.Event()
    job = robot.user.session.train()
    robot.click("heat_second")
    robot.click("heat_cancel")
    job.cancel()
    robot.user.settle()
    assert robot.reasons().startswith("Grad-CAM")


def test_bars_do_not_wait_for_reasons_and_late_reasons_are_dropped(
    robot: PredictRobot, halves: Path, tmp_path: Path, fake_engine: FakeEngine
) -> None:
    green = coloured_picture(tmp_path / "green.png", "green", seed="new", size=64)
    robot.drop([halves, green])
    robot.user.settle()
    fake_engine.may_end_epoch = threading.Event()
    job = robot.user.session.train()
    robot.user.until(lambda: robot.user.session.training_is_running)
    asked = list(fake_engine.explained)
    table = robot.names()
    for name in (table[1], table[0], table[1]):
        robot._table.selectRow(table.index(name))
    assert next(iter(robot.percentages())) == "green", "there while the engine is busy"
    job.cancel()
    robot.user.until(lambda: len(fake_engine.explained) > len(asked))
    robot.user.settle()
    assert fake_engine.explained[len(asked) :] == [1], "only the picture that is looked at"
    assert "for green" in robot.reasons()


def test_a_picture_that_cannot_be_read_has_no_reasons(
    robot: PredictRobot, tmp_path: Path, fake_engine: FakeEngine
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    robot.drop([tmp_path / "broken.png"])
    robot.user.settle()
    assert robot.similar() == []
    assert fake_engine.explained == []
    assert not robot.user.can_click("predict_heat_second")


# Similar pictures


def test_five_training_pictures_are_shown_with_label_and_similarity(
    robot: PredictRobot, tmp_path: Path
) -> None:
    robot.drop([coloured_picture(tmp_path / "new.png", "red", seed="new", size=64)])
    robot.user.until(lambda: len(robot.similar()) == 5)
    assert robot.similar_words() == "Most similar training pictures"
    labels = [label for label, _ in robot.similar()]
    assert labels[0] == "red"
    assert all(similarity.endswith(" %") for _, similarity in robot.similar())
    assert not robot.user.is_shown("predict_similar_compare")


def test_a_wrong_label_is_fixed_there_and_undo_takes_it_back(
    robot: PredictRobot, tmp_path: Path
) -> None:
    robot.drop([coloured_picture(tmp_path / "new.png", "red", seed="new", size=64)])
    robot.user.until(lambda: len(robot.similar()) == 5)
    before = robot.similar_place(1)
    robot.fix_similar(1, "blue")
    assert not before.exists()
    assert robot.similar()[0][0] == "blue"
    assert robot.similar_place(1).parent.name == "blue"
    robot.user.session.undo()
    robot.user.settle()
    assert before.exists()
    assert robot.similar()[0][0] == "red"


def test_a_click_shows_it_larger_where_its_label_can_be_fixed(
    robot: PredictRobot, tmp_path: Path
) -> None:
    robot.drop([coloured_picture(tmp_path / "new.png", "red", seed="new", size=64)])
    robot.user.until(lambda: len(robot.similar()) == 5)
    robot.click("similar_1")
    robot.user.settle()
    assert robot.user.text("similar_words").startswith("Learned as red. Similarity ")
    robot.user.click("similar_close")


def test_what_a_training_did_not_look_at_is_compared_when_asked(
    user: WindowRobot, tmp_path: Path, fake_engine: FakeEngine
) -> None:
    # Features of pictures as small as these are computed by no training from scratch.
    user.open(coloured_folder(tmp_path / "small", {"red": 8, "green": 8}))
    user.session.set_config(RunConfig(training=TrainingConfig(epochs=1, image_size=32)))
    train(user)
    learned = user.session.runs[0].counts["train"]
    user.go_to("predict")
    robot = PredictRobot(user)
    robot.drop([coloured_picture(tmp_path / "new.png", "red", seed="new")])
    user.until(lambda: user.is_shown("predict_similar_compare"))
    assert robot.similar_words() == f"Not compared with its {learned} training pictures yet"
    assert robot.similar() == []
    described = sum(fake_engine.described)
    robot.click("similar_compare")
    user.until(lambda: len(robot.similar()) == 5)
    assert sum(fake_engine.described) == described + learned + 1
    assert robot.similar()[0][0] == "red"
