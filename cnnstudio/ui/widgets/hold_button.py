"""`HoldButton`: a button that works for as long as it is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

_HEIGHT_PX = 48


class HoldButton(QPushButton):
    """Held with the mouse or the Space bar; the mouse may leave it meanwhile.

    `hold_began` is always followed by one `hold_ended`, also when the button loses the keys or is
    disabled meanwhile. A click made by a program, such as a screen reader, is a short hold.
    """

    hold_began = Signal()
    hold_ended = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("class", "primary")
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._is_held = False
        self.clicked.connect(self._tap)

    def sizeHint(self) -> QSize:
        """Easy to hit and to stay on."""
        return QSize(super().sizeHint().width(), _HEIGHT_PX)

    def begin_hold(self) -> None:
        """Begin, whoever asks."""
        if self.isEnabled() and not self._is_held:
            self._is_held = True
            self.setDown(True)
            self.hold_began.emit()

    def end_hold(self) -> None:
        """Let go."""
        if self._is_held:
            self._is_held = False
            self.setDown(False)
            self.hold_ended.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin; Qt's own button would let go when the mouse leaves it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.begin_hold()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Do nothing: a hand that moves still holds."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.end_hold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin with the Space bar; a key that is held repeats itself, which says nothing new."""
        if event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.begin_hold()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go."""
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.end_hold()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go: the key's release would reach something else."""
        super().focusOutEvent(event)
        self.end_hold()

    def changeEvent(self, event: QEvent) -> None:
        """Let go when there is nothing to hold any more."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self.end_hold()

    def _tap(self) -> None:
        self.begin_hold()
        self.end_hold()
