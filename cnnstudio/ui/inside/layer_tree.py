"""`LayerTree`: the layers of a network by block, with what each of them takes."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from cnnstudio.core.inside.layer_words import words_of
from cnnstudio.core.inside.network_layers import LayerGroup, NetworkLayer
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar_delegate import BarDelegate
from cnnstudio.ui.words import count_words, counted, memory_words, millions, percent

_ROLE = Qt.ItemDataRole.UserRole
_WEIGHTS_COLUMN, _SHARE_COLUMN = 3, 4
_ROW_PX = 26
MOST_UNFOLDED = 40
"""A network of more layers is folded into its blocks."""
_HEADS = (
    ("Layer", "The name of the layer in the model"),
    ("Kind", "What it does"),
    ("Output", "What it gives for one picture: height × width × maps, or values"),
    ("Weights", "Numbers that are learned; of those that are kept it says so"),
    ("Share", "Its share of all weights"),
    ("Memory", "What its output takes for one picture, in 32 bits a value"),
    (
        "Multiplications",
        "Of convolutions and dense layers, for one picture; each comes with an addition",
    ),
)
_WIDTHS_PX = (156, 150, 130, 92, 64, 74, 106)


class LayerTree(QTreeWidget):
    """Blocks that unfold into layers; `pointed` carries the `NetworkLayer` or `LayerGroup`."""

    pointed = Signal(object)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._total = 0
        self._items: dict[str, tuple[QTreeWidgetItem, QTreeWidgetItem]] = {}
        self.setObjectName(name)
        self.setAccessibleName("Layers of the network")
        self.setColumnCount(len(_HEADS))
        for column, (title, words) in enumerate(_HEADS):
            self.headerItem().setText(column, title)
            self.headerItem().setToolTip(column, words)
            self.headerItem().setTextAlignment(column, _side(column))
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setItemDelegateForColumn(_SHARE_COLUMN, BarDelegate(theme, _ROLE, self))
        self.header().setSectionsMovable(False)
        self.header().setStretchLastSection(False)
        for column, width in enumerate(_WIDTHS_PX):
            self.header().resizeSection(column, width)
        self.header().setSectionResizeMode(_SHARE_COLUMN, QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(self.viewport().update)
        self.currentItemChanged.connect(self._on_current)

    def show_groups(self, groups: Sequence[LayerGroup]) -> None:
        """Show other layers; a network of few is unfolded, of a long one the blocks are seen."""
        self.blockSignals(True)
        self._items.clear()
        self.clear()
        self._total = sum(group.parameters for group in groups)
        is_short = sum(len(group.layers) for group in groups) <= MOST_UNFOLDED
        for group in groups:
            top = self._item(group.title, _group_words(group), group)
            self.addTopLevelItem(top)
            for layer in group.layers:
                item = self._item(layer.name, words_of(layer.kind).title, layer)
                top.addChild(item)
                self._items[layer.name] = top, item
            top.setExpanded(is_short)
        self.blockSignals(False)

    def point_at(self, name: str) -> None:
        """Choose the layer of that name, and unfold its block."""
        if name in self._items:
            group, item = self._items[name]
            self.expandItem(group)
            self.setCurrentItem(item)
            self.scrollToItem(item)

    def share(self, of: NetworkLayer | LayerGroup) -> float:
        """Return which share of all weights a layer or a block has, 0 to 1."""
        return of.parameters / self._total if self._total else 0.0

    def _item(self, name: str, kind: str, of: NetworkLayer | LayerGroup) -> QTreeWidgetItem:
        shape = shape_words(of.output_shape) if isinstance(of, NetworkLayer) else ""
        share = self.share(of)
        item = QTreeWidgetItem(
            [
                name,
                kind,
                shape,
                count_words(of.parameters) if of.parameters else "–",
                "",
                memory_words(of.memory_bytes),
                millions(of.multiplications) if of.multiplications else "–",
            ]
        )
        item.setData(0, _ROLE, of)
        item.setData(_SHARE_COLUMN, _ROLE, share or None)
        item.setSizeHint(0, QSize(0, _ROW_PX))
        item.setData(
            _SHARE_COLUMN, Qt.ItemDataRole.AccessibleTextRole, f"{percent(share)} of all weights"
        )
        item.setToolTip(_SHARE_COLUMN, f"{percent(share)} of all weights")
        item.setToolTip(0, name)
        if isinstance(of, NetworkLayer):
            if of.is_kept:
                item.setToolTip(_WEIGHTS_COLUMN, "Kept as they came, not trained here")
            item.setToolTip(1, f"<p>{html.escape(words_of(of.kind).words)}</p>")
        else:
            font = self.font()
            font.setWeight(QFont.Weight.DemiBold)
            item.setFont(0, font)
        for column in range(len(_HEADS)):
            item.setTextAlignment(column, _side(column))
        return item

    @Slot(QTreeWidgetItem, QTreeWidgetItem)
    def _on_current(self, item: QTreeWidgetItem | None, _before: object) -> None:
        if item is not None:
            self.pointed.emit(item.data(0, _ROLE))


def shape_words(shape: Sequence[int]) -> str:
    """Return "222 × 222 × 32"."""
    return " × ".join(count_words(side) for side in shape)


def _group_words(group: LayerGroup) -> str:
    """Return "9 layers", "9 layers, kept" or "9 layers, some kept"."""
    words = counted(len(group.layers), "layer")
    weighted = [each for each in group.layers if each.parameters]
    if not any(each.is_kept for each in weighted):
        return words
    return f"{words}, kept" if all(each.is_kept for each in weighted) else f"{words}, some kept"


def _side(column: int) -> Qt.AlignmentFlag:
    is_left = column < 2 or column == _SHARE_COLUMN
    side = Qt.AlignmentFlag.AlignLeft if is_left else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
