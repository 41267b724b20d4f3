"""The grid: selecting with mouse and keys, what is read, and 100,000 pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.core.arranging import Arrangement, Knowledge, Problem
from cnnstudio.core.project import ImageClass, Project, Sample
from cnnstudio.core.selecting import Selection
from cnnstudio.ui.models.sample_model import SampleModel
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.grid_geometry import GridGeometry
from cnnstudio.ui.widgets.row_selection import RowSelection
from cnnstudio.ui.widgets.sample_view import SampleView
from tests.builders import coloured_picture

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def arrangement(count: int) -> Arrangement:
    samples = tuple(Sample(f"a/{number}.png", "a", 10, number + 1) for number in range(count))
    return Arrangement(samples, {each.path: row for row, each in enumerate(samples)})


@dataclass
class Grid:
    """A grid, four pictures wide, and a person in front of it."""

    view: SampleView
    model: SampleModel
    thumbnails: Thumbnails
    root: Path

    def show(self, count: int, knowledge: Knowledge | None = None) -> None:
        project = Project(self.root, (ImageClass("a", "a"),))
        self.model.set_arrangement(project, arrangement(count), knowledge or Knowledge())
        self.view.doItemsLayout()

    def place(self, row: int) -> QPoint:
        return self.view.visualRect(self.model.index(row)).center()

    def click(self, row: int, modifier: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.view.viewport(), LEFT, modifier, self.place(row))

    def press(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, modifier)

    def pull(self, start: QPoint, *places: QPoint, modifier: Qt.KeyboardModifier = NONE) -> None:
        viewport = self.view.viewport()
        QTest.mousePress(viewport, LEFT, modifier, start)
        for place in places:
            QTest.mouseMove(viewport, place)
        QTest.mouseRelease(viewport, LEFT, modifier, places[-1])

    @property
    def selected(self) -> list[int]:
        return self.view.selected_rows()


@pytest.fixture
def grid(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Grid]:
    thumbnails, model = Thumbnails(), SampleModel()
    view = SampleView(model, Theme(qapp, "light"), thumbnails)
    qtbot.addWidget(view)
    view.setAccessibleName("Pictures")
    view.set_root(tmp_path)
    view.resize(4 * 132 + 20, 400)
    view.show()
    view.setFocus()
    grid = Grid(view, model, thumbnails, tmp_path)
    grid.show(20)
    yield grid
    thumbnails.close()


# Selecting


def test_clicks_select_one_toggle_and_select_ranges(grid: Grid) -> None:
    grid.click(1)
    grid.click(5, SHIFT)
    assert grid.selected == [1, 2, 3, 4, 5]
    grid.click(3, CONTROL)
    grid.click(7, CONTROL)
    assert grid.selected == [1, 2, 4, 5, 7]
    grid.click(9, SHIFT | CONTROL)
    assert grid.selected == [1, 2, 4, 5, 7, 8, 9]
    grid.click(2)
    assert grid.selected == [2]


def test_the_selection_is_inverted_and_all_or_none_selected_by_keys(grid: Grid) -> None:
    grid.click(0)
    grid.press(Qt.Key.Key_I, CONTROL)
    assert grid.selected == list(range(1, 20))
    grid.press(Qt.Key.Key_A, CONTROL)
    assert grid.view.selected_count == 20
    grid.press(Qt.Key.Key_Escape)
    assert grid.selected == []


def test_keys_alone_select_here_and_there(grid: Grid) -> None:
    grid.press(Qt.Key.Key_Home)
    grid.press(Qt.Key.Key_Right, CONTROL)
    grid.press(Qt.Key.Key_Right, CONTROL)
    assert grid.selected == [0]
    grid.press(Qt.Key.Key_Space, CONTROL)
    assert grid.selected == [0, 2]
    grid.press(Qt.Key.Key_Down, SHIFT)
    assert grid.selected == [2, 3, 4, 5, 6]


def test_pressing_what_is_selected_keeps_all_until_it_is_clear_that_it_is_no_drag(
    grid: Grid,
) -> None:
    grid.view.select_rows([1, 2, 3], current=1)
    QTest.mousePress(grid.view.viewport(), LEFT, NONE, grid.place(2))
    assert grid.selected == [1, 2, 3]
    QTest.mouseRelease(grid.view.viewport(), LEFT, NONE, grid.place(2))
    assert grid.selected == [2]


def test_all_selected_pictures_are_dragged(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    dragged: list[list[int]] = []
    monkeypatch.setattr(grid.view, "startDrag", lambda _actions: dragged.append(grid.selected))
    grid.view.select_rows([1, 2], current=1)
    grid.pull(grid.place(2), grid.place(2) + QPoint(40, 0))
    grid.pull(grid.place(5), grid.place(5) + QPoint(40, 0))
    assert dragged == [[1, 2], [5]]
    assert grid.selected == [5]


def test_a_right_click_selects_only_what_is_not_selected_yet(grid: Grid) -> None:
    grid.view.select_rows([1, 2], current=1)
    for row, expected in ((2, [1, 2]), (6, [6])):
        QTest.mouseClick(grid.view.viewport(), Qt.MouseButton.RightButton, NONE, grid.place(row))
        assert grid.selected == expected


def test_a_rubber_band_selects_a_block_and_with_ctrl_adds_it(grid: Grid) -> None:
    grid.show(11)
    beside = grid.place(10) + QPoint(2 * 132, 0)
    grid.pull(beside, grid.place(7), grid.place(6))
    assert grid.selected == [6, 7, 10]
    grid.view.select_rows([0], current=0)
    grid.pull(beside, grid.place(7), grid.place(7) + QPoint(10, 0), modifier=CONTROL)
    assert grid.selected == [0, 7]


def test_a_rubber_band_pulled_out_of_the_view_scrolls_it(grid: Grid, qtbot: QtBot) -> None:
    grid.show(203)
    grid.view.verticalScrollBar().setValue(grid.view.verticalScrollBar().maximum())
    viewport = grid.view.viewport()
    QTest.mousePress(viewport, LEFT, NONE, grid.place(202) + QPoint(132, 0))
    QTest.mouseMove(viewport, QPoint(20, -60))
    qtbot.waitUntil(lambda: grid.view.visible_rows().start < 100)
    QTest.mouseRelease(viewport, LEFT, NONE, QPoint(20, -60))
    assert len(grid.selected) > 70
    assert not grid.view._pointer._scroll_timer.isActive()


def test_screen_readers_hear_whether_the_current_picture_is_selected(grid: Grid) -> None:
    model = grid.view.selectionModel()
    grid.click(3)
    assert model.isSelected(grid.model.index(3))
    grid.click(3, CONTROL)
    assert not model.isSelected(grid.model.index(3))
    assert grid.view.currentIndex().row() == 3


def test_a_selection_is_the_same_until_it_changes(grid: Grid) -> None:
    grid.click(3)
    selection = grid.view.selection()
    assert grid.view.selection() is selection
    grid.click(4, CONTROL)
    assert grid.view.selection() is not selection
    assert selection.of(grid.model.samples) == [grid.model.samples[3]]


def test_taking_a_selection_over_scrolls_nothing(grid: Grid) -> None:
    grid.show(200)
    grid.view.verticalScrollBar().setValue(1000)
    mask = np.zeros(200, np.bool_)
    mask[2] = True
    grid.view.set_selection(Selection(mask, 2))
    assert grid.view.verticalOffset() == 1000
    assert grid.view.current_sample() == grid.model.samples[2]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["only", "toggle", "extend", "add", "all", "invert", "clear"]),
        st.integers(0, 11),
    ),
    max_size=12,
)


@given(ACTIONS)
def test_any_clicks_select_what_a_set_of_rows_would(actions: list[tuple[str, int]]) -> None:
    selection, expected, anchor = RowSelection(), set[int](), -1
    selection.resize(12)
    for action, row in actions:
        if action in ("extend", "add"):
            selection.extend_to(row, keep=action == "add")
            anchor = row if anchor < 0 else anchor
            run = set(range(min(anchor, row), max(anchor, row) + 1))
            expected = run | expected if action == "add" else run
        elif action in ("only", "toggle"):
            selection.select_only(row) if action == "only" else selection.toggle(row)
            expected, anchor = ({row} if action == "only" else expected ^ {row}), row
        else:
            steps = {
                "all": (selection.select_all, set(range(12))),
                "invert": (selection.invert, set(range(12)) - expected),
                "clear": (selection.clear, set()),
            }
            step, expected = steps[action]
            step()
        assert set(np.flatnonzero(selection.snapshot(-1).mask)) == expected
        assert selection.count == len(expected)
        assert all((each in selection) == (each in expected) for each in range(-1, 13))


# Keys


def test_letters_and_digits_go_to_the_classes_and_f3_f4_search(grid: Grid) -> None:
    heard: list[object] = []
    view = grid.view
    for signal in (view.number_pressed, view.letter_pressed):
        signal.connect(heard.append)
    view.next_unlabelled_pressed.connect(lambda: heard.append("next unlabelled"))
    view.next_problem_pressed.connect(lambda: heard.append("next problem"))
    for key in ("q", "7", Qt.Key.Key_F3, Qt.Key.Key_F4):
        grid.press(key)
    for modifier in (CONTROL, SHIFT, Qt.KeyboardModifier.AltModifier):
        grid.press(Qt.Key.Key_W, modifier)
    assert heard == ["q", 7, "next unlabelled", "next problem"]


# The geometry


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 60), st.integers(1, 7), st.integers(20, 50), st.integers(-50, 400))
def test_what_lies_at_a_place_is_found_there(
    count: int, columns: int, slot_px: int, top: int
) -> None:
    geometry = GridGeometry(count, columns, slot_px)
    for row in range(count):
        assert geometry.row_at(geometry.rect_of(row).center()) == row
    window = QRect(0, top, columns * slot_px, 3 * slot_px)
    touched = {row for row in range(count) if geometry.rect_of(row).intersects(window)}
    assert set(geometry.rows_between(top, top + window.height())) == touched
    lines, across = geometry.block_in(window)
    block = {line * columns + column for line in lines for column in across}
    assert {row for row in block if row < count} == touched


def test_the_middle_of_the_screen_is_read_first_then_what_comes_next() -> None:
    geometry = GridGeometry(300, 3, 100)
    rows = geometry.nearest_first(1000, 300, direction=1)
    assert rows[0] == 34  # the one in the middle
    assert set(rows[:9]) == set(range(30, 39))
    assert set(rows[9:]) == set(range(39, 48))
    assert set(geometry.nearest_first(1000, 300, direction=-1)[9:]) == set(range(21, 30))
    assert geometry.nearest_first(0, 300, direction=-1)[9:] == []


# What is read


def test_pictures_on_screen_are_read_and_shown(grid: Grid, qtbot: QtBot) -> None:
    (grid.root / "a").mkdir()
    for number in range(20):
        coloured_picture(grid.root / "a" / f"{number}.png", "red")
    grid.view.viewport().update()
    middle = grid.place(5)

    def is_red() -> bool:
        colour = grid.view.viewport().grab().toImage().pixelColor(middle)
        return colour.red() > 150 and colour.green() < 80

    qtbot.waitUntil(is_red)


def test_nothing_is_read_for_a_grid_that_is_hidden(grid: Grid, qtbot: QtBot) -> None:
    grid.show(10_000)
    grid.view.hide()
    qtbot.waitUntil(lambda: grid.thumbnails.waiting_count == 0)


def test_a_problem_and_a_suggestion_are_painted_on_the_picture(grid: Grid) -> None:
    def painted(row: int) -> bytes:
        rect = grid.view.visualRect(grid.model.index(row)).adjusted(4, 4, -4, -4)
        image = grid.view.viewport().grab(rect).toImage()
        return bytes(image.constBits())

    grid.show(8, Knowledge(problems={"a/1.png": (Problem("near twins"),)}))
    grid.model.set_suggestions({"a/2.png": ("a rather long title of a class", 0.97)})
    plain = painted(0)
    assert painted(3) == plain
    assert len({plain, painted(1), painted(2)}) == 3


# Many


def test_with_100_000_pictures_no_step_holds_the_window_up(grid: Grid) -> None:
    grid.show(100_000)
    every_third = range(0, 100_000, 3)
    steps: list[Callable[[], object]] = [
        grid.view.selectAll,
        grid.view.invert_selection,
        lambda: grid.view.select_rows(every_third, current=0),
        grid.view.invert_selection,
        lambda: grid.click(4, CONTROL),
        lambda: grid.click(9, SHIFT),
        lambda: grid.press(Qt.Key.Key_End, SHIFT),
        lambda: grid.view.selectAll(),
        lambda: grid.view.selection(),
        lambda: grid.view.viewport().repaint(),
    ]
    slowest = 0.0
    for step in steps:
        # The processor's time of this thread: others may be using the computer.
        began = time.thread_time()
        step()
        slowest = max(slowest, time.thread_time() - began)
    assert grid.view.selected_count == 100_000
    assert slowest < 0.05
