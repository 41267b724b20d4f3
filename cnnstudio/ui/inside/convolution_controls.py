"""`ConvolutionControls`: which numbers, which filter, how it slides, and what comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel

from cnnstudio.core.inside.convolving import Grid, Sliding
from cnnstudio.core.inside.filter_presets import FILTER_PRESETS, preset_of
from cnnstudio.core.inside.stages import Recipe
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip_menu import ChipMenu, Choice
from cnnstudio.ui.widgets.number_editor import NumberBox
from cnnstudio.ui.widgets.plain_label import plain_label

SIZE = 3
_WIDTH_PX = 288
_BOX_PX = 82
_DECIMALS = 4
_LARGEST_WEIGHT = 99
_LIMITS = f"Each is from -{_LARGEST_WEIGHT} to {_LARGEST_WEIGHT}, with up to {_DECIMALS} decimals"
_OWN = "own"
_EXAMPLES: tuple[Choice, ...] = (("example", "Example, 4 × 4"), ("cross", "Cross, 8 × 8"))
_PICTURE: tuple[Choice, ...] = (
    ("gray", "Picture, gray"),
    ("red", "Picture, red"),
    ("green", "Picture, green"),
    ("blue", "Picture, blue"),
)
_SIDES = (12, 16, 24, 32)
# The largest whose numbers can be read in the smallest window.
_FIRST_SIDE = 12
_EXCLUSIVE = "Keras allows only one of stride and dilation above 1."
_HELP = {
    "stride": f"How many numbers the window moves. {_EXCLUSIVE}",
    "padding": "valid: the window stays within the numbers. same: zeros are added around them.",
    "dilation": "How far the numbers of the window lie apart: it sees more with as few weights.",
    "pooling": "What is kept of each window after the ReLU. It moves by its own size.",
    "shift": "Moves the input; its first column fills the gap.",
}
_LEGEND = (
    "Gray, in the input: the larger, the lighter. Elsewhere blue is above 0, red below; the farther"
    " from 0, the stronger. Green frame: the number that a maximum takes. Point at a number to see"
    " all its digits."
)


class ConvolutionControls(Card):
    """`changed`: anything is set otherwise; `side_changed`: the picture must be read again."""

    changed = Signal()
    side_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(_WIDTH_PX)
        self._form = QGridLayout()
        self._form.setVerticalSpacing(6)
        self._form.setColumnStretch(0, 1)
        self._source = self._row("source", "Numbers", _EXAMPLES)
        self._side = self._row("side", "Picture size", [(px, f"{px} × {px}") for px in _SIDES])
        self._side.set_value(_FIRST_SIDE)
        self._note = plain_label("convolution_note", "warn")
        self._note.hide()
        self._form.addWidget(self._note, self._form.rowCount(), 0, 1, 2)
        self._side.setEnabled(False)
        self._preset = self._row("preset", "Filter", ())
        self._boxes = [[self._box(row, column) for column in range(SIZE)] for row in range(SIZE)]
        self._add_filter()
        self._stride = self._row("stride", "Stride", [(by, str(by)) for by in (1, 2, 3)])
        self._padding = self._row(
            "padding", "Padding", (("valid", "valid (none)"), ("same", "same (zeros)"))
        )
        self._dilation = self._row("dilation", "Dilation", [(by, str(by)) for by in (1, 2, 3)])
        self._exclusive = plain_label("convolution_exclusive", "warn")
        self._exclusive.hide()
        self._form.addWidget(self._exclusive, self._form.rowCount(), 0, 1, 2)
        self._pooling = self._row(
            "pooling", "Pooling", (("max", "maximum"), ("average", "average"))
        )
        self._pool_size = self._row("pool_size", "Pooling window", ((2, "2 × 2"), (3, "3 × 3")))
        self._shift = self._row(
            "shift", "Shift the input", [(0, "no"), *((by, f"{by} px right") for by in (1, 2, 3))]
        )
        self.body.addLayout(self._form)
        self.body.addStretch(1)
        legend = plain_label("convolution_legend", "facts")
        legend.setText(_LEGEND)
        self.body.addWidget(legend)
        self._connect()
        self._show_kernel(np.array(FILTER_PRESETS[0].kernel, np.float64))

    # What is set

    @property
    def source(self) -> str:
        """An example, or a channel of the picture."""
        return str(self._source.value())

    @property
    def is_picture(self) -> bool:
        """Whether the numbers are those of the picture."""
        return self.source not in dict(_EXAMPLES)

    @property
    def side(self) -> int:
        """How many pixels wide and high the picture is to be."""
        return int(self._side.value())

    @property
    def shift(self) -> int:
        """By how many columns the input is moved to the right."""
        return int(self._shift.value())

    @property
    def recipe(self) -> Recipe:
        """What is done to the numbers."""
        kernel = np.array([[box.value() for box in row] for row in self._boxes])
        sliding = Sliding(SIZE, self._stride.value(), self._dilation.value(), self._padding.value())
        return Recipe(kernel, sliding, self._pooling.value(), self._pool_size.value())

    def offer_picture(self, is_there: bool, note: str = "") -> None:
        """Offer the picture's numbers, or no longer; `note` says why not."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._source.set_choices((*_EXAMPLES, *_PICTURE) if is_there else _EXAMPLES)
        self._side.setEnabled(self.is_picture)

    # What it is made of

    def _row(self, name: str, label: str, choices: Sequence[Choice]) -> ChipMenu:
        menu = ChipMenu(label, choices)
        menu.setObjectName(f"convolution_{name}")
        row = self._form.rowCount()
        words = QLabel(label)
        words.setToolTip(_HELP.get(name, ""))
        self._form.addWidget(words, row, 0)
        self._form.addWidget(menu, row, 1, Qt.AlignmentFlag.AlignRight)
        return menu

    def _box(self, row: int, column: int) -> QDoubleSpinBox:
        box = NumberBox()
        box.setObjectName(f"convolution_filter_{row + 1}_{column + 1}")
        box.setAccessibleName(f"Filter, row {row + 1}, column {column + 1}")
        # The rest of the window writes numbers with a point, whatever the desktop's language.
        box.setLocale(QLocale(QLocale.Language.English))
        box.setDecimals(_DECIMALS)
        box.setRange(-_LARGEST_WEIGHT, _LARGEST_WEIGHT)
        box.setToolTip(_LIMITS)
        box.setKeyboardTracking(False)
        box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.setFixedWidth(_BOX_PX)
        box.valueChanged.connect(self._on_weight)
        return box

    def _add_filter(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(4)
        for row, boxes in enumerate(self._boxes):
            for column, box in enumerate(boxes):
                grid.addWidget(box, row, column)
        self._preset_words = plain_label("convolution_preset_words", "facts")
        # Two lines always, so that nothing below moves.
        self._preset_words.setMinimumHeight(2 * self._preset_words.fontMetrics().height())
        self._preset_words.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = self._form.rowCount()
        self._form.addLayout(grid, row, 0, 1, 2)
        self._form.addWidget(self._preset_words, row + 1, 0, 1, 2)

    def _connect(self) -> None:
        self._source.value_changed.connect(self._on_source)
        self._side.value_changed.connect(lambda _value: self.side_changed.emit())
        self._preset.value_changed.connect(self._on_preset)
        self._stride.value_changed.connect(self._on_stride)
        self._dilation.value_changed.connect(self._on_dilation)
        for menu in (self._padding, self._pooling, self._pool_size, self._shift):
            menu.value_changed.connect(lambda _value: self.changed.emit())

    # What the user does

    @Slot(object)
    def _on_source(self, _source: Any) -> None:
        self._side.setEnabled(self.is_picture)
        self.changed.emit()

    @Slot(object)
    def _on_preset(self, key: Any) -> None:
        kernel = next((each.kernel for each in FILTER_PRESETS if each.key == key), None)
        if kernel is not None:
            self._show_kernel(np.array(kernel, np.float64))
            self.changed.emit()

    @Slot(float)
    def _on_weight(self, _value: float) -> None:
        self._show_preset()
        self.changed.emit()

    @Slot(object)
    def _on_stride(self, stride: Any) -> None:
        self._exclude(stride, self._dilation, "Dilation")

    @Slot(object)
    def _on_dilation(self, dilation: Any) -> None:
        self._exclude(dilation, self._stride, "Stride")

    def _exclude(self, chosen: int, other: ChipMenu, name: str) -> None:
        """Set the other one of stride and dilation back, and say so: Keras refuses both at once."""
        was = other.value()
        is_set_back = chosen > 1 and was > 1
        if is_set_back:
            other.set_value(1)
            self._exclusive.setText(f"{name} is 1 again, not {was}: {_EXCLUSIVE}")
        self._exclusive.setVisible(is_set_back)
        self.changed.emit()

    def _show_kernel(self, kernel: Grid) -> None:
        for (row, column), value in np.ndenumerate(kernel):
            with QSignalBlocker(self._boxes[row][column]):
                self._boxes[row][column].setValue(value)
        self._show_preset()

    def _show_preset(self) -> None:
        preset = preset_of(self.recipe.kernel)
        choices = [(each.key, each.title) for each in FILTER_PRESETS]
        if preset is None:
            choices.append((_OWN, "Your own"))
        self._preset.set_choices(choices)
        self._preset.set_value(_OWN if preset is None else preset.key)
        words = f"Numbers of your own. {_LIMITS}."
        self._preset_words.setText(words if preset is None else preset.words)
