"""Drives the pages about convolution with mouse and keys, and tells what is to be seen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from cnnstudio.ui.inside.why_drawings import ConvolutionDrawing
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.number_grid import NumberGrid
from cnnstudio.ui.widgets.number_strip import NumberStrip
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton


class ConvolutionRobot:
    """A person in front of the Look inside step."""

    def __init__(self, user: WindowRobot, page: str) -> None:
        self.user = user
        user.go_to("look_inside")
        user.click(f"inside_tab_{page}")
        user.settle()

    # What the user does

    def click(self, name: str) -> None:
        self.user.click(f"convolution_{name}")

    def choose(self, name: str, value: object) -> None:
        menu = self.user.find(ChipMenu, f"convolution_{name}")
        assert menu.isEnabled(), f"{name} is greyed"
        actions = menu.menu_of_choices.actions()
        next(each for each in actions if each.data() == value).trigger()
        self.user.settle()

    def stage(self, name: str) -> None:
        self.click(f"tab_{name}")

    def type_number(self, name: str, text: str) -> None:
        box = self.user.find(QAbstractSpinBox, name)
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        self.user.settle()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.user.find(NumberGrid, "convolution_takes"), key)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag over the cells of the input."""
        grid = self.user.find(NumberGrid, "convolution_takes")
        first, last = (grid.cell_rect(*place).center() for place in (start, end))
        QTest.mousePress(grid, _LEFT, pos=first)
        QTest.mouseMove(grid, pos=last)
        QTest.mouseRelease(grid, _LEFT, pos=last)

    def click_output(self, row: int, column: int) -> None:
        grid = self.user.find(NumberGrid, "convolution_gives")
        QTest.mouseClick(grid, _LEFT, pos=grid.cell_rect(row, column).center())

    def point_at_picture(self, right: float, down: float) -> None:
        """Click the picture of the page about weights, at shares of its size."""
        drawing = self.user.find(ConvolutionDrawing, "why_window")
        rect = drawing.picture_rect()
        at = QPoint(round(right * rect.width()), round(down * rect.height()))
        QTest.mouseClick(drawing, _LEFT, pos=rect.topLeft() + at)

    # What the user sees

    def output(self) -> list[list[float | None]]:
        """The numbers of the output; None where there is none yet."""
        shown = self.user.find(NumberGrid, "convolution_gives").shown
        assert shown.seen is not None
        return [
            [value if seen else None for value, seen in zip(*row, strict=True)]
            for row in zip(shown.values.tolist(), shown.seen.tolist(), strict=True)
        ]

    def input(self) -> list[list[float]]:
        return self.grid("convolution_takes")

    def window(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Rows and columns of the input that the window covers."""
        shown = self.user.find(NumberGrid, "convolution_takes").shown
        return shown.rows, shown.columns

    def grid(self, name: str) -> list[list[float]]:
        numbers: list[list[float]] = self.user.find(NumberGrid, name).shown.values.tolist()
        return numbers

    def chosen(self) -> tuple[int, int] | None:
        """Where in the input the number lies that is marked as the maximum."""
        return self.user.find(NumberGrid, "convolution_takes").shown.chosen

    def dots(self) -> int:
        """How many numbers of the output are marked as unchanged."""
        same = self.user.find(NumberGrid, "convolution_gives").shown.same
        return 0 if same is None else int(same.sum())

    def strip(self) -> int:
        """How many numbers of the row are in view."""
        return len(self.user.find(NumberStrip, "convolution_strip").places())

    def text(self, name: str) -> str:
        return self.user.text(f"convolution_{name}")

    def can_be_reached_by_tab(self, name: str) -> bool:
        """Whether Tab comes by on its way through the page."""
        wanted = self.user.find(QWidget, name)
        first = self.user.find(ChipMenu, "convolution_source")
        at: QWidget = first
        while at is not wanted:
            at = at.nextInFocusChain()
            if at is first:
                return False
        return bool(wanted.focusPolicy() & Qt.FocusPolicy.TabFocus)
