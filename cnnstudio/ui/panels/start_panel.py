"""The start page: what is shown while no project is open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.icon_view import IconView
from cnnstudio.ui.widgets.primary_button import styled_button

_WIDTH_PX = 760
_MOST_RECENT = 6


class StartPanel(QWidget):
    """Offers a new project, an existing folder, the sample and the projects opened last."""

    new_wanted = Signal()
    folder_wanted = Signal()
    sample_wanted = Signal()
    tour_wanted = Signal()
    project_wanted = Signal(object)

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        column = QWidget()
        column.setMaximumWidth(_WIDTH_PX)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(16, 48, 16, 24)
        layout.setSpacing(16)
        layout.addLayout(self._heading())
        layout.addLayout(self._ways())
        layout.addWidget(self._tour(), alignment=Qt.AlignmentFlag.AlignLeft)
        self._recent_card = Card("Recent projects")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        self._recent_card.body.addLayout(self._recent)
        layout.addWidget(self._recent_card)
        layout.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(column, 100)
        outer.addStretch(1)

    def set_recent(self, projects: Sequence[Path]) -> None:
        """Show the projects opened last, newest first."""
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for place, root in enumerate(projects[:_MOST_RECENT]):
            self._recent.addWidget(self._recent_row(place, root))
        self._recent_card.setVisible(bool(projects))

    def _heading(self) -> QVBoxLayout:
        layout = QVBoxLayout()
        layout.setSpacing(4)
        title = QLabel("CNN Studio")
        title.setProperty("class", "title")
        words = QLabel(
            "Sort pictures into classes, train a network on them, and use it. "
            "Everything stays on this computer."
        )
        words.setProperty("class", "muted")
        words.setWordWrap(True)
        layout.addWidget(title)
        layout.addWidget(words)
        return layout

    def _ways(self) -> QGridLayout:
        ways = (
            (
                "start_new",
                "add",
                "New project",
                "An empty project; add pictures from anywhere, they are copied.",
                "New project",
                self.new_wanted,
            ),
            (
                "start_open",
                "folder",
                "Open folder",
                "A folder with one sub-folder for each class is used as it is.",
                "Open folder",
                self.folder_wanted,
            ),
            (
                "start_sample",
                "picture",
                "Try a sample",
                "1,797 handwritten digits, trained in less than a minute.",
                "Try a sample",
                self.sample_wanted,
            ),
        )
        grid = QGridLayout()
        grid.setSpacing(16)
        for column, (name, icon, title, words, label, signal) in enumerate(ways):
            card = Card()
            view = IconView(self._icons, icon, 24, "accent")
            card.body.addWidget(view, alignment=Qt.AlignmentFlag.AlignLeft)
            heading = QLabel(title)
            heading.setProperty("class", "heading")
            text = QLabel(words)
            text.setProperty("class", "muted")
            text.setWordWrap(True)
            text.setMinimumHeight(text.fontMetrics().height() * 3)
            text.setAlignment(Qt.AlignmentFlag.AlignTop)
            button = styled_button(label, "primary" if column == 0 else "plain")
            button.setObjectName(name)
            if column == 0:
                self.setFocusProxy(button)
            button.clicked.connect(signal)
            for widget in (heading, text, button):
                card.body.addWidget(widget)
            grid.addWidget(card, 0, column)
            grid.setColumnStretch(column, 1)
        return grid

    def _tour(self) -> QWidget:
        button = styled_button("New here? A guided tour of five minutes, with the sample", "link")
        button.setObjectName("start_tour")
        self._icons.bind(button, "play", "accent")
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(self.tour_wanted)
        return button

    def _recent_row(self, place: int, root: Path) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        button = styled_button(root.name.replace("&", "&&"), "link")
        button.setObjectName(f"start_recent_{place}")
        button.setAccessibleName(f"Open {root.name}")
        self._icons.bind(button, "folder", "muted")
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(lambda _checked=False: self.project_wanted.emit(root))
        where = ElidedLabel(str(root.parent))
        where.setProperty("class", "facts")
        layout.addWidget(button)
        layout.addWidget(where, 1)
        return row
