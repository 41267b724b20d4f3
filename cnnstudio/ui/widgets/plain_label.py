"""`plain_label`: words of any length, which may hold names that people gave."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def plain_label(name: str, kind: str = "") -> QLabel:
    """Return a label that wraps its words; `kind` is its class in the style sheet."""
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    # Names of runs and classes may look like mark-up and must not act like it.
    label.setTextFormat(Qt.TextFormat.PlainText)
    if kind:
        label.setProperty("class", kind)
    return label
