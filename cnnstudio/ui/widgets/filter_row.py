"""`FilterRow`: sorts and narrows what the grid shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from cnnstudio.core.arranging import SampleOrder
from cnnstudio.core.project import Split
from cnnstudio.ui.dialogs.days_dialog import DaysDialog
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.sample_view import LARGEST_PX, SMALLEST_PX
from cnnstudio.ui.words import count_words

_ZOOM_PX = 96
_ORDERS = (
    (SampleOrder("class"), "By class"),
    (SampleOrder("name"), "By name"),
    (SampleOrder("date", descending=True), "Newest first"),
    (SampleOrder("date"), "Oldest first"),
    (SampleOrder("size", descending=True), "Largest first"),
    (SampleOrder("size"), "Smallest first"),
    (SampleOrder("problem"), "Problems first"),
)
_SPLITS: tuple[tuple[Split | None, str], ...] = (
    (None, "Any part"),
    ("train", "Training"),
    ("validation", "Validation"),
    ("test", "Test"),
)
ANY_PROBLEM = "any"
"""Stands for all kinds of problems."""

_CUSTOM = "custom"


@dataclass(frozen=True)
class Days:
    """From one day to another, both included; None is open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Narrowing:
    """What the row lets through.

    `problem` is None, `ANY_PROBLEM` or a kind of the health check; `batch` the id of an import.
    """

    problem: str | None = None
    split: Split | None = None
    days: Days = Days()
    batch: str | None = None


class FilterRow(QWidget):
    """Pills for order, problem, part, date and import, and the size of the thumbnails."""

    changed = Signal()
    zoom_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order = _chip("Order", "images_order", _ORDERS)
        self._problem = _chip("Problem", "images_problem", ((None, "Any problem"),))
        self._split = _chip("Part", "images_split", _SPLITS)
        self._days = _chip("Date", "images_date", _day_choices(date.today()))
        self._batch = _chip("Import", "images_batch", ((None, "Any import"),))
        self._own_days = Days()
        self._zoom = QSlider(Qt.Orientation.Horizontal)
        self._zoom.setObjectName("images_zoom")
        self._zoom.setAccessibleName("Size of the thumbnails")
        self._zoom.setToolTip("Size of the thumbnails (Ctrl and mouse wheel)")
        self._zoom.setRange(SMALLEST_PX, LARGEST_PX)
        self._zoom.setFixedWidth(_ZOOM_PX)
        self._zoom.valueChanged.connect(self.zoom_changed)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        for chip in (self._order, self._problem, self._split, self._days, self._batch):
            chip.value_changed.connect(self._on_chosen)
            self._layout.addWidget(chip)
        self._layout.addStretch(1)
        self._layout.addWidget(self._zoom)

    @property
    def order(self) -> SampleOrder:
        """How pictures are to be sorted."""
        order: SampleOrder = self._order.value()
        return order

    @property
    def narrowing(self) -> Narrowing:
        """What is to be let through."""
        days = self._days.value()
        return Narrowing(
            self._problem.value(),
            self._split.value(),
            self._own_days if days == _CUSTOM else days,
            self._batch.value(),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return self.narrowing != Narrowing()

    def add_before_zoom(self, widget: QWidget) -> None:
        """Put a widget at the right, beside the slider."""
        self._layout.insertWidget(self._layout.count() - 1, widget)

    def set_zoom(self, size_px: int) -> None:
        """Move the slider."""
        self._zoom.setValue(size_px)

    def set_problems(self, counts: Sequence[tuple[str, int]]) -> None:
        """Offer kinds of problems with their counts, the gravest first."""
        choices: list[tuple[str | None, str]] = [(None, "Any problem")]
        if counts:
            choices.append((ANY_PROBLEM, "With a problem"))
        choices += [(kind, f"{kind.capitalize()} ({count_words(count)})") for kind, count in counts]
        chosen = self._problem.value()
        self._problem.set_choices(choices)
        if chosen != self._problem.value():
            self.changed.emit()

    def set_batches(self, batches: Sequence[tuple[str, str]]) -> None:
        """Offer imports, ids and words, the newest first."""
        chosen = self._batch.value()
        self._batch.set_choices(((None, "Any import"), *batches))
        if chosen != self._batch.value():
            self.changed.emit()

    def set_narrowing_enabled(self, is_enabled: bool) -> None:
        """Let the user narrow what is shown, or not: a list of its own is shown as it is."""
        for chip in (self._order, self._problem, self._split, self._days, self._batch):
            chip.setEnabled(is_enabled)

    def reset(self) -> None:
        """Let everything through; the order stays. Says nothing: whoever asks shows it."""
        for chip in (self._problem, self._split, self._batch):
            chip.set_value(None)
        self._days.set_value(Days())

    @Slot(object)
    def _on_chosen(self, value: object) -> None:
        if self.sender() is self._days and value == _CUSTOM:
            dialog = DaysDialog(self._own_days.first, self._own_days.last, self)
            dialog.days_chosen.connect(self._on_days)
            dialog.rejected.connect(lambda: self._days.set_value(Days()))
            dialog.rejected.connect(self.changed)
            dialog.open()
            return
        self.changed.emit()

    @Slot(object, object)
    def _on_days(self, first: date, last: date) -> None:
        self._own_days = Days(first, last)
        self.changed.emit()


def _chip(name: str, object_name: str, choices: Sequence[tuple[object, str]]) -> ChipMenu:
    chip = ChipMenu(name, choices)
    chip.setObjectName(object_name)
    chip.menu_of_choices.setObjectName(f"{object_name}_menu")
    return chip


def _day_choices(today: date) -> tuple[tuple[object, str], ...]:
    return (
        (Days(), "Any date"),
        (Days(today), "Today"),
        (Days(today - timedelta(days=6)), "Last 7 days"),
        (Days(today - timedelta(days=29)), "Last 30 days"),
        (Days(date(today.year, 1, 1)), "This year"),
        (_CUSTOM, "Between two days..."),
    )
