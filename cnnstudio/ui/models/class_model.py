"""`ClassModel`: the rows of the class list."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor

from cnnstudio.core.project import Project
from cnnstudio.ui.theme import class_colour
from cnnstudio.ui.words import pictures

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole
"""The `ClassRow` itself."""

_KEYS = "123456789"


class RowKind(Enum):
    """What a row of the class list stands for."""

    ALL = "all"
    WITHOUT_CLASS = "without class"
    CLASS = "class"
    BIN = "bin"


@dataclass(frozen=True)
class ClassRow:
    """One row: what to paint of it.

    `share` is the count in parts of the largest class, 0 to 1; `key` the number key and `letter`
    the letter that give pictures this class, "" where there is none. `is_on` is False for a class
    that training leaves out.
    """

    kind: RowKind
    title: str
    count: int
    name: str | None = None
    share: float = 0.0
    colour: QColor | None = None
    key: str = ""
    letter: str = ""
    note: str = ""
    is_on: bool = True

    @property
    def keys(self) -> str:
        """The keys as they are written: "1 f"."""
        return f"{self.key} {self.letter}".strip()

    @property
    def spoken(self) -> str:
        """The row as a screen reader says it."""
        keys = " or ".join(key for key in (self.key, self.letter) if key)
        parts = [self.title, pictures(self.count), f"key {keys}" if keys else ""]
        parts += ["" if self.is_on else "switched off", "has a note" if self.note else ""]
        return ", ".join(part for part in parts if part)

    @property
    def tooltip(self) -> str:
        """All there is to say about the row, as rich text."""
        # Titles and notes may look like mark-up and must not act like it.
        lines = [f"{html.escape(self.title)}: {pictures(self.count)}"]
        if keys := " or ".join(key for key in (self.key, self.letter) if key):
            lines.append(f"Press {keys} to give it to the selected pictures")
        if not self.is_on:
            lines.append("Switched off: left out of training")
        if self.note:
            lines += ["", *html.escape(self.note).splitlines()]
        return "<br>".join(lines)


class ClassModel(QAbstractListModel):
    """All pictures, those without a class, then each class in the project's order."""

    rename_wanted = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[ClassRow] = ()

    @property
    def rows(self) -> Sequence[ClassRow]:
        """The rows in order."""
        return self._rows

    def set_project(self, project: Project) -> None:
        """Show the classes and counts of a project.

        As long as their number is the same, rows are not reset: a class that was renamed or put
        elsewhere stays the chosen one.
        """
        rows = _rows_of(project)
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        self._put_in_order(rows)
        self._rows = rows
        self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def row_of(self, kind: RowKind, name: str | None = None) -> int:
        """Return the place of a row, -1 when there is none."""
        wanted = (kind, name)
        return next((at for at, row in enumerate(self._rows) if (row.kind, row.name) == wanted), -1)

    def class_names(self) -> list[str]:
        """Return the classes in their order."""
        return [row.name for row in self._rows if row.name is not None]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is known of a row."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tooltip
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another title; it is shown once the project has changed."""
        row = self._rows[index.row()]
        title = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or row.name is None or title in ("", row.title):
            return False
        self.rename_wanted.emit(row.name, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Classes can be renamed in place, and dragged to another."""
        flags = super().flags(index)
        if index.isValid() and self._rows[index.row()].kind is RowKind.CLASS:
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def _put_in_order(self, rows: Sequence[ClassRow]) -> None:
        """Let views follow classes that only changed places."""
        before = [row.name for row in self._rows]
        after = {row.name: at for at, row in enumerate(rows) if row.name is not None}
        if before == [row.name for row in rows] or after.keys() != {*before} - {None}:
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        moved = []
        for index in held:
            name = before[index.row()]
            moved.append(index if name is None else self.index(after[name]))
        self._rows = rows
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()


def _rows_of(project: Project) -> list[ClassRow]:
    counts = project.counts
    most = max((counts.get(each.name, 0) for each in project.classes), default=0)
    rows = [
        ClassRow(RowKind.ALL, "All pictures", len(project.samples)),
        ClassRow(RowKind.WITHOUT_CLASS, "Without a class", counts.get(None, 0), key="0"),
    ]
    for place, each in enumerate(project.classes):
        count = counts.get(each.name, 0)
        rows.append(
            ClassRow(
                RowKind.CLASS,
                each.title,
                count,
                each.name,
                count / most if most else 0.0,
                class_colour(each.colour),
                _KEYS[place] if place < len(_KEYS) else "",
                each.key,
                each.note,
                each.is_switched_on,
            )
        )
    return rows
