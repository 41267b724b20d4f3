"""`KeyField`: waits for the letter that shall give pictures a class."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from cnnstudio.ui.widgets.fit_label import ElidedLabel

_WIDTH_PX = 260
_HINT = "Backspace takes it away, Escape leaves."
_MODIFIERS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
)


class KeyField(QFrame):
    """A small popup over a class.

    `key_chosen` carries the class name and the letter, "" for none. A letter that another class has
    is asked for twice.
    """

    key_chosen = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("images_class_key")
        self.setAccessibleName("Letter of the class")
        self.setProperty("class", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._name = ""
        self._titles: Mapping[str, str] = {}
        self._asked = ""
        self._words = ElidedLabel()
        self._words.setProperty("class", "heading")
        self._hint = ElidedLabel()
        self._hint.setObjectName("images_class_key_hint")
        self._hint.setProperty("class", "facts")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(self._words)
        layout.addWidget(self._hint)
        self.setFixedWidth(_WIDTH_PX)

    def ask(self, name: str, title: str, titles: Mapping[str, str], place: QPoint) -> None:
        """Show the popup at a place on the screen; `titles` are other classes by their letter."""
        self._name, self._titles, self._asked = name, titles, ""
        self._words.setText(f"Press the letter for {title}")
        self._say(_HINT)
        self.adjustSize()
        self.move(place)
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a letter, or Backspace for none."""
        letter = event.text().casefold()
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._take("")
        elif len(letter) == 1 and letter.isalpha():
            if letter in self._titles and letter != self._asked:
                self._asked = letter
                self._say(f"{letter} is {self._titles[letter]}. Press it again to move it here.")
            else:
                self._take(letter)
        elif event.key() not in _MODIFIERS:
            self._say("Press a letter. The numbers 1 to 9 follow the order of the classes.")

    def _take(self, letter: str) -> None:
        self.hide()
        self.key_chosen.emit(self._name, letter)

    def _say(self, words: str) -> None:
        self._hint.setText(words)
        self.setAccessibleDescription(f"{self._words.text()}. {words}")
