"""Drives the Pictures page of the Evaluate step with mouse and keys, and tells what is seen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu

from cnnstudio.ui.evaluation.pictures_page import PicturesPage
from cnnstudio.ui.models.answered_model import AnsweredModel
from cnnstudio.ui.widgets.answer_grid import AnswerGrid
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.class_bars import ClassBars
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier


class PicturesRobot:
    """A person in front of the pictures behind the figures."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def choose(self, chip: str, label: str) -> None:
        """Choose in one of the chips "order", "true" and "predicted", by how the label begins."""
        menu = self.user.find(ChipMenu, f"evaluate_pictures_{chip}").menu_of_choices
        next(each for each in menu.actions() if each.text().startswith(label)).trigger()
        self.user.settle()

    def show_only_wrong(self) -> None:
        self.user.click("evaluate_pictures_wrong")
        self.user.settle()

    def click(self, name: str | int, modifier: Qt.KeyboardModifier = _NO_MODIFIER) -> None:
        """Click the picture of that file name, or in that place, counted from 0."""
        place = name if isinstance(name, int) else self.files().index(name)
        index = self.grid.model().index(place, 0)
        self.grid.scrollTo(index)
        middle = self.grid.visualRect(index).center()
        QTest.mouseClick(self.grid.viewport(), _LEFT, modifier, middle)
        self.user.settle()

    def press(self, key: Qt.Key | str) -> None:
        QTest.keyClick(self.grid, key)
        self.user.settle()

    def fix_label(self, title: str) -> None:
        """Open the menu of classes with the mouse and choose one."""
        self.user.click("evaluate_pictures_label")
        menu = self.user.find(QMenu, "evaluate_pictures_label_menu")
        self.user.until(menu.isVisible)
        next(each for each in menu.actions() if each.text() == title).trigger()
        menu.close()
        self.user.settle()

    def ticked_class(self) -> str:
        """Which class the menu says the picture has."""
        self.user.click("evaluate_pictures_label")
        menu = self.user.find(QMenu, "evaluate_pictures_label_menu")
        self.user.until(menu.isVisible)
        ticked: list[QAction] = [each for each in menu.actions() if each.isChecked()]
        menu.close()
        return ticked[0].text() if ticked else ""

    # What the user sees

    @property
    def page(self) -> PicturesPage:
        page = self.user.window.findChild(PicturesPage)
        assert page is not None
        return page

    @property
    def grid(self) -> AnswerGrid:
        return self.user.find(AnswerGrid, "evaluate_pictures_grid")

    @property
    def model(self) -> AnsweredModel:
        model = self.grid.model()
        assert isinstance(model, AnsweredModel)
        return model

    def files(self) -> list[str]:
        return [each.file_name for each in self.model.samples]

    def captions(self) -> list[list[str]]:
        """The lines below each picture, a mark first where there is one."""
        return [
            [f"{each.mark} {each.text}".strip() for each in self.model.tile(row).lines]
            for row in range(len(self.model.samples))
        ]

    def badge(self, name: str) -> str:
        return self.model.tile(self.files().index(name)).badge

    def spoken(self, name: str) -> str:
        """What a screen reader says of a picture."""
        index = self.model.index(self.files().index(name))
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

    def selected(self) -> list[str]:
        return [each.file_name for each in self.grid.selected_samples()]

    def words(self) -> str:
        return self.user.text("evaluate_pictures_words")

    def standing(self) -> str:
        label = self.user.find(QLabel, "evaluate_pictures_standing")
        return label.text() if label.isVisible() else ""

    def changes(self) -> str:
        """What is said to have changed since the run, "" while nothing has."""
        label = self.user.find(QLabel, "evaluate_pictures_changes")
        return label.text() if label.isVisible() else ""

    def facts(self) -> str:
        return self.user.text("evaluate_pictures_facts")

    def bars(self) -> list[str]:
        return self.user.find(ClassBars, "predict_bars").lines()

    def can_edit(self) -> bool:
        return self.user.find(QAbstractButton, "evaluate_pictures_label").isEnabled()
