"""Drives the map of Look inside with mouse and keys, and tells what is to be seen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget

from cnnstudio.ui.inside.map_page import MapPage
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.map_view import MapView
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton
_NO_KEY = Qt.KeyboardModifier.NoModifier


class MapRobot:
    """A person in front of the map."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def open(self) -> None:
        self.user.go_to("look_inside")
        self.user.click("inside_tab_map")
        self.user.settle()

    def look_at_pictures(self) -> None:
        self.user.click("map_start")
        self.user.settle()

    def colour_by(self, words: str) -> None:
        menu = self.user.find(ChipMenu, "map_colouring")
        next(each for each in menu.menu_of_choices.actions() if words in each.text()).trigger()

    def compare_by(self, words: str) -> None:
        menu = self.user.find(ChipMenu, "map_sight")
        next(each for each in menu.menu_of_choices.actions() if words in each.text()).trigger()
        self.user.settle()

    def drag(self, corners: list[tuple[float, float]]) -> None:
        """Drag along corners, in pixels of the map."""
        places = [QPoint(round(x), round(y)) for x, y in corners]
        QTest.mousePress(self.view, _LEFT, _NO_KEY, places[0])
        for place in places[1:]:
            QTest.mouseMove(self.view, place)
        QTest.mouseRelease(self.view, _LEFT, _NO_KEY, places[-1])

    def surround(self, rows: list[int]) -> None:
        """Draw a box around points."""
        placed = self.view.points_px()[rows]
        (x0, y0), (x1, y1) = placed.min(axis=0) - 6, placed.max(axis=0) + 6
        self.drag([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])

    def click_group(self, words: str) -> None:
        legend = self.user.find(QListWidget, "map_legend")
        (item,) = legend.findItems(words, Qt.MatchFlag.MatchStartsWith)
        place = legend.visualItemRect(item).center()
        QTest.mouseClick(legend.viewport(), _LEFT, _NO_KEY, place)

    def press(self, key: Qt.Key) -> None:
        self.view.setFocus()
        QTest.keyClick(self.view, key)

    # What the user sees

    @property
    def view(self) -> MapView:
        return self.user.find(MapView, "map_view")

    def legend(self) -> list[str]:
        legend = self.user.find(QListWidget, "map_legend")
        return [legend.item(row).text() for row in range(legend.count())]

    def sights(self) -> list[str]:
        menu = self.user.find(ChipMenu, "map_sight")
        return [each.text() for each in menu.menu_of_choices.actions()]

    def selected(self) -> list[str]:
        """File paths of the selected pictures, as the page tells others."""
        page = self.user.window.findChild(MapPage)
        assert isinstance(page, MapPage)
        return page.selected_paths()

    def count(self) -> str:
        return self.user.text("map_count")

    def places(self) -> np.ndarray:
        return self.view.points_px()
