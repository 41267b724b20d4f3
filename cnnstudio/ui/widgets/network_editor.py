"""`NetworkEditor`: every layer of the network, with shapes and weights following each change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.config import NetworkConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.network import LayerRow, layer_table
from cnnstudio.core.parameters import parameters_of
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.block_model import MOST_BLOCKS, BlockModel
from cnnstudio.ui.widgets.block_table import BlockTable
from cnnstudio.ui.widgets.icon_button import icon_button
from cnnstudio.ui.widgets.layer_table import LayerTable
from cnnstudio.ui.widgets.parameter_form import ParameterForm
from cnnstudio.ui.widgets.primary_button import styled_button


class NetworkEditor(QWidget):
    """Left the convolution blocks and what follows them, right the layers that come of it.

    `network_changed` carries a `NetworkConfig` after each change by the user, also one that cannot
    work; `problem` then says why.
    """

    network_changed = Signal(object)

    def __init__(self, icons: Icons, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._network = NetworkConfig()
        self._image_size = 224
        self._class_count = 2
        self._model = BlockModel(self)
        self.blocks = BlockTable(self._model, f"{prefix}_blocks")
        self.blocks.setMinimumHeight(26 + 3 * 32 + 4)
        self.layers = LayerTable(icons, f"{prefix}_layers")
        self.form = ParameterForm(parameters_of(NetworkConfig), prefix)
        self._add = styled_button("Add block", small=True)
        self._add.setObjectName(f"{prefix}_add_block")
        self._remove = icon_button(icons, "trash", "Remove this block", f"{prefix}_remove_block")
        self._up = icon_button(icons, "up", "Move this block up", f"{prefix}_block_up")
        self._down = icon_button(icons, "down", "Move this block down", f"{prefix}_block_down")
        self._arrange()
        self._model.blocks_changed.connect(self._blocks_changed)
        self.form.value_changed.connect(self._value_changed)
        self._add.clicked.connect(self._add_block)
        self._remove.clicked.connect(self._remove_block)
        self._up.clicked.connect(lambda: self._move_block(-1))
        self._down.clicked.connect(lambda: self._move_block(1))
        self.blocks.selectionModel().selectionChanged.connect(self._enable)
        self._model.modelReset.connect(self._enable)
        self._refresh()

    def set_network(self, network: NetworkConfig, image_size: int, class_count: int) -> None:
        """Show a network for square pictures of `image_size` px; nothing is emitted."""
        given = (network, image_size, class_count)
        if given == (self._network, self._image_size, self._class_count):
            return
        self._network, self._image_size, self._class_count = given
        self._model.set_blocks(network.blocks)
        self.form.set_values(
            {each.key: getattr(network, each.key) for each in parameters_of(NetworkConfig)}
        )
        self._refresh()

    @property
    def problem(self) -> str:
        """Why the sizes cannot work, "" when they can."""
        return self.layers.problem()

    def _arrange(self) -> None:
        title = QLabel("Convolution blocks")
        title.setProperty("class", "muted")
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(title)
        buttons.addStretch(1)
        for button in (self._up, self._down, self._remove):
            buttons.addWidget(button)
        buttons.addSpacing(4)
        buttons.addWidget(self._add)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(buttons)
        left.addWidget(self.blocks, 1)
        left.addWidget(self.form)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)  # beside what the cells keep free: neither table has a word cut off
        layout.addLayout(left, 11)
        layout.addWidget(self.layers, 8)

    def _blocks_changed(self) -> None:
        self._change(blocks=self._model.blocks)

    def _value_changed(self, key: str, value: Any) -> None:
        self._change(**{key: value})

    def _change(self, **values: Any) -> None:
        self._network = replace(self._network, **values)
        self._refresh()
        self.network_changed.emit(self._network)

    def _refresh(self) -> None:
        try:
            rows, problem = self._layers_of(self._network), ""
        except StudioError as error:
            rows, problem = self._layers_that_work(), str(error)
        self.layers.set_layers(rows, problem)
        self._enable()

    def _layers_of(self, network: NetworkConfig) -> list[LayerRow]:
        return layer_table(network, self._image_size, self._class_count)

    def _layers_that_work(self) -> list[LayerRow]:
        """Return the layers of the first blocks, up to the one that cannot be."""
        blocks = self._network.blocks
        for count in range(len(blocks), -1, -1):
            part = replace(self._network, blocks=blocks[:count], dense_units=0)
            try:
                rows = self._layers_of(part)
            except StudioError:
                continue
            return [row for row in rows if row.block is not None or row.kind == "Rescaling"]
        return []

    # Blocks

    def _selected(self) -> int:
        rows = self.blocks.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def _select(self, row: int) -> None:
        index = self._model.index(min(row, self._model.rowCount() - 1), 0)
        flags = QItemSelectionModel.SelectionFlag
        self.blocks.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _add_block(self) -> None:
        self._select(self._model.add(self._selected()))
        self._enable()

    def _remove_block(self) -> None:
        row = self._selected()
        if row >= 0:
            self._model.remove(row)
            self._select(row)
            self._enable()

    def _move_block(self, by: int) -> None:
        self._select(self._model.move(self._selected(), by))
        self._enable()

    def _enable(self) -> None:
        row, count = self._selected(), self._model.rowCount()
        self._add.setEnabled(count < MOST_BLOCKS)
        self._remove.setEnabled(row >= 0)
        self._up.setEnabled(row > 0)
        self._down.setEnabled(0 <= row < count - 1)
