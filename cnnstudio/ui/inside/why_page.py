"""The page that says why pictures are given to convolutions: how many weights it takes."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.core.inside.layer_weights import (
    BYTES_A_WEIGHT,
    CHANNELS,
    LayerSizes,
    anywhere_words,
    convolution_words,
    dense_words,
    fewer_words,
)
from cnnstudio.core.parameters import parameters_of
from cnnstudio.ui.inside.page import InsidePage, Subject
from cnnstudio.ui.inside.picture_pixels import PicturePixels
from cnnstudio.ui.inside.why_drawings import ConvolutionDrawing, DenseDrawing
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.parameter_form import ParameterForm
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import counted, memory_words

_FORM_PX = 300
_TICK_MS = 40
# Steps of the sliding window in a row, and rows.
_STEPS, _ROWS = 40, 9


class WhyPage(InsidePage):
    """Sizes at the left; a fully connected layer and a convolution of these sizes at the right."""

    name: ClassVar[str] = "why"
    title: ClassVar[str] = "Why convolution"

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._sizes = LayerSizes()
        self._reader = PicturePixels(session, self)
        self._form = ParameterForm(parameters_of(LayerSizes), "why")
        self._dense = DenseDrawing(theme)
        self._window = ConvolutionDrawing(theme)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._tick = 0
        self._build(theme)
        self._form.value_changed.connect(self._on_value_changed)
        self._window.moved.connect(self._stand)
        self._timer.timeout.connect(self._on_tick)
        self._reader.read.connect(self._on_read)
        self._reader.failed.connect(self._on_not_read)
        self._show_sizes()
        self._on_read(None)

    def show_subject(self, subject: Subject) -> None:
        """Show another picture."""
        self._subject = subject
        self._reader.ask(subject, self._sizes.picture)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still while nobody looks."""
        super().hideEvent(event)
        self._stand()

    # What it is made of

    def _build(self, theme: Theme) -> None:
        sizes = Card("Sizes")
        sizes.setFixedWidth(_FORM_PX)
        sizes.body.addWidget(self._form)
        self._note = plain_label("why_note", "warn")
        sizes.body.addWidget(self._note)
        sizes.body.addSpacing(8)
        self._fewer = plain_label("why_fewer")
        self._anywhere = plain_label("why_anywhere")
        for label in (self._fewer, self._anywhere):
            sizes.body.addWidget(label)
        sizes.body.addStretch(1)
        self._slide = styled_button("Slide the window", small=True)
        self._slide.setObjectName("why_slide")
        self._slide.clicked.connect(self._on_slide)
        dense = Card("Fully connected layer")
        self._dense_figures = _fill(dense, self._dense, "dense", theme)
        convolution = Card("Convolution")
        convolution.add_action(self._slide)
        self._convolution_figures = _fill(convolution, self._window, "convolution", theme)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addWidget(dense, 1)
        right.addWidget(convolution, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(sizes)
        layout.addLayout(right, 1)

    # What is shown

    @Slot(str, object)
    def _on_value_changed(self, key: str, _value: Any) -> None:
        self._sizes = LayerSizes(**self._form.values())
        if key == "picture":
            if self._subject is not None:
                self._reader.ask(self._subject, self._sizes.picture)
            else:
                self._on_read(None)
        self._show_sizes()

    @Slot(object)
    def _on_read(self, pixels: NDArray[np.uint8] | None) -> None:
        self._note.hide()
        self._show_pixels(pixels)

    @Slot(str)
    def _on_not_read(self, why: str) -> None:
        self._note.setText(why)
        self._note.show()
        self._show_pixels(None)

    def _show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        shown = _blank(self._sizes.picture) if pixels is None else pixels
        self._dense.show_pixels(shown)
        self._window.show_pixels(shown)

    def _show_sizes(self) -> None:
        sizes = self._sizes
        self._dense.show_sizes(sizes)
        self._window.show_sizes(sizes)
        most = max(sizes.dense_weights, sizes.convolution_weights)
        self._dense_figures.show_weights(sizes.dense_weights, most, dense_words(sizes))
        self._convolution_figures.show_weights(
            sizes.convolution_weights, most, convolution_words(sizes)
        )
        self._fewer.setText(fewer_words(sizes))
        self._anywhere.setText(anywhere_words(sizes))

    # The window

    @Slot()
    def _on_slide(self) -> None:
        if self._timer.isActive():
            self._stand()
            return
        self._tick = 0
        self._timer.start()
        self._slide.setText("Stop")

    @Slot()
    def _on_tick(self) -> None:
        row, step = divmod(self._tick, _STEPS)
        if row == _ROWS:
            self._stand()
            return
        self._window.move_to((row + 0.5) / _ROWS, step / (_STEPS - 1))
        self._tick += 1

    @Slot()
    def _stand(self) -> None:
        self._timer.stop()
        self._slide.setText("Slide the window")


class _Figures(QWidget):
    """How many weights, how much memory, a bar to compare both layers by, and why."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._count = plain_label(f"why_{name}_count", "title")
        self._bar = Bar(theme)
        self._bar.setAccessibleName("Weights, beside those of the other layer")
        self._memory = plain_label(f"why_{name}_memory", "muted")
        self._words = plain_label(f"why_{name}_words")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addStretch(1)
        for widget in (self._count, self._bar, self._memory, self._words):
            layout.addWidget(widget)
        layout.addStretch(1)

    def show_weights(self, weights: int, most: int, words: str) -> None:
        """Show a layer's weights; `most` are those of the layer that has more."""
        self._count.setText(counted(weights, "weight"))
        self._bar.set_value(weights / most)
        self._memory.setText(f"{memory_words(weights * BYTES_A_WEIGHT)} of memory")
        self._words.setText(words)


def _fill(card: Card, drawing: QWidget, name: str, theme: Theme) -> _Figures:
    figures = _Figures(theme, name)
    row = QHBoxLayout()
    row.setSpacing(24)
    row.addWidget(drawing, 5)
    row.addWidget(figures, 3)
    card.body.addLayout(row)
    return figures


def _blank(side: int) -> NDArray[np.uint8]:
    """Return something to look at where there is no picture: lighter to the lower right."""
    ramp = np.linspace(40, 215, side)
    gray = ((ramp[:, None] + ramp) / 2).astype(np.uint8)
    return np.repeat(gray[..., None], CHANNELS, axis=2)
