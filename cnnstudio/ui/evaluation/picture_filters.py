"""`PictureFilters`: sorts and narrows the pictures of an evaluation."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from cnnstudio.core.evaluation.browsing import Browsing, BrowsingOrder
from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.words import count_words

_ORDERS: tuple[tuple[BrowsingOrder, str], ...] = (
    ("worst", "Worst mistakes first"),
    ("uncertain", "Least certain first"),
    ("certain", "Most certain first"),
)
# Letters of a class's title on a chip: there are four beside each other.
_LONGEST = 20


class PictureFilters(QWidget):
    """Pills for order, true class, answer and mistakes; at the right, how many pictures there are.

    `changed` is emitted when the user chose, not by `show_browsing`.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._order = _chip("Order", "order")
        self._order.set_choices(_ORDERS)
        self._true = _chip("True class", "true")
        self._predicted = _chip("Answer", "predicted")
        self._wrong = Chip("Only wrong")
        self._wrong.setObjectName("evaluate_pictures_wrong")
        self._wrong.clicked.connect(self.changed)
        self._facts = QLabel()
        self._facts.setObjectName("evaluate_pictures_facts")
        self._facts.setProperty("class", "facts")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for menu in (self._order, self._true, self._predicted):
            menu.value_changed.connect(self.changed)
            layout.addWidget(menu)
        layout.addWidget(self._wrong)
        layout.addStretch(1)
        layout.addWidget(self._facts)

    def browsing(self) -> Browsing:
        """Return what is chosen."""
        return Browsing(
            self._order.value(),
            self._true.value(),
            self._predicted.value(),
            self._wrong.isChecked(),
        )

    def show_browsing(self, browsing: Browsing) -> None:
        """Show another choice; a class that is not offered changes nothing."""
        self._order.set_value(browsing.order)
        self._true.set_value(browsing.true)
        self._predicted.set_value(browsing.predicted)
        self._wrong.setChecked(browsing.only_wrong)

    def offer(self, evaluation: Evaluation) -> None:
        """Offer the classes of an evaluation, with their counts."""
        for chip, any_class, prefix, labels in (
            (self._true, "Any true class", "Is", evaluation.true),
            (self._predicted, "Any answer", "Answered", evaluation.predicted),
        ):
            counts = np.bincount(labels, minlength=len(evaluation.class_names)).tolist()
            choices: list[tuple[int | None, str]] = [(None, any_class)]
            for place, title in enumerate(evaluation.class_titles):
                short = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
                choices.append((place, f"{prefix} {short} ({count_words(counts[place])})"))
            chip.set_choices(choices)

    def set_facts(self, words: str) -> None:
        """Say how many pictures there are."""
        self._facts.setText(words)


def _chip(name: str, part: str) -> ChipMenu:
    chip = ChipMenu(name)
    chip.setObjectName(f"evaluate_pictures_{part}")
    chip.menu_of_choices.setObjectName(f"evaluate_pictures_{part}_menu")
    return chip
