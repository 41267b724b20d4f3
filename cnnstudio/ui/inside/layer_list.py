"""`LayerList`: the layers that can be looked through, by depth; of a long network by block."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QTreeWidgetItemIterator

from cnnstudio.core.inside.layer_words import words_of
from cnnstudio.core.inside.network_layers import (
    Depth,
    LayerGroup,
    NetworkLayer,
    depths_of,
    grouped,
)
from cnnstudio.ui.inside.layer_tree import MOST_UNFOLDED, shape_words

FILTERS = "First filters"
_ROW_PX = 22
_INDENT_PX = 14
_NAME_ROLE = Qt.ItemDataRole.UserRole
_DEPTHS: dict[Depth, str] = {
    "early": "Early",
    "middle": "Middle",
    "deep": "Deep",
    "end": "Answer",
}


class LayerList(QTreeWidget):
    """`chosen` carries the name of a layer, or `FILTERS`.

    A block of a long network stands for its last layer, that is for what the block gives; unfolded
    it shows all. There a layer is called by what it does: its name says little.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inside_layers_list")
        self.setAccessibleName("Layers")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(_INDENT_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.currentItemChanged.connect(self._on_current)

    def show_layers(self, layers: Sequence[NetworkLayer], current: str) -> None:
        """List other layers, `current` is chosen; with none the list is empty."""
        with QSignalBlocker(self):
            self.clear()
            if not layers:
                return
            self.addTopLevelItem(_item(FILTERS, FILTERS, "Small pictures of what they look for"))
            if len(layers) > MOST_UNFOLDED:
                self._add_blocks(grouped(layers))
            else:
                self._add_by_depth(layers)
            self._choose(current)

    @property
    def title(self) -> str:
        """What is chosen, in words."""
        item = self.currentItem()
        if item is None:
            return ""
        if item.data(0, _NAME_ROLE) == FILTERS:
            return "Filters of the first layer"
        block = item.parent()
        if block is not None:
            return f"{block.text(0)}: {item.text(0)}"
        return f"{item.text(0)}: what it gives" if item.childCount() else item.text(0)

    def _add_by_depth(self, layers: Sequence[NetworkLayer]) -> None:
        self.setRootIsDecorated(False)
        depth = ""
        for layer, layer_depth in zip(layers, depths_of(layers), strict=True):
            if layer_depth != depth:
                depth = layer_depth
                heading = _heading(_DEPTHS[layer_depth])
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                self.addTopLevelItem(heading)
            kind = words_of(layer.kind).title
            tip = f"{kind}, {shape_words(layer.output_shape)}"
            self.addTopLevelItem(_item(layer.name, layer.name, tip))

    def _add_blocks(self, groups: Sequence[LayerGroup]) -> None:
        self.setRootIsDecorated(True)
        for group in groups:
            heading = _heading(group.title)
            heading.setData(0, _NAME_ROLE, group.layers[-1].name)
            heading.setToolTip(0, "What it gives; unfold it to look through each of its layers")
            self.addTopLevelItem(heading)
            for layer in group.layers:
                tip = f"{layer.name}, {shape_words(layer.output_shape)}"
                heading.addChild(_item(words_of(layer.kind).title, layer.name, tip))

    def _choose(self, name: str) -> None:
        places = QTreeWidgetItemIterator(self)
        while (item := places.value()) is not None:
            if item.data(0, _NAME_ROLE) == name:
                self.setCurrentItem(item)
                self.scrollToItem(item)
                return
            places += 1

    @Slot(QTreeWidgetItem, QTreeWidgetItem)
    def _on_current(self, item: QTreeWidgetItem | None, _before: object) -> None:
        if item is not None and item.data(0, _NAME_ROLE):
            self.chosen.emit(item.data(0, _NAME_ROLE))


def _item(words: str, name: str, tip: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([words])
    item.setSizeHint(0, QSize(0, _ROW_PX))
    item.setData(0, _NAME_ROLE, name)
    item.setToolTip(0, tip)
    return item


def _heading(words: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([words])
    item.setSizeHint(0, QSize(0, _ROW_PX))
    font = QFont(item.font(0))
    font.setWeight(QFont.Weight.DemiBold)
    item.setFont(0, font)
    return item
