"""A filter slides over numbers, in the whole window: mouse, keys, own numbers, every stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.ui.inside.convolution_page import ConvolutionPage
from cnnstudio.ui.inside.page import InsidePage
from cnnstudio.ui.inside.why_drawings import ConvolutionDrawing
from cnnstudio.ui.inside.why_page import WhyPage
from cnnstudio.ui.panels.inside_panel import InsidePanel
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.number_grid import NumberGrid
from cnnstudio.ui.widgets.page_chips import LaterPage
from tests.builders import coloured_folder
from tests.fakes import FakeEngine
from tests.robots.convolution_robot import ConvolutionRobot


@pytest.fixture
def things(tmp_path: Path) -> Path:
    """A project whose first picture is dark at the left and light at the right."""
    root = coloured_folder(tmp_path / "things", {"black": 2, "white": 2})
    pixels = np.zeros((12, 12, 3), np.uint8)
    pixels[:, 6:] = 200
    Image.fromarray(pixels).save(root / "black" / "1.png")
    return root


@pytest.fixture
def panel_robot(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[ConvolutionRobot]:
    theme = Theme(qapp, "light")
    session = Session(FakeEngine(), tmp_path / "settings")
    pages = [
        LaterPage[InsidePage](WhyPage, lambda: WhyPage(session, theme)),
        LaterPage[InsidePage](ConvolutionPage, lambda: ConvolutionPage(session, theme)),
    ]
    panel = InsidePanel(session, pages)
    panel.resize(1196, 722)
    qtbot.addWidget(panel)
    panel.show()
    yield ConvolutionRobot(qtbot, session, panel)
    session.close()


@pytest.fixture
def robot(panel_robot: ConvolutionRobot, things: Path) -> ConvolutionRobot:
    panel_robot.open(things, "convolution")
    return panel_robot


def test_the_first_example_is_walked_through_step_by_step(robot: ConvolutionRobot) -> None:
    assert robot.input() == [[1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6], [4, 5, 6, 7]]
    assert robot.output() == [[15, None], [None, None]]
    robot.click("convolution_step")
    assert robot.window() == ((0, 1, 2), (1, 2, 3))
    assert robot.grid("convolution_window") == [[2, 3, 4], [3, 4, 5], [4, 5, 6]]
    assert robot.grid("convolution_products") == [[2, 0, 4], [0, 4, 0], [4, 0, 6]]
    assert robot.text("convolution_result") == "20"
    assert robot.text("convolution_sum") == "2×1 + 4×1 + 4×1 + 4×1 + 6×1 = 20"
    robot.click("convolution_back")
    assert robot.text("convolution_place") == "Place 1 of 4"
    robot.click("convolution_all")
    assert robot.output() == [[15, 20], [20, 25]]
    robot.click("convolution_restart")
    assert robot.output() == [[15, None], [None, None]]


def test_playing_fills_the_output_and_stops_at_its_end(robot: ConvolutionRobot) -> None:
    robot.choose("source", "cross")
    robot.choose("padding", "same")
    robot.click("convolution_play")
    robot.click("convolution_play")
    assert robot.text("convolution_place") == "Place 1 of 64", "nothing had time to move"
    robot.click_output(7, 6)
    robot.click("convolution_play")
    robot.until(lambda: robot.text("convolution_place") == "Place 64 of 64")
    robot.click("convolution_play")
    assert robot.text("convolution_place") == "Place 1 of 64", "from the beginning again"


def test_the_window_is_dragged_and_moved_by_keys(robot: ConvolutionRobot) -> None:
    robot.drag((1, 1), (2, 3))
    assert robot.window() == ((1, 2, 3), (1, 2, 3)), "as near to the edge as it can stand"
    robot.press(Qt.Key.Key_Up)
    assert robot.window() == ((0, 1, 2), (1, 2, 3))
    robot.press(Qt.Key.Key_Left)
    robot.press(Qt.Key.Key_Left)
    assert robot.window() == ((0, 1, 2), (0, 1, 2))
    robot.click_output(1, 0)
    assert robot.window() == ((1, 2, 3), (0, 1, 2))


def test_a_number_of_the_filter_is_edited(robot: ConvolutionRobot) -> None:
    robot.type_number("convolution_filter_2_2", "-2")
    assert robot.text("convolution_sum") == "1×1 + 3×1 + 3×(-2) + 3×1 + 5×1 = 6"
    assert robot.output()[0][0] == 6
    assert "Your own" in robot.find(ChipMenu, "convolution_preset").text()
    robot.type_number("convolution_filter_2_2", "1e9")
    assert robot.number("convolution_filter_2_2") == 99
    assert "from -99 to 99" in robot.text("convolution_preset_words"), "why it is not 1e9"
    robot.choose("preset", "identity")
    assert robot.output()[0][0] == 3


def test_stride_and_dilation_exclude_each_other(robot: ConvolutionRobot) -> None:
    robot.choose("source", "cross")
    robot.choose("dilation", 2)
    assert robot.window() == ((0, 2, 4), (0, 2, 4))
    assert not robot.is_shown("convolution_exclusive")
    robot.choose("stride", 2)
    assert robot.text("convolution_exclusive").startswith("Dilation is 1 again, not 2: Keras")
    assert robot.window() == ((0, 1, 2), (0, 1, 2))
    assert robot.text("convolution_flow").startswith("8 × 8  →  3 × 3  →")


def test_what_does_not_fit_is_said_where_it_stands(robot: ConvolutionRobot) -> None:
    robot.choose("dilation", 2)
    assert "reaches over 5 × 5 numbers does not fit into 4 × 4" in robot.text("convolution_problem")
    helping = "Take a smaller dilation, the padding same, or more numbers."
    assert robot.text("convolution_problem").endswith(helping), "another stride would not"
    assert not robot.can_click("convolution_step")
    assert robot.text("convolution_hint") == "", "there is no window to drag"
    robot.choose("padding", "same")
    assert not robot.is_shown("convolution_problem")
    assert robot.can_click("convolution_step")


def test_the_same_numbers_go_on_to_relu_pooling_and_flattening(robot: ConvolutionRobot) -> None:
    robot.choose("source", "gray")
    robot.choose("preset", "vertical")
    robot.click("convolution_all")
    convolved = robot.output()
    # 12 pixels wide: the edge lies between columns 5 and 6.
    assert convolved[0] == [0, 0, 0, 0, 600, 600, 0, 0, 0, 0]
    robot.type_number("convolution_filter_1_3", "-4")
    robot.stage("relu")
    robot.click("convolution_all")
    assert min(min(row) for row in robot.input()) < 0
    assert min(value for row in robot.output() for value in row if value is not None) == 0
    robot.choose("preset", "vertical")
    robot.stage("pooling")
    robot.click("convolution_all")
    assert robot.output()[0] == [0, 0, 600, 0, 0]
    robot.click_output(0, 2)
    assert robot.chosen() == (0, 4)
    assert robot.text("convolution_sum") == "largest of 600, 600, 600, 600 = 600"
    robot.choose("pooling", "average")
    assert robot.chosen() is None
    robot.stage("flatten")
    assert not robot.is_shown("convolution_all"), "all is there from the beginning"
    robot.drag((0, 0), (1, 2))
    assert robot.text("convolution_sum") == "Row 2, column 3: 600 becomes number 8 of 25."
    assert robot.strip() > 10


def test_numbers_too_long_for_their_cells_are_given_in_thousands(robot: ConvolutionRobot) -> None:
    robot.choose("source", "gray")
    robot.choose("padding", "same")
    robot.choose("preset", "blur")
    robot.click("convolution_all")
    gives = robot.find(NumberGrid, "convolution_gives")
    assert gives.unit == 1
    for row, column in np.ndindex(3, 3):
        robot.type_number(f"convolution_filter_{row + 1}_{column + 1}", "99")
    assert gives.unit == 1000
    assert robot.says("Out: 12 × 12 numbers, in thousands")
    # Nine times 99 times 200; a tooltip has the digits that the cell has no room for.
    assert gives.words_at(gives.cell_rect(5, 9).center()) == "178200 in row 6, column 10"
    takes = robot.find(NumberGrid, "convolution_takes")
    assert takes.words_at(takes.cell_rect(-1, 0).center()) == "0, padding"
    robot.choose("side", 32)
    assert gives.unit == 0
    assert robot.says("Out: 32 × 32 numbers, as colours")


def test_a_shift_says_what_stays(robot: ConvolutionRobot) -> None:
    robot.choose("source", "gray")
    robot.choose("preset", "vertical")
    robot.stage("pooling")
    assert robot.text("convolution_shift_words") == ""
    robot.choose("shift", 1)
    assert robot.input()[0] == [0, 0, 0, 0, 0, 600, 600, 0, 0, 0]
    assert robot.text("convolution_shift_words").startswith(
        "Shifted 1 pixel to the right: 5 of 10 (50 %) of the pooled values stay,"
        " before pooling 10 of 30 (33 %)."
    )
    assert robot.dots() == 5
    assert "Dots mark" not in robot.text("convolution_shift_words"), "none can be seen yet"
    robot.click("convolution_all")
    assert robot.text("convolution_shift_words").endswith("Dots mark what stays.")


def test_a_picture_that_cannot_be_read_leaves_the_examples(
    robot: ConvolutionRobot, things: Path
) -> None:
    robot.choose("source", "red")
    robot.choose("side", 16)
    assert len(robot.input()) == 16
    (things / "black" / "2.png").write_bytes(b"no picture")
    robot.click("inside_next")
    robot.settle()
    assert robot.text("convolution_note").startswith("2.png cannot be read")
    assert len(robot.input()) == 4
    robot.click("inside_previous")
    robot.settle()
    assert not robot.is_shown("convolution_note")
    robot.choose("source", "red")


def test_without_pictures_there_are_the_examples_and_no_next_picture(
    panel_robot: ConvolutionRobot, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    panel_robot.open(tmp_path / "empty", "convolution")
    assert panel_robot.text("inside_picture") == "No picture yet"
    assert not panel_robot.can_click("inside_next")
    assert len(panel_robot.input()) == 4


def test_everything_is_reached_by_tab(robot: ConvolutionRobot) -> None:
    for name in ("convolution_takes", "convolution_filter_3_3", "convolution_play"):
        assert robot.can_be_reached_by_tab(name)


def test_the_numbers_of_both_layers_follow_the_sizes(
    panel_robot: ConvolutionRobot, things: Path
) -> None:
    robot = panel_robot
    robot.open(things, "why")
    assert robot.text("why_dense_count") == "150,529,000 weights"
    assert robot.text("why_dense_memory") == "602 MB of memory"
    assert robot.text("why_convolution_count") == "896 weights"
    assert "168,001 times" in robot.text("why_fewer")
    robot.type_number("why_picture", "32")
    robot.type_number("why_neurons", "10")
    robot.type_number("why_filters", "1")
    robot.type_number("why_kernel", "5")
    assert robot.text("why_dense_count") == "30,730 weights"
    assert robot.text("why_dense_memory") == "123 KB of memory"
    assert robot.text("why_convolution_count") == "76 weights"
    assert "1 bias," in robot.text("why_convolution_words")
    assert "all 1,024 places" in robot.text("why_anywhere")
    robot.type_number("why_filters", "256")
    robot.type_number("why_kernel", "99")
    assert robot.number("why_kernel") == 11
    assert robot.says("1 to 11 px"), "the limits stand beside the field"
    assert robot.text("why_fewer").startswith("Here the convolution has no fewer weights")


def test_a_window_larger_than_the_picture_is_drawn_on_the_picture(
    panel_robot: ConvolutionRobot, things: Path
) -> None:
    robot = panel_robot
    robot.open(things, "why")
    robot.type_number("why_picture", "8")
    robot.type_number("why_kernel", "11")
    drawing = robot.find(ConvolutionDrawing, "why_window")
    assert drawing.window_rect() == QRectF(drawing.picture_rect())


def test_the_window_shows_what_it_covers(panel_robot: ConvolutionRobot, things: Path) -> None:
    robot = panel_robot
    robot.open(things, "why")
    drawing = robot.find(ConvolutionDrawing, "why_window")
    robot.point_at_picture(0.25, 0.5)
    assert drawing.window_pixels().max() == 0
    robot.point_at_picture(0.75, 0.5)
    assert drawing.window_pixels().min() == 200
    QTest.keyClick(drawing, Qt.Key.Key_Up)
    assert drawing.place[0] < 0.5
    robot.click("why_slide")
    robot.until(lambda: drawing.place[0] < 0.1)
    robot.point_at_picture(0.5, 0.5)
    assert drawing.place == (pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01))
