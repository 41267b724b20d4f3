from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from cnnstudio.core.config import ConvBlock
from cnnstudio.ui.models.block_model import BlockModel

COLUMNS = [each.key for each in BlockModel().parameters]


@pytest.fixture
def model() -> Iterator[BlockModel]:
    model = BlockModel()
    # Complains of every promise of Qt's models that is broken, here and in each change below.
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_blocks((ConvBlock(8), ConvBlock(16), ConvBlock(32)))
    yield model
    tester.deleteLater()


def filters(model: BlockModel) -> list[int]:
    return [block.filters for block in model.blocks]


def test_a_new_block_is_like_the_one_before_it(model: BlockModel) -> None:
    assert model.add(0) == 1
    assert filters(model) == [8, 8, 16, 32]
    assert model.add(-1) == 4
    assert filters(model) == [8, 8, 16, 32, 32]


def test_the_first_block_of_an_empty_network_is_the_usual_one(model: BlockModel) -> None:
    model.set_blocks(())
    assert model.add(-1) == 0
    assert model.blocks == (ConvBlock(),)


def test_blocks_move_until_the_end_of_the_list(model: BlockModel) -> None:
    assert model.move(0, 1) == 1
    assert filters(model) == [16, 8, 32]
    assert model.move(2, 1) == 2
    assert model.move(0, -1) == 0
    assert filters(model) == [16, 8, 32]


def test_a_value_out_of_range_is_refused(model: BlockModel) -> None:
    changes: list[None] = []
    model.blocks_changed.connect(lambda: changes.append(None))
    cell = model.index(0, COLUMNS.index("filters"))

    assert not model.setData(cell, 0)
    assert not model.setData(cell, "many")
    assert model.setData(cell, 24)

    assert filters(model) == [24, 16, 32]
    assert len(changes) == 1


def test_without_a_pooling_its_size_is_neither_shown_nor_edited(model: BlockModel) -> None:
    model.setData(model.index(1, COLUMNS.index("pooling")), "none")
    cell = model.index(1, COLUMNS.index("pool_size"))

    assert cell.data() == ""
    assert not cell.flags() & Qt.ItemFlag.ItemIsEditable
    assert model.index(0, COLUMNS.index("pool_size")).flags() & Qt.ItemFlag.ItemIsEditable


def test_a_residual_block_leaves_no_choice_of_padding(model: BlockModel) -> None:
    model.setData(model.index(1, COLUMNS.index("kind")), "residual")
    cell = model.index(1, COLUMNS.index("padding"))

    assert cell.data() == ""
    assert not cell.flags() & Qt.ItemFlag.ItemIsEditable
    assert model.index(0, COLUMNS.index("padding")).flags() & Qt.ItemFlag.ItemIsEditable


def test_cells_say_what_they_are_to_a_screen_reader(model: BlockModel) -> None:
    cell = model.index(2, COLUMNS.index("padding"))
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Block 3, Padding: none"
