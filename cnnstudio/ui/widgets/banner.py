"""`Banner`: a finding, above what it is about."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.icon_view import IconView
from cnnstudio.ui.widgets.restyle import restyle

Level = Literal["info", "warn", "bad"]

# Icon and colour of each level; the words say it too, so that colour never stands alone.
_ICONS = {
    "info": ("help", "accent_ink"),
    "warn": ("warning", "warn_ink"),
    "bad": ("error", "bad"),
}


class Banner(QFrame):
    """A coloured line with a sentence and, where something can be done about it, buttons.

    `closed` is emitted when the user closes it; it has hidden itself then.
    """

    closed = Signal()

    def __init__(
        self,
        icons: Icons,
        level: Level = "info",
        sentence: str = "",
        *,
        title: str = "",
        closable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("class", "banner")
        self._icon = IconView(icons, *_icon_of(level))
        self._title = QLabel()
        self._title.setProperty("class", "heading")
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = QToolButton()
        self._close.setObjectName("banner_close")
        self._close.setAccessibleName("Close this message")
        icons.bind(self._close, "close", "muted")
        self._close.clicked.connect(self._closed_by_user)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 8, 12, 8)
        self._layout.setSpacing(8)
        for widget in (self._icon, self._title, self._sentence, self._close):
            self._layout.addWidget(widget)
        # Not before it is inside: without a parent it would be a window on the screen.
        self._close.setVisible(closable)
        self._layout.setStretchFactor(self._sentence, 1)
        self.setMinimumHeight(44)
        self.set_finding(level, sentence, title=title)

    def sentence(self) -> str:
        """Return the sentence shown."""
        return self._sentence.text()

    def set_finding(self, level: Level, sentence: str, *, title: str = "") -> None:
        """Say something else; the buttons stay."""
        self.setProperty("level", level)
        self._icon.set_icon(*_icon_of(level)[::2])
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._sentence.setText(sentence)
        self.setAccessibleName(f"{title}: {sentence}" if title else sentence)
        restyle(self)

    def add_button(self, text: str) -> QPushButton:
        """Add a button left of the closing cross; connect to its `clicked`."""
        button = QPushButton(text)
        self._layout.insertWidget(self._layout.count() - 1, button)
        return button

    def _closed_by_user(self) -> None:
        self.hide()
        self.closed.emit()


def _icon_of(level: Level) -> tuple[str, int, str]:
    name, role = _ICONS[level]
    return name, 16, role
