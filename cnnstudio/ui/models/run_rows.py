"""`RunRows`: the runs of a project as a list of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

AnyIndex = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
UNMARKED = "none"
ROW_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class RunRow:
    """One run in words. `key` tells it from the others; `measure` says what `figure` was taken on.

    `is_used` marks the run that answers predictions. While runs are compared, `mark` is the colour
    of those that are, and "none" for the others.
    """

    key: str
    name: str
    figure: str
    measure: str
    details: str
    is_running: bool = False
    is_used: bool = False
    is_waiting: bool = False
    mark: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it is a run with a model, and no training that runs or waits."""
        return not (self.is_running or self.is_waiting)

    @property
    def sentence(self) -> str:
        """The row as a screen reader reads it."""
        parts = [self.name, f"{self.measure} {self.figure}".strip(), self.details]
        if self.is_used:
            parts.append("used for predictions")
        if self.mark:
            parts.append("not compared" if self.mark == UNMARKED else "compared")
        return ", ".join(part for part in parts if part)


class RunRows(QAbstractListModel):
    """A list model of `RunRow`; a name the user typed is only told, by `renamed(key, name)`."""

    renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[RunRow, ...] = ()

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """The rows in order."""
        return self._rows

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Show other rows. Those that only changed their words keep their place and selection."""
        before, after = self._rows, tuple(rows)
        if [row.key for row in before] != [row.key for row in after]:
            self.beginResetModel()
            self._rows = after
            self.endResetModel()
            return
        self._rows = after
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place), self.index(place))

    def place_of(self, key: str) -> int:
        """Return the row of a run, -1 when it is not here."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), -1)

    # What Qt asks

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return the number of runs."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """A run that has ended can be renamed."""
        flags = super().flags(index)
        if index.isValid() and self._rows[index.row()].has_ended:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a run's name, its whole row, or its sentence."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.name
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return row.sentence
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell that the user wants another name; empty ones are passed over."""
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or not name:
            return False
        row = self._rows[index.row()]
        if name != row.name:
            self.renamed.emit(row.key, name)
        return True
