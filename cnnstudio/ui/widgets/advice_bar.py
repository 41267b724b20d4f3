"""`AdviceBar`: what a model advises, above the pictures it is about."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.words import count_words, counted

CERTAIN = 0.95
"""Suggestions above this are offered to be accepted all at once."""


class AdviceKind(Enum):
    """What is being advised."""

    NONE = "none"
    SUGGESTIONS = "suggestions"
    DOUBTS = "doubts"


class AdviceBar(Banner):
    """A sentence and what can be done: accept what is selected, all that is certain, or nothing."""

    accept_wanted = Signal()
    accept_certain_wanted = Signal()
    keep_wanted = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(icons, "info", closable=True, parent=parent)
        self.setObjectName("images_advice")
        self._certain = self.add_button("")
        self._certain.setObjectName("images_accept_certain")
        self._certain.clicked.connect(self.accept_certain_wanted)
        self._accept = self.add_button("")
        self._accept.setObjectName("images_accept_advice")
        self._accept.setToolTip("Accept what is suggested for the selected pictures (Enter)")
        self._accept.clicked.connect(self.accept_wanted)
        self._keep = self.add_button("Label is right")
        self._keep.setObjectName("images_keep_label")
        self._keep.setToolTip("Do not doubt the labels of the selected pictures again (K)")
        self._keep.clicked.connect(self.keep_wanted)
        self.hide()

    def show_advice(self, kind: AdviceKind, count: int, certain: int, words: str) -> None:
        """Show what there is; `certain` of the `count` hints may be accepted all at once."""
        self.setVisible(kind is not AdviceKind.NONE)
        is_doubt = kind is AdviceKind.DOUBTS
        what = counted(count, "doubtful label" if is_doubt else "suggestion")
        if not count:
            what = "No label is doubtful" if is_doubt else "Nothing left to suggest"
        self.set_finding("info", words, title=what)
        self._certain.setText(f"Accept {count_words(certain)} above {CERTAIN:.0%}")
        self._certain.setVisible(bool(certain) and not is_doubt)
        self._accept.setText("Give the suggested class" if is_doubt else "Accept selected")
        self._accept.setVisible(bool(count))
        self._keep.setVisible(bool(count) and is_doubt)
