from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.theme import DARK, LIGHT, Theme, class_colour
from cnnstudio.ui.widgets.array_image import image_of_array
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.class_bars import ClassBars
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.sample_grid import SampleGrid

RED = (255, 0, 0)
BLUE = (0, 0, 255)


def filled(colour: tuple[int, int, int], height: int = 8, width: int = 8) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def colour_at(widget: QWidget, x: float, y: float) -> str:
    return widget.grab().toImage().pixelColor(int(x), int(y)).name()


def rows(count: int) -> list[tuple[str, QColor, float]]:
    return [(f"class {index}", class_colour(index), 1 / count) for index in range(count)]


def test_a_bar_is_filled_up_to_its_value(qtbot: QtBot, theme: Theme) -> None:
    bar = Bar(theme)
    qtbot.addWidget(bar)
    bar.resize(200, 6)
    bar.set_value(0.5)
    assert colour_at(bar, 90, 3) == LIGHT.accent
    assert colour_at(bar, 110, 3) == LIGHT.line
    bar.set_colour(QColor("#cc79a7"))
    assert colour_at(bar, 90, 3) == "#cc79a7"


def test_a_bar_stays_within_its_ends(qtbot: QtBot, theme: Theme) -> None:
    bar = Bar(theme)
    qtbot.addWidget(bar)
    bar.set_value(1.7)
    assert bar.value() == 1.0
    bar.set_value(-1)
    assert bar.value() == 0.0


def test_a_bar_takes_the_colours_of_the_theme(qtbot: QtBot, theme: Theme) -> None:
    bar = Bar(theme)
    qtbot.addWidget(bar)
    bar.resize(200, 6)
    bar.set_value(0.5)
    theme.set_choice("dark")
    assert colour_at(bar, 90, 3) == DARK.accent


def test_classes_are_ranked_with_their_percentages(qtbot: QtBot, theme: Theme) -> None:
    bars = ClassBars(theme)
    qtbot.addWidget(bars)
    bars.set_probabilities(
        [("hat", class_colour(0), 0.016), ("coat", class_colour(1), 0.984), ("cap", QColor(), 0.0)]
    )
    assert bars.lines() == ["coat 98.4 %", "hat 1.6 %", "cap 0.0 %"]
    assert bars.accessibleDescription() == "coat 98.4 %; hat 1.6 %; cap 0.0 %"


def test_of_many_classes_the_most_probable_are_shown_and_the_others_counted(
    qtbot: QtBot, theme: Theme
) -> None:
    bars = ClassBars(theme, most_shown=5)
    qtbot.addWidget(bars)
    bars.set_probabilities(rows(1000))
    assert len(bars.lines()) == 6
    assert bars.lines()[-1] == "and 995 more"
    bars.set_probabilities(rows(6))
    assert len(bars.lines()) == 6
    assert bars.lines()[-1].startswith("class")
    bars.set_probabilities(rows(2))
    assert len(bars.lines()) == 2


def test_a_row_of_class_bars_is_as_long_as_its_probability(qtbot: QtBot, theme: Theme) -> None:
    bars = ClassBars(theme)
    qtbot.addWidget(bars)
    bars.resize(200, 200)
    bars.set_probabilities([("a", QColor("#ff0000"), 0.75), ("b", QColor("#00ff00"), 0.25)])
    assert colour_at(bars, 140, 26) == "#ff0000"
    assert colour_at(bars, 160, 26) == LIGHT.line
    assert colour_at(bars, 40, 39 + 26) == "#00ff00"
    assert colour_at(bars, 60, 39 + 26) == LIGHT.line


def test_the_next_picture_leaves_the_height_of_the_bars_alone(qtbot: QtBot, theme: Theme) -> None:
    bars = ClassBars(theme)
    qtbot.addWidget(bars)
    bars.set_probabilities(rows(4))
    before = bars.sizeHint()
    bars.set_probabilities([(f"a much longer name {index}", QColor(), 0.25) for index in range(4)])
    assert bars.sizeHint() == before


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[0, 200]], np.uint8), ["#000000", "#c8c8c8"]),
        (np.array([[[0], [200]]], np.uint8), ["#000000", "#c8c8c8"]),
        (np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8), ["#010203", "#040506"]),
        (np.array([[[1, 2, 3, 255], [4, 5, 6, 255]]], np.uint8), ["#010203", "#040506"]),
        (np.arange(12, dtype=np.uint8).reshape(1, 4, 3)[:, ::2], ["#000102", "#060708"]),
    ],
)
def test_arrays_of_every_kind_become_pictures(
    array: NDArray[np.uint8], expected: list[str]
) -> None:
    image = image_of_array(array)
    assert [image.pixelColor(x, 0).name() for x in range(image.width())] == expected


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2, 3)), np.zeros((2, 2, 2), np.uint8), np.zeros(4, np.uint8)]
)
def test_an_array_that_is_no_picture_is_refused(array: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="Received"):
        image_of_array(array)


def test_a_picture_is_shown_whole_in_its_proportions(qtbot: QtBot, theme: Theme) -> None:
    view = ImageView(theme)
    qtbot.addWidget(view)
    view.resize(200, 100)
    view.set_image(filled(RED, height=40, width=40), "a red square")
    assert view.picture_rect() == QRectF(50, 0, 100, 100)
    assert colour_at(view, 100, 50) == "#ff0000"
    assert colour_at(view, 20, 50) == LIGHT.line
    assert view.accessibleName() == "a red square"


def test_the_picture_follows_the_size_of_its_view(qtbot: QtBot, theme: Theme) -> None:
    view = ImageView(theme)
    qtbot.addWidget(view)
    view.resize(100, 100)
    view.set_image(filled(RED), "red")
    assert colour_at(view, 90, 50) == "#ff0000"
    view.resize(300, 300)
    assert colour_at(view, 290, 150) == "#ff0000"
    view.set_image(filled(BLUE), "blue")
    assert colour_at(view, 150, 150) == "#0000ff"
    view.set_image(None, "no picture")
    assert colour_at(view, 150, 150) == LIGHT.line


def test_a_tiny_picture_can_be_shown_with_sharp_pixels(qtbot: QtBot, theme: Theme) -> None:
    checks = np.array([[0, 255], [255, 0]], np.uint8)
    view = ImageView(theme, smooth=False)
    qtbot.addWidget(view)
    view.resize(100, 100)
    view.set_image(checks, "checks")
    assert colour_at(view, 47, 25) == "#000000"
    assert colour_at(view, 53, 25) == "#ffffff"
    view.set_smooth(True)
    assert colour_at(view, 47, 25) not in ("#000000", "#ffffff")


def test_the_grid_has_as_many_columns_as_fit(qtbot: QtBot, theme: Theme) -> None:
    grid = SampleGrid(theme, cell_px=100)
    qtbot.addWidget(grid)
    assert grid.columns(99) == 1
    assert grid.columns(207) == 1
    assert grid.columns(208) == 2
    grid.set_samples([(filled(RED), f"sample {index}") for index in range(5)])
    assert grid.heightForWidth(208) > grid.heightForWidth(640)


def test_every_sample_is_in_the_grid(qtbot: QtBot, theme: Theme) -> None:
    grid = SampleGrid(theme, cell_px=100)
    qtbot.addWidget(grid)
    grid.resize(316, grid.heightForWidth(316))
    grid.set_samples([(filled(RED), "original"), (image_of_array(filled(BLUE)), "sample 1")] * 2)
    grid.resize(316, grid.heightForWidth(316))
    colours = [
        colour_at(grid, grid.cell_rect(index).center().x(), grid.cell_rect(index).center().y())
        for index in range(4)
    ]
    assert colours == ["#ff0000", "#0000ff", "#ff0000", "#0000ff"]
    assert grid.cell_rect(3).top() > grid.cell_rect(0).bottom()
    assert grid.accessibleDescription() == "original, sample 1, original, sample 1"


def test_replacing_the_samples_moves_nothing(qtbot: QtBot, theme: Theme) -> None:
    grid = SampleGrid(theme, cell_px=100)
    qtbot.addWidget(grid)
    grid.resize(316, 400)
    grid.set_samples([(filled(RED), "a"), (filled(RED), "b")])
    before = [grid.cell_rect(index) for index in range(2)]
    hint = grid.sizeHint()
    grid.set_samples([(filled(BLUE, 4, 9), "another"), (filled(BLUE), "one more")])
    assert [grid.cell_rect(index) for index in range(2)] == before
    assert grid.sizeHint() == hint
    assert colour_at(grid, 50, 50) == "#0000ff"
