"""`ChipMenu`: a pill that opens a list of choices and shows the one that was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

Choice = tuple[Any, str]

_MOST_PX = 320
"""A longer name of a run or class would make the window wider."""


class ChipMenu(QPushButton):
    """A pill with a drop-down of (value, label) choices; `value_changed` carries the new value."""

    value_changed = Signal(object)

    def __init__(
        self, name: str, choices: Sequence[Choice] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._value: Any = None
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._choose)
        self.setProperty("class", "chip")
        self.clicked.connect(self._open)
        self.set_choices(choices)

    @property
    def menu_of_choices(self) -> QMenu:
        """The drop-down."""
        return self._menu

    def value(self) -> Any:
        """Return the value chosen, None while there are no choices."""
        return self._value

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Replace the choices; the value stays where it is still offered, else the first is taken.

        This is no act of the user and emits nothing.
        """
        for action in self._group.actions():
            self._group.removeAction(action)
            action.deleteLater()
        self._menu.clear()
        for value, label in choices:
            # An ampersand in a name is no key to press.
            action = QAction(label.replace("&", "&&"), self._group)
            action.setIconText(label)
            action.setCheckable(True)
            action.setData(value)
            self._menu.addAction(action)
        values = [value for value, _ in choices]
        if values:
            self.set_value(self._value if self._value in values else values[0])
        else:
            self._value = None
            self._show_label(self._name)
        self.setEnabled(bool(values))

    def set_value(self, value: Any) -> None:
        """Show another choice without emitting; a value that is not offered changes nothing."""
        for action in self._group.actions():
            if action.data() == value:
                action.setChecked(True)
                self._value = value
                self._show_label(action.iconText())

    def _choose(self, action: QAction) -> None:
        value = action.data()
        if value != self._value:
            self.set_value(value)
            self.value_changed.emit(value)

    def _show_label(self, label: str) -> None:
        short = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, _MOST_PX)
        self.setToolTip("" if short == label else label)
        shown = short.replace("&", "&&")
        self.setText(f"{shown} \N{BLACK DOWN-POINTING SMALL TRIANGLE}")
        self.setAccessibleName(f"{self._name}: {label}")

    def _open(self) -> None:
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))
