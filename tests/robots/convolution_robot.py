"""Drives the pages about convolution with mouse and keys, and tells what is to be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QDoubleSpinBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.inside.why_drawings import ConvolutionDrawing
from cnnstudio.ui.panels.inside_panel import InsidePanel
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.number_grid import NumberGrid
from cnnstudio.ui.widgets.number_strip import NumberStrip

Widget = TypeVar("Widget", bound=QWidget)

_LEFT = Qt.MouseButton.LeftButton


class ConvolutionRobot:
    """A person in front of the Look inside step."""

    def __init__(self, qtbot: QtBot, session: Session, panel: InsidePanel) -> None:
        self.session = session
        self.panel = panel
        self._qtbot = qtbot

    # Waiting

    def open(self, root: Path, page: str) -> None:
        self.session.open(root)
        self.until(lambda: self.session.project is not None)
        self.panel.show_page(page)
        self.settle()

    def settle(self) -> None:
        """Wait until the picture is read."""
        self.until(lambda: self.session.file_jobs.is_idle and self.session.preview_jobs.is_idle)

    def until(self, seen: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(seen, timeout=20_000)

    # What the user does

    def click(self, name: str) -> None:
        button = self.find(QAbstractButton, name)
        assert button.isVisible(), f"{name} cannot be seen"
        assert button.isEnabled(), f"{name} is greyed"
        QTest.mouseClick(button, _LEFT)

    def choose(self, name: str, value: object) -> None:
        menu = self.find(ChipMenu, f"convolution_{name}")
        assert menu.isEnabled(), f"{name} is greyed"
        actions = menu.menu_of_choices.actions()
        next(each for each in actions if each.data() == value).trigger()
        self.settle()

    def stage(self, name: str) -> None:
        self.click(f"convolution_tab_{name}")

    def type_number(self, name: str, text: str) -> None:
        box = self.find(QAbstractSpinBox, name)
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        self.settle()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.find(NumberGrid, "convolution_takes"), key)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag over the cells of the input."""
        grid = self.find(NumberGrid, "convolution_takes")
        first, last = (grid.cell_rect(*place).center() for place in (start, end))
        QTest.mousePress(grid, _LEFT, pos=first)
        QTest.mouseMove(grid, pos=last)
        QTest.mouseRelease(grid, _LEFT, pos=last)

    def click_output(self, row: int, column: int) -> None:
        grid = self.find(NumberGrid, "convolution_gives")
        QTest.mouseClick(grid, _LEFT, pos=grid.cell_rect(row, column).center())

    def point_at_picture(self, right: float, down: float) -> None:
        """Click the picture of the page about weights, at shares of its size."""
        drawing = self.find(ConvolutionDrawing, "why_window")
        rect = drawing.picture_rect()
        at = QPoint(round(right * rect.width()), round(down * rect.height()))
        QTest.mouseClick(drawing, _LEFT, pos=rect.topLeft() + at)

    # What the user sees

    def output(self) -> list[list[float | None]]:
        """The numbers of the output; None where there is none yet."""
        shown = self.find(NumberGrid, "convolution_gives").shown
        assert shown.seen is not None
        return [
            [value if seen else None for value, seen in zip(*row, strict=True)]
            for row in zip(shown.values.tolist(), shown.seen.tolist(), strict=True)
        ]

    def input(self) -> list[list[float]]:
        return self.grid("convolution_takes")

    def window(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Rows and columns of the input that the window covers."""
        shown = self.find(NumberGrid, "convolution_takes").shown
        return shown.rows, shown.columns

    def grid(self, name: str) -> list[list[float]]:
        numbers: list[list[float]] = self.find(NumberGrid, name).shown.values.tolist()
        return numbers

    def chosen(self) -> tuple[int, int] | None:
        """Where in the input the number lies that is marked as the maximum."""
        return self.find(NumberGrid, "convolution_takes").shown.chosen

    def dots(self) -> int:
        """How many numbers of the output are marked as unchanged."""
        same = self.find(NumberGrid, "convolution_gives").shown.same
        return 0 if same is None else int(same.sum())

    def strip(self) -> int:
        """How many numbers of the row are in view."""
        return len(self.find(NumberStrip, "convolution_strip").places())

    def number(self, name: str) -> float:
        return self.find(QDoubleSpinBox, name).value()

    def says(self, words: str) -> bool:
        """Whether these words stand anywhere."""
        labels = self.panel.findChildren(QLabel)
        return any(each.isVisible() and each.text() == words for each in labels)

    def text(self, name: str) -> str:
        return self.find(QLabel, name).text()

    def is_shown(self, name: str) -> bool:
        return self.find(QWidget, name).isVisible()

    def can_click(self, name: str) -> bool:
        return self.is_shown(name) and self.find(QWidget, name).isEnabled()

    def find(self, kind: type[Widget], name: str) -> Widget:
        found = self.panel.findChild(kind, name)
        assert found is not None, f"there is no {name}"
        return found

    def can_be_reached_by_tab(self, name: str) -> bool:
        """Whether Tab comes by on its way through the page."""
        wanted = self.find(QWidget, name)
        first = self.find(ChipMenu, "convolution_source")
        at: QWidget = first
        while at is not wanted:
            at = at.nextInFocusChain()
            if at is first:
                return False
        return bool(wanted.focusPolicy() & Qt.FocusPolicy.TabFocus)
