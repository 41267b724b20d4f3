"""`AdviceRow`: a sentence and what can be done about it, in a row that is always there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from cnnstudio.ui.widgets.primary_button import styled_button

# Two lines of the small type, or one small button.
_HEIGHT_PX = 32
_MOST_ACTIONS = 3


class AdviceRow(QWidget):
    """Keeps its height also while there is nothing to say; `action_chosen` carries a key.

    The buttons are called "<name>_0" and so on, from the left.
    """

    action_chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT_PX)
        self._sentence = QLabel()
        self._sentence.setObjectName(name)
        self._sentence.setProperty("class", "facts")
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._actions: tuple[tuple[str, str], ...] = ()
        self._buttons: list[QPushButton] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._sentence, 1)
        for place in range(_MOST_ACTIONS):
            button = styled_button("", small=True)
            button.setObjectName(f"{name}_{place}")
            button.hide()
            button.clicked.connect(partial(self._choose, place))
            self._buttons.append(button)
            layout.addWidget(button)

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._sentence.text()

    def show_advice(self, sentence: str, actions: Sequence[tuple[str, str]] = ()) -> None:
        """Say something else; `actions` are pairs of a key and the words on its button."""
        self._sentence.setText(sentence)
        self._sentence.setToolTip(sentence)
        if tuple(actions) == self._actions:
            return
        self._actions = tuple(actions)
        for place, button in enumerate(self._buttons):
            is_used = place < len(actions)
            if is_used:
                button.setText(actions[place][1])
                button.setAccessibleName(actions[place][1])
            button.setVisible(is_used)

    def clear(self) -> None:
        """Say nothing."""
        self.show_advice("")

    def _choose(self, place: int) -> None:
        if place < len(self._actions):
            self.action_chosen.emit(self._actions[place][0])
