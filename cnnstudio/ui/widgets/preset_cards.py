"""`PresetCards`: the ways of training offered, one card each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QWidget,
)

from cnnstudio.core.catalog.training_presets import TrainingPreset
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.fit_label import ElidedLabel

_HEADER_PX = 28
_FRAME_PX = 2
_CORNER_PX = 9


class PresetCards(QWidget):
    """A row of cards drawn from the table of presets; `preset_chosen` carries a preset's key.

    Presets on the same footing share a card, where chips switch between them.
    """

    preset_chosen = Signal(str)

    def __init__(
        self, presets: Sequence[TrainingPreset], prefix: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        shared: dict[str, list[TrainingPreset]] = {}
        for preset in presets:
            shared.setdefault(preset.footing, []).append(preset)
        self._cards = [_PresetCard(each, prefix) for each in shared.values()]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for card in self._cards:
            layout.addWidget(card, 1)
            card.chosen.connect(self.preset_chosen)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_chosen(self, key: str) -> None:
        """Mark a preset as chosen without emitting."""
        for card in self._cards:
            card.mark(key)

    def set_facts(self, key: str, facts: str) -> None:
        """Say of a preset what its network and its training come to."""
        for card in self._cards:
            card.set_facts(key, facts)


class _PresetCard(Card):
    """A card of one preset or of several; of several it shows the one chosen last."""

    chosen = Signal(str)

    def __init__(self, presets: Sequence[TrainingPreset], prefix: str) -> None:
        super().__init__()
        self._presets = {preset.key: preset for preset in presets}
        self._facts: dict[str, str] = {}
        first = presets[0]
        self._shown = first.key
        self._is_chosen = False
        name = f"{prefix}_{first.key}"
        self.setObjectName(name)
        self.setAccessibleName(first.label)
        title = QLabel(first.label)
        title.setProperty("class", "heading")
        self._words = QLabel()
        self._words.setProperty("class", "muted")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._line = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._line.setObjectName(f"{name}_facts")
        self._line.setProperty("class", "facts")
        self._badge = QLabel("chosen")
        self._badge.setProperty("class", "badge")
        self._badge.hide()
        self._chips = QButtonGroup(self)
        self._chips.setExclusive(False)
        self._arrange(title, name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._show(first.key)

    def mark(self, key: str) -> None:
        """Frame the card where one of its presets is chosen."""
        is_chosen = key in self._presets
        self._is_chosen = is_chosen
        self.update()
        self._badge.setVisible(is_chosen and len(self._presets) == 1)
        if is_chosen:
            self._show(key)
        for chip, each in zip(self._chips.buttons(), self._presets, strict=False):
            chip.setChecked(each == key)

    def set_facts(self, key: str, facts: str) -> None:
        """Keep the facts of a preset, and show them with it."""
        if key in self._presets:
            self._facts[key] = facts
            self._show(self._shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the thicker frame of a chosen card; a border of the style would move its words."""
        super().paintEvent(event)
        if self._is_chosen:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.palette().accent().color(), _FRAME_PX))
            inside = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(inside, _CORNER_PX, _CORNER_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose with the left button."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with Space or Return."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self._shown)
        else:
            super().keyPressEvent(event)

    def _show(self, key: str) -> None:
        self._shown = key
        self._words.setText(self._presets[key].help)
        self._line.setText(self._facts.get(key, ""))
        self.setAccessibleDescription(self._presets[key].help)

    def _arrange(self, title: QLabel, name: str) -> None:
        header = QWidget()
        header.setFixedHeight(_HEADER_PX)
        line = QHBoxLayout(header)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(title)
        line.addStretch(1)
        line.addWidget(self._badge)
        if len(self._presets) > 1:
            for key, preset in self._presets.items():
                chip = Chip(preset.variant)
                chip.setObjectName(f"{name.rpartition('_')[0]}_variant_{key}")
                chip.setAccessibleName(f"{self.accessibleName()}: {preset.variant.lower()}")
                chip.setToolTip(preset.help)
                chip.clicked.connect(lambda _checked, key=key: self.chosen.emit(key))
                self._chips.addButton(chip)
                line.addWidget(chip)
        self.body.setSpacing(6)
        self.body.addWidget(header)
        self.body.addWidget(self._words)
        self.body.addStretch(1)
        self.body.addWidget(self._line)
