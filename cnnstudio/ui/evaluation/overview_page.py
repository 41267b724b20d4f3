"""The page that says how often a run is right, and how much that figure is worth."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from cnnstudio.core.metrics import wilson_interval
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.words import percent


class OverviewPage(EvaluationPage):
    """The accuracy with its interval."""

    name: ClassVar[str] = "overview"
    title: ClassVar[str] = "Overview"

    def __init__(self) -> None:
        super().__init__()
        self._headline = QLabel()
        self._headline.setObjectName("evaluate_headline")
        self._headline.setTextFormat(Qt.TextFormat.PlainText)
        self._headline.setWordWrap(True)
        card = Card("Accuracy")
        card.body.addWidget(self._headline)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)
        layout.addStretch(1)

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Say the accuracy."""
        right, count = int(shown.evaluation.is_right.sum()), len(shown.evaluation)
        low, high = wilson_interval(right, count)
        self._headline.setText(
            f"{right:,} of {count:,} right: the true figure lies somewhere between {percent(low)}"
            f" and {percent(high)}."
        )
