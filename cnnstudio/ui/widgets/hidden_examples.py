"""`HiddenExamples`: pictures as they are and with places hidden, and what was answered to each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from cnnstudio.core.evaluation.cheating import HiddenExample
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.image_view import ImageView

_MOST = 4
_STATES = ("As it is", "Middle hidden", "Only the border")
_SMALLEST_PX, _LARGEST_PX = 56, 150


class HiddenExamples(QWidget):
    """A column for each picture, a row for each state of it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self._titles = [ElidedLabel(mode=Qt.TextElideMode.ElideRight) for _ in range(_MOST)]
        self._views = [[ImageView(theme) for _ in range(_MOST)] for _ in _STATES]
        self._answers = [
            [ElidedLabel(mode=Qt.TextElideMode.ElideRight) for _ in range(_MOST)] for _ in _STATES
        ]
        for column, title in enumerate(self._titles, 1):
            grid.addWidget(title, 0, column)
        for row, words in enumerate(_STATES):
            label = QLabel(words)
            label.setProperty("class", "muted")
            grid.addWidget(label, 1 + 2 * row, 0)
            for column in range(_MOST):
                view, answer = self._views[row][column], self._answers[row][column]
                view.setMinimumHeight(_SMALLEST_PX)
                view.setMaximumHeight(_LARGEST_PX)
                answer.setProperty("class", "facts")
                grid.addWidget(view, 1 + 2 * row, column + 1)
                grid.addWidget(answer, 2 + 2 * row, column + 1)
            grid.setRowStretch(1 + 2 * row, 1)
        for column in range(1, _MOST + 1):
            grid.setColumnStretch(column, 1)

    def show_examples(self, examples: Sequence[HiddenExample], titles: Sequence[str]) -> None:
        """Show at most four examples; `titles` are those of the classes, in the run's order."""
        for column in range(_MOST):
            example = examples[column] if column < len(examples) else None
            self._titles[column].setText("" if example is None else titles[example.true])
            for row, words in enumerate(_STATES):
                view, answer = self._views[row][column], self._answers[row][column]
                view.setVisible(example is not None)
                if example is None:
                    answer.setText("")
                    continue
                picture = example.pictures[row]
                view.set_smooth(len(picture) >= _LARGEST_PX)
                view.set_image(picture, f"{titles[example.true]}: {words.lower()}")
                sign = (
                    "\N{CHECK MARK}"
                    if example.answers[row] == example.true
                    else "\N{MULTIPLICATION X}"
                )
                answer.setText(f"{sign} {titles[example.answers[row]]}")
