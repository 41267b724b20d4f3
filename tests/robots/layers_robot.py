"""Drives the pages The network and What each layer sees, and tells what is seen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
)

from cnnstudio.ui.inside.layers_page import LayersPage
from cnnstudio.ui.inside.network_drawing import NetworkDrawing
from cnnstudio.ui.inside.network_page import NetworkPage
from cnnstudio.ui.panels.inside_panel import InsidePanel
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.image_view import ImageView
from cnnstudio.ui.widgets.picture_tiles import PictureTiles
from tests.robots.window_robot import WindowRobot

_LEFT = Qt.MouseButton.LeftButton
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier


class LayersRobot:
    """A person who looks into a network."""

    def __init__(self, user: WindowRobot) -> None:
        self.user = user

    # What the user does

    def open_page(self, name: str, *, waits: bool = True) -> None:
        if self.user.step() != "look_inside":
            self.user.go_to("look_inside")
        self.user.click(f"inside_tab_{name}")
        if waits:
            self.user.settle()

    def click_row(self, name: str) -> None:
        """Click a layer or a block in the list of The network."""
        item = self._row(name)
        self.tree.scrollToItem(item)
        place = self.tree.visualItemRect(item).center()
        QTest.mouseClick(self.tree.viewport(), _LEFT, _NO_MODIFIER, place)

    def press_in_tree(self, key: Qt.Key) -> None:
        QTest.keyClick(self.tree, key)

    def click_drawing(self, place: int) -> None:
        """Click the block at a place of the drawing, counted from 0."""
        centre = self.drawing.layer_rect(place).center().toPoint()
        QTest.mouseClick(self.drawing, _LEFT, _NO_MODIFIER, centre)

    def press_in_drawing(self, key: Qt.Key) -> None:
        QTest.keyClick(self.drawing, key)

    def choose_layer(self, name: str, *, waits: bool = True) -> None:
        """Click a layer in the list of What each layer sees."""
        (item,) = self.list.findItems(name, Qt.MatchFlag.MatchExactly)
        self.list.scrollToItem(item)
        place = self.list.visualItemRect(item).center()
        QTest.mouseClick(self.list.viewport(), _LEFT, _NO_MODIFIER, place)
        if waits:
            self.user.settle()

    def click_tile(self, name: str, place: int) -> None:
        """Click a tile of "maps", "trained", "fresh" or "found"."""
        tiles = self._tiles(name)
        centre: QPoint = tiles.visualRect(tiles.model().index(place, 0)).center()
        QTest.mouseClick(tiles.viewport(), _LEFT, _NO_MODIFIER, centre)
        self.user.settle()

    def press_in_tiles(self, name: str, key: Qt.Key) -> None:
        QTest.keyClick(self._tiles(name), key)
        self.user.settle()

    def press_in_epochs(self, key: Qt.Key) -> None:
        """Move the slider of the epochs by a key."""
        QTest.keyClick(self.user.find(QSlider, "inside_layers_epoch"), key)
        self.user.settle()

    def look_at(self, file: Path) -> None:
        """Choose a picture from elsewhere."""
        self.user.find(InsidePanel, "").look_at(file)
        self.user.settle()

    # What the user sees

    @property
    def tree(self) -> QTreeWidget:
        return self.user.find(QTreeWidget, "inside_network_layers")

    @property
    def drawing(self) -> NetworkDrawing:
        return self.user.find(NetworkDrawing, "inside_network_drawing")

    @property
    def list(self) -> QTreeWidget:
        return self.user.find(QTreeWidget, "inside_layers_list")

    def row(self, name: str) -> list[str]:
        """What stands in the row of a layer."""
        item = self._row(name)
        return [item.text(column) for column in range(self.tree.columnCount())]

    def hint(self, name: str) -> str:
        """What is said of the kind of a layer while the mouse rests on it."""
        return self._row(name).toolTip(1)

    def rows(self) -> list[str]:
        """The blocks and, below each, its layers."""
        names = []
        for item in self._tops():
            names.append(item.text(0))
            names += [item.child(place).text(0) for place in range(item.childCount())]
        return names

    def current_row(self) -> str:
        item = self.tree.currentItem()
        return "" if item is None else item.text(0)

    def explanation(self) -> str:
        """The facts, the paragraph and the figures at the right."""
        return "\n".join(
            self.user.text(f"inside_network_{each}") for each in ("facts", "words", "figures")
        )

    def totals(self) -> tuple[str, str, str]:
        weights, memory, multiplications = (
            self.user.text(f"inside_network_{each}")
            for each in ("weights", "memory", "multiplications")
        )
        return weights, memory, multiplications

    def parts(self) -> str:
        """Which part of the network is kept and which is trained, as a screen reader says it."""
        return self.drawing.accessibleName().partition(", at ")[0].partition(" layers, ")[2]

    def warning(self) -> str:
        banner = self.user.find(Banner, "inside_network_warning")
        return banner.sentence() if banner.isVisible() else ""

    def tiles(self, name: str) -> list[str]:
        """The lines below the tiles."""
        return [each.line for each in self._tiles(name).tiles()]

    def spoken_tiles(self, name: str) -> list[str]:
        return [each.spoken for each in self._tiles(name).tiles()]

    def current_tile(self, name: str) -> int:
        return self._tiles(name).currentIndex().row()

    def layers(self) -> list[str]:
        """The list of layers, its headings included."""
        places = range(self.list.topLevelItemCount())
        return [item.text(0) for item in map(self.list.topLevelItem, places) if item is not None]

    def layer(self) -> str:
        """The layer that the list marks."""
        item = self.list.currentItem()
        return "" if item is None else item.text(0)

    def heading(self) -> str:
        """What stands above the channels."""
        label = self.user.find(Card, "inside_layers_card").findChild(QLabel)
        assert isinstance(label, QLabel)
        return label.text()

    def words(self) -> str:
        return self.user.text("inside_layers_words")

    def line(self, name: str) -> str:
        """One of the lines that begin with `inside_layers_`; "" where it cannot be seen."""
        label = self.user.find(QLabel, f"inside_layers_{name}")
        return label.text() if label.isVisible() else ""

    def filters_title(self) -> str:
        """What stands over the first filters."""
        return self.user.text("inside_layers_trained_title")

    def can_click(self, name: str) -> bool:
        return self.user.find(QAbstractButton, name).isEnabled()

    def picture(self, name: str) -> str:
        """What a screen reader says of "over" or "made"."""
        return self.user.find(ImageView, f"inside_layers_{name}").accessibleName()

    def empty_words(self) -> str:
        """What is said where there is nothing to show, "" where there is."""
        pages = [*self.user.window.findChildren(NetworkPage)]
        pages += self.user.window.findChildren(LayersPage)
        found = [
            each.sentence()
            for page in pages
            for each in page.findChildren(EmptyState)
            if each.isVisible()
        ]
        return found[0] if found else ""

    def _tiles(self, name: str) -> PictureTiles:
        return self.user.find(PictureTiles, f"inside_layers_{name}")

    def _tops(self) -> list[QTreeWidgetItem]:
        places = range(self.tree.topLevelItemCount())
        return [item for item in map(self.tree.topLevelItem, places) if item is not None]

    def _row(self, name: str) -> QTreeWidgetItem:
        flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
        (item,) = self.tree.findItems(name, flags)
        return item
