"""`CheckMenu`: what may be looked for among the pictures, by rule or by a model."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from cnnstudio.ui.words import pictures


class CheckMenu(QPushButton):
    """A pill with three offers; one that is not possible says why."""

    check_wanted = Signal()
    doubts_wanted = Signal()
    suggestions_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Check \N{BLACK DOWN-POINTING SMALL TRIANGLE}", parent)
        self.setObjectName("images_check")
        self.setAccessibleName("Check the pictures and their labels")
        self.setProperty("class", "chip")
        self._menu = QMenu(self)
        self._menu.setObjectName("images_check_menu")
        self._check = self._menu.addAction("Look at all pictures again")
        self._doubts = self._menu.addAction("Find labels that are probably wrong")
        self._suggest = self._menu.addAction("")
        self._check.triggered.connect(self.check_wanted)
        self._doubts.triggered.connect(self.doubts_wanted)
        self._suggest.triggered.connect(self.suggestions_wanted)
        self.clicked.connect(self._open)

    def set_state(self, run_name: str | None, without_class: int, *, can_doubt: bool) -> None:
        """Say what is possible: by which run, for how many pictures without a class."""
        self._doubts.setEnabled(can_doubt)
        self._doubts.setText(
            "Find labels that are probably wrong"
            if can_doubt
            else "Find labels that are probably wrong (needs two classes with pictures)"
        )
        self._suggest.setEnabled(run_name is not None and without_class > 0)
        if run_name is None:
            words = "Suggest classes (train a network first)"
        elif not without_class:
            words = "Suggest classes (every picture has one)"
        else:
            words = f"Suggest classes for {pictures(without_class)} without one, by {run_name}"
        self._suggest.setText(words.replace("&", "&&"))

    def _open(self) -> None:
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))
