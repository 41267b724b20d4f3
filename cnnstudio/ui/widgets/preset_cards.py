"""`PresetCards`: the ways of training offered, one card each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.core.catalog.training_presets import TrainingPreset
from cnnstudio.ui.widgets.card import Card


class PresetCards(QWidget):
    """A row of cards drawn from the table of presets; `preset_chosen` carries a preset's key.

    A single preset leaves nothing to choose: its card is one wide line.
    """

    preset_chosen = Signal(str)

    def __init__(
        self, presets: Sequence[TrainingPreset], prefix: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._cards = {
            preset.key: _PresetCard(preset, f"{prefix}_{preset.key}", is_wide=len(presets) == 1)
            for preset in presets
        }
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for card in self._cards.values():
            layout.addWidget(card, 1)
            card.chosen.connect(self.preset_chosen)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_chosen(self, key: str) -> None:
        """Mark a card as chosen without emitting."""
        for name, card in self._cards.items():
            card.mark(name == key)

    def set_facts(self, key: str, facts: str) -> None:
        """Say in a card what its network and its training come to."""
        if key in self._cards:
            self._cards[key].facts.setText(facts)

    def set_locked(self, locked: bool) -> None:
        """While something is trained there is nothing to choose."""
        for card in self._cards.values():
            card.lock(locked)


class _PresetCard(Card):
    chosen = Signal(str)

    def __init__(self, preset: TrainingPreset, name: str, *, is_wide: bool) -> None:
        super().__init__()
        self._key = preset.key
        self._is_wide = is_wide
        self.setObjectName(name)
        self.setAccessibleName(preset.label)
        self.setAccessibleDescription(preset.help)
        title = QLabel(preset.label)
        title.setProperty("class", "heading")
        words = QLabel(preset.help)
        words.setProperty("class", "muted")
        words.setWordWrap(True)
        self.facts = QLabel()
        self.facts.setObjectName(f"{name}_facts")
        self.facts.setProperty("class", "facts")
        self._badge = QLabel("chosen")
        self._badge.setProperty("class", "badge")
        self._badge.hide()
        if is_wide:
            self._arrange_in_a_line(title, words)
        else:
            self._arrange_in_a_column(title, words)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mark(self, is_chosen: bool) -> None:
        """Frame the card where there are others to choose from."""
        if not self._is_wide:
            self._badge.setVisible(is_chosen)
            self.set_chosen(is_chosen)

    def lock(self, locked: bool) -> None:
        """Grey the card where there are others to choose from."""
        if not self._is_wide:
            self.setEnabled(not locked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose with the left button."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with Space or Return."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self._key)
        else:
            super().keyPressEvent(event)

    def _arrange_in_a_line(self, title: QLabel, words: QLabel) -> None:
        line = QHBoxLayout()
        line.setSpacing(12)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        line.addWidget(title)
        line.addWidget(words, 1)
        line.addWidget(self.facts)
        self.body.addLayout(line)

    def _arrange_in_a_column(self, title: QLabel, words: QLabel) -> None:
        line = QHBoxLayout()
        line.addWidget(title)
        line.addStretch(1)
        line.addWidget(self._badge)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(words)
        column.addStretch(1)
        column.addWidget(self.facts)
        self.body.addLayout(column)
