"""`AnswerGallery`: pictures with what networks answered, or a sentence where there are none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QStackedWidget

from cnnstudio.core.arranging import Arrangement
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.models.answered_model import AnsweredModel, Tile
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_grid import AnswerGrid
from cnnstudio.ui.widgets.empty_state import EmptyState


class AnswerGallery(QStackedWidget):
    """A `grid` with a caption of so many `lines`, and in its place `empty` while it has nothing.

    `name` is the grid's object name, `icon` what stands over the sentence.
    """

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        thumbnails: Thumbnails,
        name: str,
        *,
        lines: int,
        icon: str,
        sentence: str = "",
    ) -> None:
        super().__init__()
        self.model = AnsweredModel()
        self.grid = AnswerGrid(self.model, theme, icons, thumbnails, lines=lines)
        self.grid.setObjectName(name)
        self.empty = EmptyState(icons, icon, sentence)
        self.addWidget(self.grid)
        self.addWidget(self.empty)

    def show_pictures(
        self, arrangement: Arrangement, tiles: Sequence[Tile], *, from_top: bool = False
    ) -> None:
        """Show other pictures, where the last were scrolled to or from the top."""
        scrolled = 0 if from_top else self.grid.verticalScrollBar().value()
        self.model.set_pictures(arrangement, tiles)
        self.grid.verticalScrollBar().setValue(scrolled)
        self.setCurrentWidget(self.grid if tiles else self.empty)

    def clear(self) -> None:
        """Forget the pictures."""
        self.model.set_pictures(Arrangement(), ())
