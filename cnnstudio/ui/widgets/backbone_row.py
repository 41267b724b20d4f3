"""`BackboneRow`: one pretrained network, with what it costs and how to get it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.backbones import Backbone
from cnnstudio.core.events import Progress
from cnnstudio.core.storage.backbone_files import Found
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.bar import Bar
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import megabytes, time_left

COLUMNS = (("Parameters", 80), ("Weights", 64), ("Speed", 116), ("Licence", 92))
"""The columns between the name and the state, each with its width in pixels."""
STATE_PX = 232
GAP_PX = 16
_INDENT_PX = 22
# Two lines, so that all rows are of one height.
_HELP_PX = 30


class BackboneRow(QFrame):
    """A radio button with a line of help, facts, and a button or bar for the download."""

    chosen = Signal(str)
    download_wanted = Signal(str)
    cancel_wanted = Signal()

    def __init__(
        self, backbone: Backbone, fastest: float, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.backbone = backbone
        self._found: Found | None = None
        self.choice = QRadioButton(backbone.label)
        self.choice.setObjectName(f"backbone_choice_{backbone.key}")
        self.choice.setAccessibleDescription(f"{backbone.help} {', '.join(_facts(backbone))}")
        self.choice.toggled.connect(self._on_toggled)
        words = _label(backbone.help, "facts")
        words.setMinimumHeight(_HELP_PX)
        words.setContentsMargins(_INDENT_PX, 0, 0, 0)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.setWordWrap(True)
        name = QVBoxLayout()
        name.setSpacing(0)
        name.addWidget(self.choice)
        name.addWidget(words)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(GAP_PX)
        layout.addLayout(name, 1)
        cells = (*_numbers(backbone), self._speed(fastest, theme), _label(backbone.licence))
        for cell, (_, width_px) in zip(cells, COLUMNS, strict=True):
            cell.setFixedWidth(width_px)
            layout.addWidget(cell)
        layout.addWidget(self._state(theme))

    def is_usable(self) -> bool:
        """Whether its weights are known to be on this computer."""
        return self._found is not None and self._found.is_installed

    def show_found(self, found: Found) -> None:
        """Show what there is on this computer, and the button that gets the rest."""
        self._found = found
        bundled = self.backbone.is_bundled
        self._there.setText("Comes with the program" if bundled else "On this computer")
        size = self.backbone.weights.size_bytes
        if 0 < found.partial_bytes < size:
            words = f"Go on ({megabytes(found.partial_bytes)} of {megabytes(size)})"
        else:
            words = f"Download {megabytes(size)}"
        self._download.setText(words)
        self._download.setAccessibleName(f"{self.backbone.label}: {words}")
        self._pages.setCurrentWidget(self._there if found.is_installed else self._getting)

    def show_waiting(self) -> None:
        """Show that the download is about to begin."""
        self._bar.set_value(0)
        self._progress.setText("Waiting for the server")
        self._pages.setCurrentWidget(self._loading)
        self._cancel.setFocus()

    def show_progress(self, event: Progress) -> None:
        """Show how much has come."""
        if not event.total:
            self._progress.setText(event.words)
            return
        self._bar.set_value(event.done / event.total)
        lines = [f"{event.done / 1e6:.1f} of {megabytes(event.total)}"]
        if event.seconds_left and event.total > event.done:
            rate = (event.total - event.done) / event.seconds_left
            lines[0] += f", {megabytes(rate)}/s"
            lines.append(time_left(event.seconds_left))
        self._progress.setText("\n".join(lines))

    def set_download_enabled(self, enabled: bool) -> None:
        """One download at a time: the others wait."""
        self._download.setEnabled(enabled)

    def _speed(self, fastest: float, theme: Theme) -> QWidget:
        cell = QWidget()
        bar = Bar(theme)
        bar.set_value(self.backbone.relative_speed / fastest)
        number = _label(f"{self.backbone.relative_speed:g} x")
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        number.setFixedWidth(44)
        layout = QHBoxLayout(cell)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(bar, 1)
        layout.addWidget(number)
        return cell

    def _state(self, theme: Theme) -> QStackedWidget:
        key, label = self.backbone.key, self.backbone.label
        self._there = _label("", "muted")
        self._download = styled_button("", small=True)
        self._download.setObjectName(f"backbone_download_{key}")
        self._download.clicked.connect(self._want_download)
        self._getting = QWidget()
        getting = QHBoxLayout(self._getting)
        getting.setContentsMargins(0, 0, 0, 0)
        getting.addWidget(self._download)
        getting.addStretch(1)
        self._bar = Bar(theme)
        self._bar.setAccessibleName(f"Download of {label}")
        self._progress = _label("", "facts")
        self._progress.setObjectName(f"backbone_progress_{key}")
        self._cancel = styled_button("Cancel", small=True)
        self._cancel.setObjectName(f"backbone_cancel_{key}")
        self._cancel.setAccessibleName(f"Cancel the download of {label}")
        self._cancel.clicked.connect(self.cancel_wanted)
        how_far = QVBoxLayout()
        how_far.setSpacing(4)
        how_far.addWidget(self._bar)
        how_far.addWidget(self._progress)
        self._loading = QWidget()
        loading = QHBoxLayout(self._loading)
        loading.setContentsMargins(0, 0, 0, 0)
        loading.setSpacing(8)
        loading.addLayout(how_far, 1)
        loading.addWidget(self._cancel)
        unknown = _label("")
        self._pages = QStackedWidget()
        self._pages.setFixedWidth(STATE_PX)
        for page in (unknown, self._there, self._getting, self._loading):
            self._pages.addWidget(page)
        return self._pages

    def _on_toggled(self, is_on: bool) -> None:
        if is_on:
            self.chosen.emit(self.backbone.key)

    def _want_download(self) -> None:
        self.download_wanted.emit(self.backbone.key)


def _numbers(backbone: Backbone) -> tuple[QLabel, QLabel]:
    cells = (
        _label(f"{backbone.parameters / 1e6:.1f} million"),
        _label(megabytes(backbone.weights.size_bytes)),
    )
    for cell in cells:
        cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return cells


def _facts(backbone: Backbone) -> list[str]:
    return [
        f"{backbone.parameters / 1e6:.1f} million parameters",
        megabytes(backbone.weights.size_bytes),
        f"{backbone.relative_speed:g} times the speed of the bundled one",
        f"licence {backbone.licence}",
    ]


def _label(text: str, look: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("class", look)
    return label
