"""`ImagesHeader`: what the grid shows, the search field, and the button that adds pictures."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button

_SEARCH_PX = 180


class ImagesHeader(QWidget):
    """One line: title and facts at the left, search and *Add pictures* at the right.

    While it shows a list of its own, such as the pictures of a finding, *Show all* leaves it.
    """

    searched = Signal(str)
    leave_wanted = Signal()
    search_left = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ElidedLabel("", mode=Qt.TextElideMode.ElideRight)
        self._title.setObjectName("images_title")
        self._title.setProperty("class", "title")
        self._facts = QLabel()
        self._facts.setObjectName("images_facts")
        self._facts.setProperty("class", "muted")
        self._leave = styled_button("Show all", small=True)
        self._leave.setObjectName("images_leave_list")
        self._leave.setAccessibleName("Show all pictures again")
        self._leave.setToolTip("Show all pictures again (Escape)")
        icons.bind(self._leave, "close", "muted")
        self._leave.clicked.connect(self.leave_wanted)
        self._leave.hide()
        self._search = QLineEdit()
        self._search.setObjectName("images_search")
        self._search.setAccessibleName("Search names")
        self._search.setPlaceholderText("Search names")
        self._search.setClearButtonEnabled(True)
        self._search.setFixedWidth(_SEARCH_PX)
        self._search.textChanged.connect(self.searched)
        self._search.returnPressed.connect(self.search_left)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._search)
        leave.setContext(Qt.ShortcutContext.WidgetShortcut)
        leave.activated.connect(self._search.clear)
        leave.activated.connect(self.search_left)
        self._add = primary_button("Add pictures")
        self._add.setObjectName("images_add")
        self._add.clicked.connect(self._open_menu)
        self._menu = QMenu(self)
        self._menu.setObjectName("images_add_menu")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._title, self._facts, self._leave):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._search)
        row.addWidget(self._add)

    def add_source(self, words: str) -> QAction:
        """Offer one more place that pictures come from."""
        return self._menu.addAction(words)

    def set_title(self, title: str, *, is_list: bool = False) -> None:
        """Say what is shown; `is_list` where it is not a class but a list of its own."""
        self._title.setText(title)
        self._leave.setVisible(is_list)

    def set_facts(self, words: str) -> None:
        """Say how many pictures there are, and are selected."""
        self._facts.setText(words)

    @property
    def search_text(self) -> str:
        """What is being searched for."""
        return self._search.text()

    def clear_search(self) -> None:
        """Search for nothing any more."""
        self._search.clear()

    @Slot()
    def focus_search(self) -> None:
        """Let the user type what to search for."""
        self._search.setFocus()
        self._search.selectAll()

    @Slot()
    def _open_menu(self) -> None:
        self._menu.popup(self._add.mapToGlobal(QPoint(0, self._add.height() + 4)))
