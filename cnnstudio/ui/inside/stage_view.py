"""`StageView`: what a stage takes, how one number comes about, and what the stage gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.inside.convolving import (
    Grid,
    place_of_maximum,
    terms_at,
    windows,
)
from cnnstudio.core.inside.stage_words import exact_number, sizes_words
from cnnstudio.core.inside.stages import Recipe, Stage
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.number_grid import FRAME_PX, NumberGrid, ShownGrid
from cnnstudio.ui.widgets.number_strip import NumberStrip

_TERMS_PX = 124
_CELL_PX = 38
# By the unit of a grid; 0 is for cells that are too small for numbers.
_UNIT_WORDS = {0: ", as colours", 1: "", 1000: ", in thousands"}


@dataclass(frozen=True, eq=False)
class ShownStage:
    """A stage at one of its places.

    `place` is row and column of what it gives (when flattening: of what it takes), `seen` the same
    for the places that were calculated, `same` which numbers a shift left as they were, if there is
    one. `grays` are the numbers for black and white where what it takes is a picture.
    """

    stage: Stage
    recipe: Recipe
    place: tuple[int, int]
    seen: NDArray[np.bool_]
    same: NDArray[np.bool_] | None
    grays: tuple[float, float] | None


class StageView(QWidget):
    """`place_wanted` carries row and column that the mouse points at, `moved` what the keys do."""

    place_wanted = Signal(int, int)
    moved = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._shown: ShownStage | None = None
        self._takes = NumberGrid(theme, "convolution_takes", "Input", takes_keys=True)
        self._gives = NumberGrid(theme, "convolution_gives", "Output")
        self._terms = _Terms(theme)
        self._strip = NumberStrip(theme, "convolution_strip", "The row of numbers")
        self._takes_words, self._gives_words = _caption(), _caption()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.addWidget(self._takes_words, 0, 0)
        grid.addWidget(self._takes, 1, 0)
        grid.addWidget(self._terms, 0, 1, 2, 1)
        grid.addWidget(self._gives_words, 0, 2)
        grid.addWidget(self._gives, 1, 2)
        grid.addWidget(self._strip, 2, 0, 1, 3)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(0, 1)
        self._grid = grid
        self._takes.pointed.connect(self._on_takes_pointed)
        self._takes.moved.connect(self.moved)
        self._gives.pointed.connect(self.place_wanted)
        self._takes.fitted.connect(self._write_captions)
        self._gives.fitted.connect(self._write_captions)

    def show_stage(self, shown: ShownStage) -> None:
        """Show another stage, or another place of it."""
        self._shown = shown
        stage = shown.stage
        is_flat = stage.name == "flatten"
        for widget in (self._terms, self._gives, self._gives_words):
            widget.setVisible(not is_flat)
        self._strip.setVisible(is_flat)
        self._grid.setColumnStretch(2, 0 if is_flat else 1)
        row, column = shown.place
        lengths = stage.takes.shape
        rows, columns = (
            tuple(stage.sliding.cells(length)[at].tolist())
            for length, at in zip(lengths, shown.place, strict=True)
        )
        padded = (stage.sliding.padded(lengths[0]), stage.sliding.padded(lengths[1]))
        chosen = None
        if stage.name == "pooling" and shown.recipe.pooling == "max":
            chosen = place_of_maximum(stage.takes, stage.sliding, row, column)
        self._takes.show_grid(ShownGrid(stage.takes, shown.grays, padded, rows, columns, chosen))
        self._takes.setAccessibleName(
            f"In: {sizes_words(stage.takes)} numbers, window at row {row + 1}, column {column + 1}"
        )
        if is_flat:
            self._write_captions()
            self._strip.show_numbers(stage.gives[0], row * lengths[1] + column)
            return
        self._gives.show_grid(
            ShownGrid(stage.gives, rows=(row,), columns=(column,), seen=shown.seen, same=shown.same)
        )
        self._terms.show_terms(shown, chosen)
        self._write_captions()

    @Slot()
    def _write_captions(self) -> None:
        """Say how many numbers there are, and what they are written in."""
        for words, grid, label in (
            ("In", self._takes, self._takes_words),
            ("Out", self._gives, self._gives_words),
        ):
            sizes = sizes_words(grid.shown.values)
            label.setText(f"{words}: {sizes} numbers{_UNIT_WORDS[grid.unit]}")

    @Slot(int, int)
    def _on_takes_pointed(self, row: int, column: int) -> None:
        """Put the middle of the window where the mouse is, as nearly as it can stand there."""
        if self._shown is None:
            return
        sliding, takes = self._shown.stage.sliding, self._shown.stage.takes
        nearest = (
            int(np.abs(sliding.cells(length).mean(1) - at).argmin())
            for length, at in zip(takes.shape, (row, column), strict=True)
        )
        self.place_wanted.emit(*nearest)


class _Terms(QWidget):
    """The window's numbers, what is done to them, and the result, one below the other."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedWidth(_TERMS_PX)
        self._grids = [
            NumberGrid(theme, f"convolution_{name}", spoken)
            for name, spoken in (
                ("window", "Numbers in the window"),
                ("weights", "Filter"),
                ("products", "Products"),
            )
        ]
        self._captions = [_caption() for _ in self._grids]
        for grid in self._grids:
            grid.fitted.connect(self._write_captions)
        self._words: list[str] = []
        self._result = QLabel()
        self._result.setObjectName("convolution_result")
        self._result.setProperty("class", "title")
        self._result.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for caption, grid in zip(self._captions, self._grids, strict=True):
            layout.addWidget(caption)
            layout.addWidget(grid, 100)
        self._sign = _caption()
        layout.addWidget(self._sign)
        layout.addWidget(self._result)
        layout.addStretch(1)

    def show_terms(self, shown: ShownStage, chosen: tuple[int, int] | None) -> None:
        """Show how the number at the place comes about."""
        stage, (row, column) = shown.stage, shown.place
        grids: list[tuple[str, ShownGrid]]
        if stage.name == "convolution":
            terms = terms_at(stage.takes, shown.recipe.kernel, stage.sliding, row, column)
            grids = [
                ("Window", ShownGrid(terms.window, shown.grays)),
                ("× filter", ShownGrid(shown.recipe.kernel)),
                ("= products", ShownGrid(terms.products)),
            ]
            sign = "Sum"
        else:
            window: Grid = windows(stage.takes, stage.sliding, 0.0)[row, column]
            place = None if chosen is None else _place_within(stage, shown.place, chosen)
            cells = () if place is None else (place[0],), () if place is None else (place[1],)
            caption = "Number" if stage.name == "relu" else "Window"
            grids = [(caption, ShownGrid(window, rows=cells[0], columns=cells[1], chosen=place))]
            sign = "ReLU" if stage.name == "relu" else "Max"
            if stage.name == "pooling" and chosen is None:
                sign = "Mean"
        for place_of_grid, (label, grid) in enumerate(
            zip(self._captions, self._grids, strict=True)
        ):
            is_used = place_of_grid < len(grids)
            label.setVisible(is_used)
            grid.setVisible(is_used)
            if is_used:
                grid.show_grid(grids[place_of_grid][1])
                rows = len(grids[place_of_grid][1].values)
                grid.setMaximumHeight(rows * _CELL_PX + 2 * FRAME_PX)
        self._words = [words for words, _ in grids]
        self._write_captions()
        self._sign.setText(sign)
        self._result.setText(exact_number(float(stage.gives[row, column])))

    @Slot()
    def _write_captions(self) -> None:
        for words, label, grid in zip(self._words, self._captions, self._grids, strict=False):
            label.setText(f"{words} ÷ 1,000" if grid.unit == 1000 else words)


def _place_within(stage: Stage, place: tuple[int, int], chosen: tuple[int, int]) -> tuple[int, int]:
    first = [
        int(stage.sliding.cells(length)[at, 0])
        for length, at in zip(stage.takes.shape, place, strict=True)
    ]
    return chosen[0] - first[0], chosen[1] - first[1]


def _caption() -> QLabel:
    label = QLabel()
    label.setProperty("class", "facts")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
