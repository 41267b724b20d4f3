"""`LayerSide`: what a network takes in all, and what the layer that is pointed at does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.inside.layer_words import words_of
from cnnstudio.core.inside.network_layers import LayerGroup, NetworkLayer
from cnnstudio.ui.inside.layer_tree import shape_words
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.words import count_words, counted, memory_words, millions, percent

_WIDTH_PX = 320
_GROUP_WORDS = (
    "Layers that work together. What a block makes of the maps goes into the next one: from block"
    " to block the maps become smaller and more, and each sees more of the picture."
)


class LayerSide(QWidget):
    """Two cards, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self._weights = 0
        self._is_pretrained = False
        totals = Card("In all")
        figures = QGridLayout()
        figures.setHorizontalSpacing(12)
        figures.setVerticalSpacing(6)
        self._totals: dict[str, QLabel] = {}
        for row, (name, words) in enumerate(
            (
                ("weights", "Weights"),
                ("memory", "Outputs for one picture"),
                ("multiplications", "Multiplications for it"),
            )
        ):
            figure = QLabel()
            figure.setObjectName(f"inside_network_{name}")
            figure.setProperty("class", "heading")
            self._totals[name] = figure
            label = QLabel(words)
            label.setProperty("class", "muted")
            figures.addWidget(label, row, 0)
            figures.addWidget(figure, row, 1, Qt.AlignmentFlag.AlignRight)
        figures.setColumnStretch(0, 1)
        totals.body.addLayout(figures)
        self._kind = Card("")
        self._facts = plain_label("inside_network_facts", "facts")
        self._words = plain_label("inside_network_words")
        self._figures = plain_label("inside_network_figures", "facts")
        for label in (self._facts, self._words, self._figures):
            self._kind.body.addWidget(label)
        self._kind.body.addStretch(1)
        self.setFixedWidth(_WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(totals)
        column.addWidget(self._kind, 1)

    def show_layers(self, layers: Sequence[NetworkLayer]) -> None:
        """Say what all layers of a network take together."""
        self._weights = sum(each.parameters for each in layers)
        self._is_pretrained = any(each.kept for each in layers)
        self._totals["weights"].setText(count_words(self._weights))
        self._totals["memory"].setText(memory_words(sum(each.memory_bytes for each in layers)))
        self._totals["multiplications"].setText(
            millions(sum(each.multiplications for each in layers))
        )

    def explain(self, of: NetworkLayer | LayerGroup) -> None:
        """Say what a layer or a block does, and what it takes."""
        if isinstance(of, NetworkLayer):
            explained = words_of(of.kind)
            self._kind.set_title(explained.title)
            self._facts.setText(f"{of.name}: {of.detail}" if of.detail else of.name)
            self._words.setText(explained.words)
            figures = [f"Output {shape_words(of.output_shape)}"]
        else:
            self._kind.set_title(of.title)
            self._facts.setText(counted(len(of.layers), "layer"))
            self._words.setText(_GROUP_WORDS)
            figures = [f"Output {shape_words(of.layers[-1].output_shape)}"]
        if of.parameters:
            share = percent(of.parameters / self._weights)
            figures.append(f"{counted(of.parameters, 'weight')}, {share} of all")
        else:
            figures.append("Nothing to learn")
        if of.parameters and self._is_pretrained:
            figures.append(_training_words(of))
        figures.append(f"{memory_words(of.memory_bytes)} for one picture")
        if of.multiplications:
            figures.append(f"{millions(of.multiplications)} multiplications")
        self._figures.setText("\n".join(figures))


def _training_words(of: NetworkLayer | LayerGroup) -> str:
    if of.kept == of.parameters:
        return "Kept as they came: learned from other pictures before"
    if not of.kept:
        return "Trained on your pictures"
    trained = count_words(of.parameters - of.kept)
    return f"{trained} of them trained on your pictures, the others kept as they came"
