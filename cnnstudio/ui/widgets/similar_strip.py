"""`SimilarStrip`: the training pictures that a picture is most like, in a row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.evaluation.similar import MOST_SIMILAR, SimilarPicture
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.widgets.similar_tile import SimilarTile

HEADING = "Most similar training pictures"


class SimilarStrip(QWidget):
    """A heading with, where it is needed, a button, and a tile for each picture.

    `opened` carries the `SimilarPicture` that was clicked, `menu_wanted` one and the place on the
    screen for its menu.
    """

    opened = Signal(object)
    menu_wanted = Signal(object, QPoint)
    compare_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = QLabel(HEADING)
        self._heading.setObjectName("predict_similar_words")
        self._heading.setProperty("class", "facts")
        self._heading.setTextFormat(Qt.TextFormat.PlainText)
        self._heading.setToolTip(
            "By what a pretrained network sees in them: the cosine of the two rows of features"
        )
        self._compare = styled_button("Compare", small=True)
        self._compare.setObjectName("predict_similar_compare")
        self._compare.setToolTip("Look closely at every training picture, once")
        self._compare.clicked.connect(self.compare_wanted)
        self._cancel = styled_button("Cancel", "destructive", small=True)
        self._cancel.setObjectName("predict_similar_cancel")
        self._cancel.clicked.connect(self.cancel_wanted)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._heading, 1)
        head.addWidget(self._compare)
        head.addWidget(self._cancel)
        tiles = QHBoxLayout()
        tiles.setSpacing(8)
        self._tiles = [
            SimilarTile(theme, thumbnails, f"predict_similar_{number}")
            for number in range(1, MOST_SIMILAR + 1)
        ]
        for tile in self._tiles:
            tile.clicked.connect(self._on_clicked)
            tile.menu_wanted.connect(self._on_menu_wanted)
            tiles.addWidget(tile)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(tiles)
        self.show_pictures(())

    def show_pictures(
        self,
        found: Sequence[tuple[SimilarPicture, str]],
        words: str = HEADING,
        *,
        can_compare: bool = False,
    ) -> None:
        """Show pictures with their labels, the most similar first.

        `can_compare` offers to look at more.
        """
        self._heading.setText(words)
        self._compare.setVisible(can_compare)
        self._cancel.hide()
        for place, tile in enumerate(self._tiles):
            tile.set_picture(*(found[place] if place < len(found) else (None,)))

    def show_progress(self, words: str) -> None:
        """Say how far the comparison has come, and offer to cancel it."""
        self._heading.setText(words)
        self._compare.hide()
        self._cancel.show()

    @Slot()
    def _on_clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, SimilarTile) and tile.picture is not None:
            self.opened.emit(tile.picture)

    @Slot(QPoint)
    def _on_menu_wanted(self, place: QPoint) -> None:
        tile = self.sender()
        if isinstance(tile, SimilarTile) and tile.picture is not None:
            self.menu_wanted.emit(tile.picture, place)
