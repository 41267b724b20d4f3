"""`ClassField`: gives the selected pictures a class by its name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from cnnstudio.ui.words import pictures

_WIDTH_PX = 300


class ClassField(QFrame):
    """A small field over the grid: the name of a class, or of a new one, then Enter.

    `title_chosen` carries the name; Escape and a click elsewhere leave it.
    """

    title_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("images_class_popup")
        self.setProperty("class", "card")
        self._words = QLabel()
        self._words.setProperty("class", "facts")
        self._field = QLineEdit()
        self._field.setObjectName("images_class_field")
        self._field.setAccessibleName("Class of the selected pictures")
        self._field.setPlaceholderText("Class, or the name of a new one")
        self._hint = QLabel()
        self._hint.setProperty("class", "facts")
        self._titles = QStringListModel(self)
        completer = QCompleter(self._titles, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        # Completed in the field itself: a list of its own would be a popup over a popup.
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        self._field.setCompleter(completer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        for widget in (self._words, self._field, self._hint):
            layout.addWidget(widget)
        self.setFixedWidth(_WIDTH_PX)
        self._field.textChanged.connect(self._on_text)
        self._field.installEventFilter(self)

    def ask(self, titles: Sequence[str], count: int, place: QPoint, begin: str = "") -> None:
        """Show the field at a place on the screen, with what was typed already."""
        self._titles.setStringList(list(titles))
        self._words.setText(f"Give {pictures(count)} a class")
        self._field.clear()
        self._on_text("")
        self.adjustSize()
        self.move(place)
        self.show()
        self._field.setFocus()
        if begin:
            # As if typed, so that the name is completed.
            self._field.insert(begin)
            self._field.completer().setCompletionPrefix(begin)
            self._field.completer().complete()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter and Escape."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._accept()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.hide()
                return True
        return False

    @Slot(str)
    def _on_text(self, text: str) -> None:
        title = text.strip()
        known = {each.casefold() for each in self._titles.stringList()}
        if not title:
            self._hint.setText("Enter gives it, Escape leaves")
        elif title.casefold() in known:
            self._hint.setText("Enter moves them there")
        else:
            self._hint.setText(f"Enter makes the new class {title}")

    def _accept(self) -> None:
        title = self._field.text().strip()
        self.hide()
        if title:
            self.title_chosen.emit(title)
