"""Drives the Time machine page of the Evaluate step with mouse and keys, and tells what is seen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QSlider

from cnnstudio.ui.evaluation.moments_page import MomentsPage
from cnnstudio.ui.models.answered_model import AnsweredModel
from cnnstudio.ui.widgets.answer_grid import AnswerGrid
from cnnstudio.ui.widgets.confusion_matrix import ConfusionMatrix
from cnnstudio.ui.widgets.curve_plot import CurvePlot
from cnnstudio.ui.widgets.empty_state import EmptyState
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton


class MomentsRobot:
    """A person who goes back in a training."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def press(self, key: Qt.Key) -> None:
        """Press a key on the slider."""
        QTest.keyClick(self.slider, key)
        self.user.settle()

    def click_curve(self, epoch: int) -> None:
        """Click the curve above an epoch."""
        plot = self.user.find(CurvePlot, "evaluate_moments_plot")
        view = plot.plotItem.vb
        scene = view.mapViewToScene(view.viewRect().center())
        scene.setX(view.mapViewToScene(QPoint(epoch, 0)).x())
        place = plot.mapFromScene(scene)
        QTest.mouseMove(plot.viewport(), place)
        QTest.mouseClick(plot.viewport(), _LEFT, Qt.KeyboardModifier.NoModifier, place)
        self.user.settle()

    def click_cell(self, true: int, answer: int) -> None:
        """Click a cell of the matrix, counted from 0."""
        place = self.matrix.visualRect(self.matrix.model().index(true, answer)).center()
        QTest.mouseClick(self.matrix.viewport(), _LEFT, Qt.KeyboardModifier.NoModifier, place)
        self.user.settle()

    def choose(self, chip: str) -> None:
        """Click one of the chips "all", "wrong", "changed" and "pair"."""
        self.user.click(f"evaluate_moments_{chip}")
        self.user.settle()

    def use(self) -> None:
        self.user.click("evaluate_moments_use")
        self.user.settle()

    # What the user sees

    @property
    def page(self) -> MomentsPage:
        page = self.user.window.findChild(MomentsPage)
        assert page is not None
        return page

    @property
    def slider(self) -> QSlider:
        return self.user.find(QSlider, "evaluate_moments_slider")

    @property
    def matrix(self) -> ConfusionMatrix:
        return self.user.find(ConfusionMatrix, "evaluate_moments_confusion")

    def headline(self) -> str:
        return self.user.text("evaluate_moments_headline")

    def words(self) -> str:
        return self.user.text("evaluate_moments_words")

    def facts(self) -> str:
        return self.user.text("evaluate_moments_facts")

    def crosshair(self) -> int:
        return self.user.find(CurvePlot, "evaluate_moments_plot").pointed_epoch

    def captions(self) -> list[tuple[str, str, str]]:
        """Of each picture: the mark with the answer, what it is, what it is answered later."""
        model = self.user.find(AnswerGrid, "evaluate_moments_grid").model()
        assert isinstance(model, AnsweredModel)
        tiles = [model.tile(row) for row in range(len(model.samples))]
        return [
            (f"{each.lines[0].mark} {each.lines[0].text}", each.lines[1].text, each.badge)
            for each in tiles
        ]

    def can_use(self) -> bool:
        return self.user.find(QAbstractButton, "evaluate_moments_use").isEnabled()

    def empty_words(self) -> str:
        """What is said where there is nothing to show, "" where there is."""
        found = [each.sentence() for each in self.page.findChildren(EmptyState) if each.isVisible()]
        return found[0] if found else ""
