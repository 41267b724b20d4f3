"""`HistoryMenu`: every step that can be undone or redone, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.ui.session import Session
from cnnstudio.ui.words import count_words

_MOST = 15


class HistoryMenu(QMenu):
    """The next steps to redo above the line, the last ones done below it, the nearest next to it.

    Choosing a step goes there: all steps on the way are taken, too.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("history_menu")
        self.setToolTipsVisible(True)
        self._session = session
        self.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        self.clear()
        done, taken_back = self._session.steps_done(), self._session.steps_taken_back()
        if not done and not taken_back:
            self.addAction("Nothing was changed yet").setEnabled(False)
            return
        self._add_more(len(taken_back) - _MOST, "later")
        for step in reversed(taken_back[:_MOST]):
            self._add(f"Redo: {step.words}", partial(self._session.redo_to, step))
        self.addSection("Now")
        for step in done[:_MOST]:
            self._add(f"Undo: {step.words}", partial(self._session.undo_to, step))
        self._add_more(len(done) - _MOST, "earlier")
        if len(done) > 1:
            self.addSeparator()
            words = f"Undo all {count_words(len(done))} steps"
            self._add(words, partial(self._session.undo_to, done[-1]))

    def _add(self, words: str, go: Callable[[], None]) -> None:
        action = QAction(words.replace("&", "&&"), self)
        action.triggered.connect(lambda _checked=False: go())
        self.addAction(action)

    def _add_more(self, count: int, when: str) -> None:
        if count > 0:
            self.addAction(f"and {count_words(count)} {when}").setEnabled(False)
