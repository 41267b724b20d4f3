from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from cnnstudio.core.evaluation.figures import Figures, figures_of
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.confusion_matrix import ConfusionMatrix
from tests.core.evaluation.answers import answered, random_answers


@pytest.fixture
def matrix(qtbot: QtBot, theme: Theme) -> ConfusionMatrix:
    matrix = ConfusionMatrix(theme, "matrix")
    qtbot.addWidget(matrix)
    matrix.resize(560, 380)
    matrix.show()
    return matrix


def figures(classes: int, count: int = 600) -> Figures:
    everything = np.arange(count) % classes
    scores = random_answers(7, count, classes).probabilities
    return figures_of(answered(everything, scores))(TaskContext())


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_few_classes_fit_without_scrolling(matrix: ConfusionMatrix, classes: int) -> None:
    matrix.show_figures(figures(classes))
    assert matrix.horizontalScrollBar().maximum() == 0
    assert matrix.verticalScrollBar().maximum() == 0


@pytest.mark.parametrize("classes", [2, 10, 43])
@pytest.mark.parametrize("count", [600, 100_000])
def test_no_number_is_cut_off(matrix: ConfusionMatrix, classes: int, count: int) -> None:
    matrix.show_figures(figures(classes, count))
    letters = QFontMetrics(matrix.font())
    cells = [word for line in matrix.words()[:-1] for word in line[:-1]]
    assert max(map(letters.horizontalAdvance, cells)) < matrix.columnWidth(0)
    assert letters.height() < matrix.rowHeight(0)


def test_many_classes_scroll_to_the_cell_that_the_keyboard_is_on(
    matrix: ConfusionMatrix, qtbot: QtBot
) -> None:
    matrix.show_figures(figures(43))
    assert matrix.horizontalScrollBar().maximum() > 0
    for key in (Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown):
        qtbot.keyClick(matrix, key)
    current = matrix.currentIndex()
    assert current.column() == 43
    assert current.row() > 20
    assert matrix.viewport().rect().contains(matrix.visualRect(current))


def test_names_stand_upright_where_the_columns_are_narrow(matrix: ConfusionMatrix) -> None:
    head = matrix.horizontalHeader()
    matrix.show_figures(figures(2))
    lying = head.height()
    matrix.resize(200, 380)
    matrix.show_figures(figures(43))
    assert head.height() >= lying


def test_what_a_cell_means_is_there_for_screen_readers(matrix: ConfusionMatrix) -> None:
    matrix.show_figures(figures_of(answered([0, 0, 1], np.eye(2)[[0, 1, 1]]))(TaskContext()))
    words = matrix.model().index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == "1 picture of C0 taken for C1: 50.0 % of C0, 50.0 % of the answers C1."
    both = matrix.model().index(2, 2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert both == "3 pictures in all."
