"""The page that lets a filter slide over numbers, and follows them up to the dense layer."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from cnnstudio.core.inside.convolving import Grid, shifted
from cnnstudio.core.inside.filter_presets import cross_example, first_example
from cnnstudio.core.inside.picture_numbers import Channel, numbers_of
from cnnstudio.core.inside.stage_words import place_words, sizes_words
from cnnstudio.core.inside.stages import (
    Stage,
    StageName,
    Stages,
    kept_after_shift,
    make_stages,
    shift_words,
)
from cnnstudio.ui.inside.convolution_controls import ConvolutionControls
from cnnstudio.ui.inside.page import InsidePage, Subject
from cnnstudio.ui.inside.picture_pixels import PicturePixels
from cnnstudio.ui.inside.stage_view import ShownStage, StageView
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.page_chips import PageChips
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words, counted

_TITLES: dict[StageName, str] = {
    "convolution": "1  Convolution",
    "relu": "2  ReLU",
    "pooling": "3  Pooling",
    "flatten": "4  Flatten",
}
_WORDS: dict[StageName, str] = {
    "convolution": (
        "The filter slides over the numbers. At every place each number in the window is multiplied"
        " by the filter's number there; the sum is one pixel of the output."
        " A real layer adds one more number to it, the bias."
    ),
    "relu": "What is below 0 becomes 0, everything else stays: only what was found goes on.",
    "pooling": (
        "Of each window only the largest number, or the mean, goes on: a smaller grid, which stays"
        " the same while the largest number moves within its window. Shift the input to see it."
    ),
    "flatten": (
        "Row by row the grid becomes one row of numbers. Each neuron of the dense layer has one"
        " weight for each of them."
    ),
}
_HINTS: dict[StageName, str] = {
    "convolution": "Drag the window, or move it with the arrow keys.",
    "relu": "Drag over the numbers, or use the arrow keys.",
    "pooling": "Drag the window, or move it with the arrow keys.",
    "flatten": "Drag over the numbers, or use the arrow keys.",
}
_PICTURE_GRAYS = (0.0, 255.0)
# A walk over all places takes about so long, but each of them can be seen.
_WALK_MS, _SLOWEST_MS, _FASTEST_MS = 15_000, 700, 40


class ConvolutionPage(InsidePage):
    """Numbers, filter and settings at the left; the four stages with the same numbers at the right.

    The window stands at a place in every stage of its own.
    """

    name: ClassVar[str] = "convolution"
    title: ClassVar[str] = "How a convolution works"

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._reader = PicturePixels(session, self)
        self._controls = ConvolutionControls()
        self._stage_name: StageName = "convolution"
        self._stages = Stages((), None)
        self._shifted = ""
        self._places: dict[StageName, int] = dict.fromkeys(_TITLES, 0)
        self._seen: dict[StageName, NDArray[np.bool_]] = {}
        self._view = StageView(theme)
        self._tabs = PageChips(_TITLES.items(), "convolution")
        self._timer = QTimer(self)
        self._build()
        self._connect()
        self._refresh()

    def show_subject(self, subject: Subject) -> None:
        """Read another picture; the numbers stay until it is there."""
        self._subject = subject
        self._read()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stand still while nobody looks."""
        super().hideEvent(event)
        self._pause()

    # What it is made of

    def _build(self) -> None:
        self._words = plain_label("convolution_words", "muted")
        self._sum = plain_label("convolution_sum")
        # Room for two lines each, so that nothing moves while numbers and stages change.
        for label in (self._words, self._sum):
            label.setMinimumHeight(2 * label.fontMetrics().lineSpacing())
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._shift_words = plain_label("convolution_shift_words", "facts")
        self._flow = QLabel()
        self._flow.setObjectName("convolution_flow")
        self._flow.setProperty("class", "facts")
        self._problem = plain_label("convolution_problem", "warn")
        self._middle = QStackedWidget()
        self._middle.addWidget(self._view)
        self._middle.addWidget(self._problem)
        card = Card()
        top = QHBoxLayout()
        top.addWidget(self._tabs, 1)
        top.addWidget(self._flow)
        card.body.addLayout(top)
        for widget in (self._words, self._middle, self._sum, self._shift_words):
            card.body.addWidget(widget, 1 if widget is self._middle else 0)
        card.body.addLayout(self._transport())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._controls)
        layout.addWidget(card, 1)

    def _transport(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._buttons: dict[str, QWidget] = {}
        for name, words, spoken, act in (
            ("back", "Back", "One place back", lambda: self._step(-1)),
            ("play", "Play", "Play", self._on_play),
            ("step", "Step", "One place on", lambda: self._step(1)),
            ("all", "Show all", "Calculate every place", self._show_all),
            ("restart", "Start again", "Back to the first place", self._restart),
        ):
            button = styled_button(words, "primary" if name == "play" else "plain", small=True)
            button.setObjectName(f"convolution_{name}")
            button.setAccessibleName(spoken)
            button.clicked.connect(act)
            row.addWidget(button)
            self._buttons[name] = button
            if name == "play":
                self._play = button
        self._place_words = QLabel()
        self._place_words.setObjectName("convolution_place")
        self._place_words.setProperty("class", "facts")
        self._hint = QLabel()
        self._hint.setObjectName("convolution_hint")
        self._hint.setProperty("class", "facts")
        row.addWidget(self._place_words)
        row.addStretch(1)
        row.addWidget(self._hint)
        return row

    def _connect(self) -> None:
        self._controls.changed.connect(self._refresh)
        self._controls.side_changed.connect(self._read)
        self._tabs.chosen.connect(self._on_stage_chosen)
        self._view.place_wanted.connect(self._go_to)
        self._view.moved.connect(self._move)
        self._timer.timeout.connect(self._on_tick)
        self._reader.read.connect(self._on_read)
        self._reader.failed.connect(self._on_not_read)

    # The numbers

    @Slot()
    def _read(self) -> None:
        if self._subject is not None:
            self._reader.ask(self._subject, self._controls.side)

    @Slot(object)
    def _on_read(self, pixels: NDArray[np.uint8] | None) -> None:
        self._pixels = pixels
        self._controls.offer_picture(pixels is not None)
        self._refresh()

    @Slot(str)
    def _on_not_read(self, why: str) -> None:
        self._pixels = None
        self._controls.offer_picture(False, why)
        self._refresh()

    def _grid(self) -> Grid:
        source = self._controls.source
        if source == "cross":
            return cross_example()
        if source == "example" or self._pixels is None:
            return first_example()
        channel: Channel = source  # type: ignore[assignment]
        return numbers_of(self._pixels, channel)

    @Slot()
    def _refresh(self) -> None:
        """Calculate everything anew; what was seen stays seen where the sizes are the same."""
        grid, recipe, shift = self._grid(), self._controls.recipe, self._controls.shift
        self._stages = make_stages(shifted(grid, shift), recipe)
        for stage in self._stages.done:
            shape = _places(stage)
            seen = self._seen.get(stage.name)
            if seen is None or seen.shape != shape:
                self._pause()
                self._places[stage.name] = 0
                self._seen[stage.name] = np.zeros(shape, bool)
                self._seen[stage.name][0, 0] = True
        sizes = [sizes_words(self._stages.done[0].takes)] if self._stages.done else []
        sizes += [sizes_words(each.gives) for each in self._stages.done if each.name != "flatten"]
        if self._stages.problem is None:
            sizes.append(counted(self._stages.done[-1].gives.size, "number"))
        self._flow.setText("  →  ".join(sizes))
        self._shifted = shift_words(grid, recipe, shift) if shift else ""
        self._show()

    def _show(self) -> None:
        stage = self._stages.find(self._stage_name)
        self._words.setText(_WORDS[self._stage_name])
        for widget in (*self._buttons.values(), self._place_words):
            widget.setEnabled(stage is not None)
        self._shift_words.setText(self._shifted)
        self._hint.setText("" if stage is None else _HINTS[self._stage_name])
        # The row of a flattened grid is all there from the beginning.
        self._buttons["all"].setVisible(self._stage_name != "flatten")
        if stage is None:
            self._pause()
            problem = self._stages.problem
            self._problem.setText("" if problem is None else str(problem))
            self._middle.setCurrentWidget(self._problem)
            self._sum.clear()
            self._place_words.clear()
            return
        self._middle.setCurrentWidget(self._view)
        recipe, shift = self._controls.recipe, self._controls.shift
        seen = self._seen[stage.name]
        row, column = divmod(self._places[stage.name], seen.shape[1])
        same = kept_after_shift(stage, self._grid(), recipe, shift).same if shift else None
        grays = None
        if stage.name == "convolution":
            # From 0, as padding is.
            grays = _PICTURE_GRAYS if self._controls.is_picture else (0.0, float(stage.takes.max()))
        if same is not None and stage.name != "flatten" and (same & seen).any():
            self._shift_words.setText(f"{self._shifted} Dots mark what stays.")
        self._view.show_stage(ShownStage(stage, recipe, (row, column), seen, same, grays))
        self._sum.setText(place_words(stage, recipe, row, column))
        self._place_words.setText(
            f"Place {count_words(self._places[stage.name] + 1)} of {count_words(seen.size)}"
        )

    # The window

    @Slot(str)
    def _on_stage_chosen(self, name: str) -> None:
        self._pause()
        self._stage_name = next(each for each in _TITLES if each == name)
        self._show()

    @Slot(int, int)
    def _go_to(self, row: int, column: int) -> None:
        seen = self._seen[self._stage_name]
        row = min(max(row, 0), seen.shape[0] - 1)
        column = min(max(column, 0), seen.shape[1] - 1)
        seen[row, column] = True
        self._places[self._stage_name] = row * seen.shape[1] + column
        self._show()

    @Slot(int, int)
    def _move(self, rows: int, columns: int) -> None:
        width = self._seen[self._stage_name].shape[1]
        row, column = divmod(self._places[self._stage_name], width)
        self._go_to(row + rows, column + columns)

    def _step(self, by: int) -> None:
        self._pause()
        self._walk(by)

    def _walk(self, by: int) -> None:
        seen = self._seen[self._stage_name]
        place = min(max(self._places[self._stage_name] + by, 0), seen.size - 1)
        self._go_to(*divmod(place, seen.shape[1]))

    @Slot()
    def _on_play(self) -> None:
        if self._timer.isActive():
            self._pause()
            return
        count = self._seen[self._stage_name].size
        if self._places[self._stage_name] == count - 1:
            self._restart()
        self._timer.start(min(max(_WALK_MS // count, _FASTEST_MS), _SLOWEST_MS))
        self._play.setText("Pause")
        self._play.setAccessibleName("Pause")

    @Slot()
    def _on_tick(self) -> None:
        self._walk(1)
        if self._places[self._stage_name] == self._seen[self._stage_name].size - 1:
            self._pause()

    def _pause(self) -> None:
        self._timer.stop()
        self._play.setText("Play")
        self._play.setAccessibleName("Play")

    @Slot()
    def _show_all(self) -> None:
        self._pause()
        self._seen[self._stage_name][:] = True
        self._show()

    @Slot()
    def _restart(self) -> None:
        self._pause()
        self._seen[self._stage_name][:] = False
        self._go_to(0, 0)


def _places(stage: Stage) -> tuple[int, ...]:
    return stage.takes.shape if stage.name == "flatten" else stage.gives.shape
