"""`NamesField`: a field with a name in each line, into which no text beyond reason goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_LONGEST_NAME = 100


class NamesField(QPlainTextEdit):
    """Takes up to `most` lines.

    `refused` carries how many lines there were in what was pasted or dropped, which is left out:
    laying out a million of them would hold the window up for seconds.
    """

    refused = Signal(int)

    def __init__(self, names: Sequence[str], most: int, parent: QWidget | None = None) -> None:
        super().__init__("\n".join(names), parent)
        self._most = most
        self.setTabChangesFocus(True)

    def names(self) -> list[str]:
        """Return the lines that are not empty."""
        return [line for line in self.toPlainText().splitlines() if line.strip()]

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - Qt's name
        """Take what is pasted or dropped, unless it is too much."""
        text = source.text()
        lines = text.count("\n") + 1
        if lines > self._most or len(text) > self._most * _LONGEST_NAME:
            self.refused.emit(lines)
        else:
            super().insertFromMimeData(source)
