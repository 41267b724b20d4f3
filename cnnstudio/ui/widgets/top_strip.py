"""`TopStrip`: the project's name and facts, and what is always at hand, atop the window."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from cnnstudio.ui.widgets.fit_label import ElidedLabel

HEIGHT_PX = 44


class TopStrip(QFrame):
    """A line with the project at the left and a button for each action at the right.

    The buttons take icon, tooltip and state from their actions: undo, redo, help, theme.
    """

    def __init__(self, actions: Iterable[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top_strip")
        self.setFixedHeight(HEIGHT_PX)
        self._name = ElidedLabel()
        self._name.setObjectName("project_name")
        self._name.setProperty("class", "heading")
        self._facts = ElidedLabel()
        self._facts.setObjectName("project_facts")
        self._facts.setProperty("class", "facts")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(10)
        layout.addWidget(self._name)
        layout.addWidget(self._facts)
        layout.addStretch(1)
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName(f"top_{action.objectName()}")
            button.setAccessibleName(action.text())
            # The whole button opens a menu; an arrow beside the icon would say nothing more.
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(30, 30)
            layout.addWidget(button)

    def set_project(self, name: str, facts: str = "") -> None:
        """Show a project's name and one line of facts, such as "3,068 pictures · 10 classes"."""
        self._name.setText(name)
        self._facts.setText(facts)
