"""`ClassField`: gives the selected pictures a class by its name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.words import pictures

_WIDTH_PX = 300
_MOST_ROWS = 7
_ROW_PX = 26
_TITLE_ROLE = Qt.ItemDataRole.UserRole
_ARROWS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class ClassField(QFrame):
    """A small field over the grid: the name of a class, or of a new one, then Enter.

    What fits is listed below; the line that is marked is what Enter gives. `title_chosen` carries
    it; Escape and a click elsewhere leave it.
    """

    title_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("images_class_popup")
        self.setProperty("class", "card")
        self._titles: Sequence[str] = ()
        self._words = QLabel()
        self._words.setProperty("class", "facts")
        self._field = QLineEdit()
        self._field.setObjectName("images_class_field")
        self._field.setAccessibleName("Class of the selected pictures")
        self._field.setPlaceholderText("Class, or the name of a new one")
        self._list = QListWidget()
        self._list.setObjectName("images_class_matches")
        self._list.setAccessibleName("Classes that fit")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # arrow keys in the field move in it
        self._list.setUniformItemSizes(True)
        self._list.itemClicked.connect(self._accept)
        hint = QLabel("Enter gives the marked class, Escape leaves")
        hint.setProperty("class", "facts")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        for widget in (self._words, self._field, self._list, hint):
            layout.addWidget(widget)
        self.setFixedWidth(_WIDTH_PX)
        self._field.textChanged.connect(self._show_matches)
        self._field.installEventFilter(self)

    def ask(self, titles: Sequence[str], count: int, place: QPoint, begin: str = "") -> None:
        """Show the field at a place on the screen, with what was typed already."""
        self._titles = titles
        self._words.setText(f"Give {pictures(count)} a class")
        self._field.setText(begin)
        self._show_matches()
        self.move(place)
        self.show()
        self._field.setFocus()

    def marked_title(self) -> str:
        """Return what Enter would give, "" for nothing."""
        row = self._list.currentRow()
        return str(self._list.item(row).data(_TITLE_ROLE)) if row >= 0 else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter, Escape and the arrows."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._accept()
        elif key == Qt.Key.Key_Escape:
            self.hide()
        elif key in _ARROWS:
            row = self._list.currentRow() + _ARROWS[key]
            self._list.setCurrentRow(min(max(row, 0), self._list.count() - 1))
        else:
            return False
        return True

    @Slot()
    def _show_matches(self) -> None:
        typed = " ".join(self._field.text().split())
        part = typed.casefold()
        starting = [each for each in self._titles if each.casefold().startswith(part)]
        holding = [each for each in self._titles if part in each.casefold()]
        self._list.clear()
        for title in dict.fromkeys((*starting, *holding)):
            self._add(title, title)
        is_known = any(each.casefold() == part for each in self._titles)
        if typed and not is_known:
            self._add(f"New class: {typed}", typed)
        exact = [row for row, each in enumerate(starting) if each.casefold() == part]
        # Nothing is marked before anything is typed: Enter alone must not give the first class.
        self._list.setCurrentRow((exact or [0])[0] if typed else -1)
        rows = min(max(self._list.count(), 1), _MOST_ROWS)
        self._list.setFixedHeight(rows * _ROW_PX + 4)
        self.adjustSize()

    def _add(self, words: str, title: str) -> None:
        item = QListWidgetItem(words, self._list)
        item.setData(_TITLE_ROLE, title)
        item.setSizeHint(QSize(0, _ROW_PX))

    @Slot()
    def _accept(self) -> None:
        title = self.marked_title()
        self.hide()
        if title:
            self.title_chosen.emit(title)
