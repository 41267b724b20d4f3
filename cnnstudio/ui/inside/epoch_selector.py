"""`EpochSelector`: as of which epoch of its training a network is looked into."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words

_WORDS_PX = 190


class EpochSelector(QWidget):
    """A slider from before the training to the network as it was kept.

    `chosen` carries the epoch, 0 for before the training, None for the network as it was kept.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._epochs: tuple[int, ...] = ()
        self._total = 0
        self._kept_words = ""
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._before = styled_button("Before", small=True)
        self._after = styled_button("After", small=True)
        self._words = plain_label("inside_layers_epoch_words", "facts")
        self._note = plain_label("inside_layers_epoch_note", "facts")
        self._build()

    def show_epochs(self, epochs: Sequence[int], total: int, kept_words: str) -> None:
        """Offer other epochs, rising, of `total`; the network as it was kept is chosen."""
        self._epochs = tuple(epochs)
        self._total = total
        self._kept_words = kept_words
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, len(epochs))
            self._slider.setValue(len(epochs))
        self.show_note("")

    def show_note(self, note: str) -> None:
        """Say why nothing can be chosen here; with "" it can, where there are epochs."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        for each in (self._before, self._slider, self._after, self._words):
            each.setVisible(not note and bool(self._epochs))
        self._show_words()

    @property
    def epoch(self) -> int | None:
        """What is chosen."""
        place = self._slider.value()
        return self._epochs[place] if place < len(self._epochs) else None

    @property
    def words(self) -> str:
        """What is chosen: "Before the training", "After epoch 3 of 12", "As kept (epoch 7)"."""
        epoch = self.epoch
        if epoch is None:
            return f"As kept ({self._kept_words})"
        if epoch == 0:
            return "Before the training"
        return f"After epoch {count_words(epoch)} of {count_words(self._total)}"

    def _build(self) -> None:
        self._slider.setObjectName("inside_layers_epoch")
        self._slider.setAccessibleName("Epoch that the network is looked into")
        self._slider.setToolTip("How far the network had learned that looks at the picture")
        self._slider.setPageStep(1)
        self._slider.valueChanged.connect(self._on_value)
        self._before.setObjectName("inside_layers_before")
        self._before.setToolTip("The network before it learned anything here")
        self._before.clicked.connect(lambda: self._slider.setValue(0))
        self._after.setObjectName("inside_layers_after")
        self._after.setToolTip("The network as it was kept")
        self._after.clicked.connect(lambda: self._slider.setValue(len(self._epochs)))
        # Nothing beside it moves while the slider does.
        self._words.setFixedWidth(_WORDS_PX)
        # Nor does anything below it when there is a note instead.
        self.setFixedHeight(self._before.sizeHint().height())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(QLabel("Seen by the network"))
        row.addWidget(self._before)
        row.addWidget(self._slider, 1)
        row.addWidget(self._after)
        row.addWidget(self._words)
        row.addWidget(self._note, 1)

    def _show_words(self) -> None:
        self._words.setText(self.words)
        self._before.setEnabled(self._slider.value() > 0)
        self._after.setEnabled(self._slider.value() < len(self._epochs))

    @Slot()
    def _on_value(self) -> None:
        self._show_words()
        self.chosen.emit(self.epoch)
