"""The grid with answers below its pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.core.arranging import Arrangement
from cnnstudio.core.project import Sample
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.answered_model import AnsweredModel, CaptionLine, Tile
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_grid import AnswerGrid
from cnnstudio.ui.widgets.grid_geometry import GridGeometry


@pytest.fixture
def grid(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> AnswerGrid:
    theme = Theme(qapp, "light")
    thumbnails = Thumbnails()
    model = AnsweredModel()
    grid = AnswerGrid(model, theme, Icons(theme), thumbnails, lines=2)
    thumbnails.setParent(grid)
    model.setParent(grid)
    qtbot.addWidget(grid, before_close_func=lambda _: thumbnails.close())
    samples = tuple(Sample(f"{tmp_path.as_posix()}/{n}.png", None, 0, 0) for n in range(100))
    lines = CaptionLine("tulip", 0.88, "wrong"), CaptionLine("is <b>rose</b>")
    tiles = [Tile(lines, (f"{n}.png", "is <b>rose</b>"), "now tulip") for n in range(100)]
    model.set_pictures(
        Arrangement(samples, {each.path: n for n, each in enumerate(samples)}), tiles
    )
    grid.resize(600, 400)
    grid.show()
    qtbot.waitExposed(grid)
    return grid


def test_a_line_of_pictures_has_room_for_its_captions() -> None:
    geometry = GridGeometry(10, 3, 100, 35)
    assert geometry.height_px == 4 * 135
    assert geometry.rect_of(4).topLeft() == QPoint(100, 135)
    assert geometry.row_at(QPoint(150, 260)) == 4
    assert geometry.rows_between(135, 270) == range(3, 6)
    for row in range(10):
        rect = geometry.rect_of(row)
        assert geometry.row_at(rect.topLeft()) == geometry.row_at(rect.bottomRight()) == row


def test_a_click_on_a_caption_selects_its_picture(grid: AnswerGrid) -> None:
    rect = grid.visualRect(grid.model().index(1, 0))
    caption = QPoint(rect.center().x(), rect.bottom() - 8)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=caption)
    assert grid.selected_rows() == [1]


def test_the_last_picture_can_be_scrolled_to_and_seen_whole(grid: AnswerGrid) -> None:
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.selected_rows() == [99]
    assert grid.viewport().rect().contains(grid.visualRect(grid.model().index(99, 0)))


def test_names_cannot_act_like_mark_up_in_a_tooltip(grid: AnswerGrid) -> None:
    words = grid.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert words == "0.png<br>is &lt;b&gt;rose&lt;/b&gt;"


def test_a_wrong_answer_looks_otherwise_than_a_right_one(grid: AnswerGrid) -> None:
    model = grid.model()
    assert isinstance(model, AnsweredModel)
    wrong = grid.viewport().grab(grid.visualRect(model.index(0, 0))).toImage()
    right = Tile((CaptionLine("tulip", 0.88, "right"), CaptionLine("is <b>rose</b>")), (), "")
    model.set_pictures(model.arrangement, [right] * 100)
    assert grid.viewport().grab(grid.visualRect(model.index(0, 0))).toImage() != wrong
