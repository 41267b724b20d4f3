"""`Rail`: the working steps, in the order of the work, at the left of the window."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cnnstudio.ui.icons import Icons

WIDTH_PX = 84
_BUTTON_PX = 58


@dataclass(frozen=True)
class RailStep:
    """A working step: its name in the program, its label on screen, its icon."""

    name: str
    label: str
    icon: str


class Rail(QFrame):
    """One button for each step, the current one lit; `step_chosen` carries the step's name.

    Up and Down move between the steps that are enabled, Ctrl+1 to Ctrl+9 go to one from anywhere in
    the window.
    """

    step_chosen = Signal(str)

    def __init__(
        self, icons: Icons, steps: Sequence[RailStep], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Steps")
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 10, 4, 10)
        layout.setSpacing(4)
        for number, step in enumerate(steps, 1):
            button = _RailButton(step, number)
            icons.bind(button, step.icon, "muted", "accent_ink")
            self._group.addButton(button)
            self._buttons[step.name] = button
            layout.addWidget(button)
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(button.click)
        layout.addStretch(1)
        if steps:
            self.set_current(steps[0].name)

    def current(self) -> str:
        """Return the name of the step that is lit, "" while there is none."""
        return next((name for name, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, name: str) -> None:
        """Light a step without emitting."""
        self._buttons[name].setChecked(True)

    def set_enabled_steps(self, names: Collection[str]) -> None:
        """Let only these steps be chosen."""
        for name, button in self._buttons.items():
            button.setEnabled(name in names)

    def button(self, name: str) -> QToolButton:
        """Return a step's button."""
        return self._buttons[name]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with Up and Down."""
        moves: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        move = moves.get(event.key())
        if move is None:
            super().keyPressEvent(event)
            return
        enabled = [button for button in self._buttons.values() if button.isEnabled()]
        checked = self._group.checkedButton()
        if checked in enabled:
            place = enabled.index(checked) + move
            if 0 <= place < len(enabled):
                enabled[place].setFocus()
                enabled[place].click()

    def _chosen(self, chosen: QToolButton) -> None:
        for name, button in self._buttons.items():
            if button is chosen:
                self.step_chosen.emit(name)


class _RailButton(QToolButton):
    """A step's button, which leaves Up and Down to the rail."""

    def __init__(self, step: RailStep, number: int) -> None:
        super().__init__()
        self.setProperty("class", "rail")
        self.setObjectName(f"rail_{step.name}")
        self.setText(step.label)
        self.setAccessibleName(step.label)
        self.setToolTip(f"{step.label} (Ctrl+{number})")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(20, 20))
        self.setFixedHeight(_BUTTON_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Space and Return; the rest, of which Qt would take the arrows, goes to the rail."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        else:
            event.ignore()
