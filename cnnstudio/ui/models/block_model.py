"""`BlockModel`: the convolution blocks of a network as an editable table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from cnnstudio.core.config import ConvBlock
from cnnstudio.core.errors import StudioError
from cnnstudio.core.parameters import Parameter, parameters_of

AnyIndex = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
MOST_BLOCKS = 12


class BlockModel(QAbstractTableModel):
    """A row for each block, a column for each parameter of a block.

    `blocks_changed` is emitted after the user changed something; `set_blocks` emits nothing.
    """

    blocks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parameters = tuple(parameters_of(ConvBlock))
        self._blocks: tuple[ConvBlock, ...] = ()

    @property
    def blocks(self) -> tuple[ConvBlock, ...]:
        """The blocks in order."""
        return self._blocks

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameter of each column."""
        return self._parameters

    def set_blocks(self, blocks: tuple[ConvBlock, ...]) -> None:
        """Show other blocks."""
        if blocks != self._blocks:
            self.beginResetModel()
            self._blocks = blocks
            self.endResetModel()

    def add(self, after: int) -> int:
        """Add a block like the one at row `after` (or the last), and return its row."""
        model = self._blocks[after] if 0 <= after < len(self._blocks) else None
        model = model or (self._blocks[-1] if self._blocks else ConvBlock())
        row = after + 1 if 0 <= after < len(self._blocks) else len(self._blocks)
        self.beginInsertRows(_ROOT, row, row)
        self._blocks = (*self._blocks[:row], model, *self._blocks[row:])
        self.endInsertRows()
        self.blocks_changed.emit()
        return row

    def remove(self, row: int) -> None:
        """Take a block out."""
        self.beginRemoveRows(_ROOT, row, row)
        self._blocks = self._blocks[:row] + self._blocks[row + 1 :]
        self.endRemoveRows()
        self.blocks_changed.emit()

    def move(self, row: int, by: int) -> int:
        """Move a block up (-1) or down (1) where there is room, and return its row."""
        target = row + by
        if not (0 <= row < len(self._blocks) and 0 <= target < len(self._blocks)):
            return row
        blocks = list(self._blocks)
        blocks[row], blocks[target] = blocks[target], blocks[row]
        self._blocks = tuple(blocks)
        low, high = sorted((row, target))
        self.dataChanged.emit(self.index(low, 0), self.index(high, self.columnCount() - 1))
        self.blocks_changed.emit()
        return target

    # What Qt asks

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return the number of blocks."""
        return 0 if parent.isValid() else len(self._blocks)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return the number of parameters of a block."""
        return 0 if parent.isValid() else len(self._parameters)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Every cell can be edited, but for what the block's other values leave no choice of."""
        flags = super().flags(index)
        if not index.isValid() or self._is_idle(index):
            return flags
        return flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell: its words, its value (edit role), its place."""
        if not index.isValid():
            return None
        parameter = self._parameters[index.column()]
        value = getattr(self._blocks[index.row()], parameter.key)
        if role == Qt.ItemDataRole.EditRole:
            return value
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if self._is_idle(index) else _words(parameter, value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(parameter)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Block {index.row() + 1}, {parameter.label}: {_words(parameter, value)}"
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take in a value that its parameter allows."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        parameter = self._parameters[index.column()]
        try:
            checked = parameter.checked(value)
        except StudioError:
            return False
        row = index.row()
        block = replace(self._blocks[row], **{parameter.key: checked})
        if block != self._blocks[row]:
            self._blocks = (*self._blocks[:row], block, *self._blocks[row + 1 :])
            self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))
            self.blocks_changed.emit()
        return True

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return a parameter's label, or a block's number counted from 1."""
        is_column = orientation == Qt.Orientation.Horizontal
        if not 0 <= section < (self.columnCount() if is_column else self.rowCount()):
            return None
        if is_column:
            parameter = self._parameters[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return parameter.label
            if role == Qt.ItemDataRole.ToolTipRole:
                return parameter.help or None
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _side(parameter)
            return None
        return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None

    def _is_idle(self, index: AnyIndex) -> bool:
        block, key = self._blocks[index.row()], self._parameters[index.column()].key
        if key == "padding":
            return block.kind == "residual"
        return key == "pool_size" and block.pooling == "none"


def _side(parameter: Parameter) -> Qt.AlignmentFlag:
    is_number = parameter.kind in ("int", "float")
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _words(parameter: Parameter, value: Any) -> str:
    labels: dict[Any, str] = dict(parameter.choices)
    return labels.get(value, str(value))
