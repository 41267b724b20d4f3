"""`BlockTable`: the convolution blocks of a network, each value edited in its cell."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from cnnstudio.core.parameters import Parameter
from cnnstudio.ui.models.block_model import AnyIndex, BlockModel
from cnnstudio.ui.theme import FACTS_PX

_ROW_PX = 32
_PADDING_PX = 5
# What the theme and Qt leave around words.
_AROUND_HEAD_PX = 16
_AROUND_CELL_PX = 18


class BlockTable(QTableView):
    """Shows a `BlockModel`. A click, Return or F2 edits a cell; Delete removes the block."""

    def __init__(self, model: BlockModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks = model
        self.setObjectName(name)
        self.setAccessibleName("Convolution blocks")
        self.setModel(model)
        self.setItemDelegate(_ParameterDelegate(self))
        self.setShowGrid(False)
        # As far from the edge as the heads of the columns.
        self.setStyleSheet(f"QTableView::item {{ padding: 0 {_PADDING_PX}px; }}")
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(_ROW_PX)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setFixedWidth(22)
        # The hairline of the heads is for columns; below each row's number it would be a ladder.
        rows.setStyleSheet("QHeaderView::section { border: none; }")
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(30)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        # A click edits, but the click that only selects by dragging or a key does not.
        self.clicked.connect(self._clicked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Edit with Return, remove with Delete."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            if self.state() != QAbstractItemView.State.EditingState:
                self.edit(index)
        elif event.key() == Qt.Key.Key_Delete and index.isValid():
            self._blocks.remove(index.row())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out by what each column's words need, so that none are cut off."""
        super().resizeEvent(event)
        self.ensurePolished()  # before that, its letters are not those of the theme
        needs = [self._width_needed(parameter) for parameter in self._blocks.parameters]
        room, end = self.viewport().width(), 0
        for column in range(len(needs)):
            begin, end = end, room * sum(needs[: column + 1]) // sum(needs)
            self.horizontalHeader().resizeSection(column, end - begin)

    def _width_needed(self, parameter: Parameter) -> int:
        letters = self.fontMetrics()
        small = QFont(self.font())
        small.setPixelSize(FACTS_PX)
        in_head = QFontMetrics(small).horizontalAdvance(parameter.label) + _AROUND_HEAD_PX
        in_cells = [letters.horizontalAdvance(words) for _, words in parameter.choices]
        return max(in_head, max(in_cells, default=0) + _AROUND_CELL_PX)

    def _clicked(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)


class _ParameterDelegate(QStyledItemDelegate):
    """Edits a cell with the control that suits its parameter; the model follows at once."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> QWidget:
        """Return a spin box or a list of choices."""
        parameter = _parameter_at(index)
        editor = (
            self._choice(parent, parameter) if parameter.choices else _number(parent, parameter)
        )
        editor.setObjectName(f"block_{index.row() + 1}_{parameter.key}")
        editor.setAccessibleName(f"Block {index.row() + 1}, {parameter.label}")
        if isinstance(editor, QSpinBox):
            cell = QPersistentModelIndex(index)
            editor.valueChanged.connect(lambda value: self._step(editor, cell, value))
        return editor

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        """Show the cell's value."""
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QSpinBox):
            if editor.value() != value:
                editor.setValue(value)
        elif isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(value))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        """Take the value over."""
        value: Any = None
        if isinstance(editor, QSpinBox):
            editor.interpretText()
            value = editor.value()
        elif isinstance(editor, QComboBox):
            value = editor.currentData()
        model.setData(model.index(index.row(), index.column()), value)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        """Fill the cell, and more where its words need more."""
        rect = option.rect
        rect.setWidth(max(rect.width(), editor.sizeHint().width()))
        rect.moveRight(min(rect.right(), option.widget.width() - 4))
        editor.setGeometry(rect)

    def _choice(self, parent: QWidget, parameter: Parameter) -> QComboBox:
        box = QComboBox(parent)
        for value, label in parameter.choices:
            box.addItem(label, value)
        box.activated.connect(lambda: self._finish(box))
        # The list opens with the editor: one click less. It cannot before the box has its place.
        QTimer.singleShot(0, box, box.showPopup)
        return box

    def _step(self, editor: QWidget, cell: QPersistentModelIndex, value: int) -> None:
        # A spin box that is closed says its value once more, when its view has let go of it.
        if cell.data(Qt.ItemDataRole.EditRole) != value:
            self.commitData.emit(editor)

    def _finish(self, editor: QWidget) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)


def _number(parent: QWidget, parameter: Parameter) -> QSpinBox:
    box = QSpinBox(parent)
    box.setRange(int(parameter.minimum or 0), int(parameter.maximum or 2**31 - 1))
    # Half a typed number is no wish yet: "12" on the way to "128".
    box.setKeyboardTracking(False)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    return box


def _parameter_at(index: AnyIndex) -> Parameter:
    model = index.model()
    assert isinstance(model, BlockModel)
    return model.parameters[index.column()]
