from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from cnnstudio.ui.models.run_rows import RunRow, RunRows

FIRST = RunRow("a", "Classic", "61.8 %", "validation", "yesterday 18:02 · 38 min", is_used=True)
SECOND = RunRow("b", "Second", "70.0 %", "test", "today 09:41 · 31 s")


def test_rows_that_only_change_their_words_keep_their_place(qtbot: QtBot) -> None:
    rows = RunRows()
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Warning)
    rows.set_rows([SECOND, FIRST])
    changed: list[int] = []
    rows.dataChanged.connect(lambda first, last: changed.append(first.row()))

    with qtbot.assertNotEmitted(rows.modelReset):
        rows.set_rows([SECOND, replace(FIRST, name="First")])

    assert changed == [1]
    tester.deleteLater()


def test_a_typed_name_is_told_without_stray_spaces_and_empty_ones_are_not() -> None:
    rows = RunRows()
    rows.set_rows([FIRST])
    told: list[tuple[str, str]] = []
    rows.renamed.connect(lambda key, name: told.append((key, name)))

    rows.setData(rows.index(0), "  Better ")
    rows.setData(rows.index(0), "   ")
    rows.setData(rows.index(0), "Classic")

    assert told == [("a", "Better")]


def test_a_running_training_cannot_be_renamed() -> None:
    rows = RunRows()
    rows.set_rows([replace(FIRST, is_running=True), SECOND])
    assert not rows.index(0).flags() & Qt.ItemFlag.ItemIsEditable
    assert rows.index(1).flags() & Qt.ItemFlag.ItemIsEditable


def test_a_row_reads_as_a_sentence() -> None:
    rows = RunRows()
    rows.set_rows([FIRST])
    assert rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Classic, validation 61.8 %, yesterday 18:02 · 38 min, used for predictions"
    )
