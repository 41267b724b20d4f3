"""The dialogs that find settings: learning rate, a dozen variants, the backbone."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QLabel, QTableWidget

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import HeadWeights, LabelledPictures, LearningRateSweep
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.rate_plot import RatePlot
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.train_robot import TrainRobot
from tests.ui.training.conftest import OpenProject


class SlowFinder(FakeEngine):
    """Tries rates until it is cancelled, or fails as it is told to."""

    def find_learning_rate(
        self,
        training: LabelledPictures,
        config: RunConfig,
        class_names: tuple[str, ...],
        context: TaskContext,
        head: HeadWeights | None = None,
    ) -> LearningRateSweep:
        if self.fail_with is not None:
            raise self.fail_with
        while True:
            context.checkpoint()
            threading.Event().wait(0.01)


def found(robot: TrainRobot) -> RatePlot:
    plot = robot.panel.findChild(RatePlot, "rate_finder_plot")
    assert plot is not None
    return plot


def test_the_rate_that_is_suggested_becomes_the_projects(
    robot: TrainRobot, session: Session
) -> None:
    assert session.project is not None
    config = session.project.config
    session.set_config(replace(config, training=replace(config.training, learning_rate=0.3)))
    robot.click("train_find_rate")
    robot.until(lambda: found(robot).sweep is not None)
    assert robot.words_on("rate_finder_use") == "Use 0.001"

    robot.click("rate_finder_use")

    assert session.project.config.training.learning_rate == 0.001
    robot.until(lambda: "Adam 0.001" in robot.advice())


def test_closing_the_finder_ends_the_trial(
    robot: TrainRobot, session: Session, engine: FakeEngine
) -> None:
    session._engine = SlowFinder()
    robot.click("train_find_rate")
    robot.click("rate_finder_close")

    robot.until(lambda: session.engine_jobs.is_idle)
    assert session.project is not None
    assert session.project.config.training.learning_rate == 0.001


def test_a_trial_that_fails_says_why(robot: TrainRobot, session: Session) -> None:
    session._engine = SlowFinder(fail_with=StudioError("Memory ran out.", "Take smaller batches."))
    robot.click("train_find_rate")

    words = robot.panel.findChild(QLabel, "rate_finder_progress")
    assert words is not None
    robot.until(lambda: words.text() == "Memory ran out. Take smaller batches.")
    assert not robot.can_click("rate_finder_use")
    robot.click("rate_finder_close")


def test_a_dozen_settings_are_tried_and_the_best_can_be_taken(
    robot: TrainRobot, session: Session
) -> None:
    robot.choose_preset("fast")
    assert session.project is not None
    before = session.project.config
    robot.click("train_search")
    table = robot.panel.findChild(QTableWidget, "search_table")
    assert table is not None
    robot.until(lambda: session.engine_jobs.is_idle and not robot.is_shown("search_stop"))
    labels = [table.item(row, 0).text() for row in range(table.rowCount())]  # type: ignore[union-attr]
    assert len(labels) >= 8
    assert "As now" in labels
    other = next(row for row, label in enumerate(labels) if label != "As now")
    table.selectRow(other)

    robot.click("search_use")

    assert session.project.config != before
    assert session.project.config.preset == "fast"


def test_nothing_is_tried_where_nothing_can_be_trained(
    robot: TrainRobot, session: Session, open_project: OpenProject, tmp_path: Path
) -> None:
    coloured_folder(tmp_path / "lonely", {"red": 5})
    open_project(tmp_path / "lonely")
    robot.choose_preset("fast")

    robot.click("train_search")

    assert "Only one class" in robot.problem()
    assert session.engine_jobs.is_idle


def test_another_backbone_is_chosen_in_its_dialog(robot: TrainRobot, session: Session) -> None:
    robot.choose_preset("fast")
    robot.click("train_choose_backbone")
    robot.until(lambda: robot.can_click("backbones_use"))

    robot.click("backbones_use")

    assert session.project is not None
    assert session.project.config.transfer.backbone == "efficientnet-lite0"
    robot.until(lambda: session.download_jobs.is_idle)
