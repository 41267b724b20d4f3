"""Drives the Evaluate step with the mouse, and tells what is to be seen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHeaderView, QTableWidget

from cnnstudio.ui.panels.evaluate_panel import EvaluatePanel
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.class_figures_table import ClassFiguresTable
from cnnstudio.ui.widgets.confusion_matrix import ConfusionMatrix
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.share_plot import SharePlot
from cnnstudio.ui.widgets.sorted_table import SortedTable
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton


class EvaluateRobot:
    """A person in front of the Evaluate step."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def open_page(self, name: str) -> None:
        """Click the chip of a page."""
        self.user.click(f"evaluate_tab_{name}")
        self.user.settle()

    def choose_run(self, number: int) -> None:
        """Choose the run to judge, counted from 1, the newest."""
        menu = self.user.find(ChipMenu, "evaluate_run").menu_of_choices
        menu.actions()[number - 1].trigger()
        self.wait()

    def choose_part(self, number: int) -> None:
        """Choose the pictures to judge by, counted from 1."""
        menu = self.user.find(ChipMenu, "evaluate_part").menu_of_choices
        menu.actions()[number - 1].trigger()
        self.wait()

    def sort_by(self, column: str, name: str = "evaluate_classes") -> None:
        """Click the head of a column of a table."""
        table = self.user.find(QTableWidget, name)
        heads = [table.horizontalHeaderItem(each).text() for each in range(table.columnCount())]
        _click_head(table.horizontalHeader(), heads.index(column))

    def choose_scale(self, scale: str) -> None:
        """Show "counts", or shares of each "row" or "column"."""
        self.user.click(f"evaluate_scale_{scale}")

    def click_cell(self, true: int, predicted: int) -> None:
        """Click a cell of the confusion matrix; the last of both are the sums."""
        matrix = self.matrix
        index = matrix.model().index(true, predicted)
        matrix.scrollTo(index)
        QTest.mouseClick(matrix.viewport(), _LEFT, pos=matrix.visualRect(index).center())

    def click_row(self, true: int) -> None:
        """Click the name of a true class."""
        _click_head(self.matrix.verticalHeader(), true)

    def click_column(self, predicted: int) -> None:
        """Click the name of an answer."""
        _click_head(self.matrix.horizontalHeader(), predicted)

    def press(self, *keys: Qt.Key) -> None:
        """Press keys in the confusion matrix."""
        self.matrix.setFocus()
        for key in keys:
            QTest.keyClick(self.matrix, key)

    def choose_class(self, name: str) -> None:
        """Click a class on the page of curves."""
        table = self.user.find(QTableWidget, "evaluate_areas")
        (item,) = table.findItems(name, Qt.MatchFlag.MatchExactly)
        place = table.visualItemRect(item).center()
        QTest.mouseClick(table.viewport(), _LEFT, pos=place)

    def wait(self) -> None:
        """Wait until the answers are there."""
        self.user.until(lambda: self.user.session.background_jobs.is_idle)
        self.user.until(lambda: self.user.session.engine_jobs.is_idle)
        self.user.settle()

    # What the user sees

    @property
    def panel(self) -> EvaluatePanel:
        panel = self.user.window.panel("evaluate")
        assert isinstance(panel, EvaluatePanel)
        return panel

    def run_shown(self) -> str:
        return self.user.find(ChipMenu, "evaluate_run").text()

    def part_shown(self) -> str:
        return self.user.find(ChipMenu, "evaluate_part").text()

    def cheating_words(self) -> tuple[str, str]:
        """Verdict and explanation of the background test; "" for a verdict that is not there."""
        shown = self.user.is_shown("evaluate_cheating_headline")
        verdict = self.user.text("evaluate_cheating_headline") if shown else ""
        return verdict, self.user.text("evaluate_cheating_explanation")

    def headline(self) -> str:
        return self.user.text("evaluate_headline")

    def classes(self) -> list[list[str]]:
        """The table of classes, row by row."""
        table = self.user.find(ClassFiguresTable, "evaluate_classes")
        return [table.row_words(row) for row in range(table.rowCount())]

    @property
    def matrix(self) -> ConfusionMatrix:
        return self.user.find(ConfusionMatrix, "evaluate_confusion")

    def areas(self) -> list[list[str]]:
        """The table of areas under the curves, row by row."""
        table = self.user.find(SortedTable, "evaluate_areas")
        return [table.row_words(row) for row in range(table.rowCount())]

    def lines(self) -> list[str]:
        """The classes whose ROC curves stand out."""
        (plot,) = (
            each
            for each in self.panel.findChildren(SharePlot)
            if each.accessibleName() == "ROC curve"
        )
        return [line.name for line in plot.lines if not line.is_faint]

    def banner(self) -> str:
        """What the banner says, "" while there is none."""
        banner = self.user.find(Banner, "evaluate_banner")
        return banner.sentence() if banner.isVisible() else ""

    def empty_words(self) -> str:
        """What is said where there is nothing to show, "" where there is."""
        empty = self.panel.findChild(EmptyState)
        return empty.sentence() if empty.isVisible() else ""


def _click_head(header: QHeaderView, section: int) -> None:
    start, size = header.sectionViewportPosition(section), header.sectionSize(section)
    middle = start + size // 2
    is_across = header.orientation() == Qt.Orientation.Horizontal
    place = QPoint(middle, 8) if is_across else QPoint(8, middle)
    QTest.mouseClick(header.viewport(), _LEFT, pos=place)
