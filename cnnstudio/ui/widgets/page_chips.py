"""A row of chips that each bring a page to the front."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from cnnstudio.ui.widgets.chip import Chip

Page = TypeVar("Page", bound=QWidget)


@dataclass(frozen=True)
class LaterPage(Generic[Page]):
    """A page that is made when it is first shown: plots cost tens of milliseconds each."""

    kind: type[Page]
    make: Callable[[], Page]


class PageChips(QWidget):
    """Chips for pages, of which one is on; `chosen` carries the name of the page clicked."""

    chosen = Signal(str)

    def __init__(self, pages: Iterable[tuple[str, str]], prefix: str) -> None:
        """Make chips for pages, each a name and a title; the first is on."""
        super().__init__()
        self._chips: dict[str, Chip] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        group = QButtonGroup(self)
        for name, title in pages:
            chip = Chip(title)
            chip.setObjectName(f"{prefix}_tab_{name}")
            chip.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            group.addButton(chip)
            self._chips[name] = chip
            row.addWidget(chip)
        row.addStretch(1)
        next(iter(self._chips.values())).setChecked(True)

    def set_current(self, name: str) -> None:
        """Turn on the chip of a page."""
        self._chips[name].setChecked(True)
