"""The row of tools above the map: how it is laid out and coloured, what dragging does, zoom."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from cnnstudio.core.inside.map_groups import Colouring
from cnnstudio.core.inside.picture_map import MOST_SPREAD
from cnnstudio.ui.inside.map_status import MapStatus
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.map_view import DragMeaning, MapView
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import pictures

_COLOURINGS: tuple[tuple[Colouring, str], ...] = (
    ("class", "Colour: class"),
    ("answer", "Colour: right or wrong"),
    ("split", "Colour: part"),
)
_PCA_WORDS = "PCA: along the two directions in which the pictures differ most."
_TSNE_WORDS = "t-SNE: near means alike; how far apart two groups lie says little."


class MapTools(QWidget):
    """Works on a view; `laid_out` says that PCA or t-SNE is wanted, `coloured` other colours.

    `status` stands between the tools.
    """

    laid_out = Signal()
    coloured = Signal()

    def __init__(self, view: MapView, status: MapStatus) -> None:
        super().__init__()
        self._view = view
        self._status = status
        self._pca = _chip("PCA", "pca", "Lay out by PCA", _PCA_WORDS)
        self._tsne = _chip("t-SNE", "tsne", "Lay out by t-SNE", _TSNE_WORDS)
        select = _chip("Select", "select", "Dragging selects", "Drag a line around pictures")
        tip = "Drag the map; the middle button does so, too"
        move = _chip("Move", "move", "Dragging moves the map", tip)
        for chips in ((self._pca, self._tsne), (select, move)):
            group = QButtonGroup(self)
            for chip in chips:
                group.addButton(chip)
            chips[0].setChecked(True)
        self._colouring = ChipMenu("Colour")
        self._colouring.setObjectName("map_colouring")
        near = _button("+", "nearer", "Zoom in", "Zoom in (+, or the wheel)")
        far = _button("\N{MINUS SIGN}", "farther", "Zoom out", "Zoom out (-, or the wheel)")
        everything = _button("Show all", "all", "Show all", "Bring all pictures into view (0)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        left: tuple[QWidget, ...] = (self._pca, self._tsne, self._colouring)
        right: tuple[QWidget, ...] = (select, move, far, near, everything)
        for widget in left:
            row.addWidget(widget)
        row.addWidget(status, 1)
        for widget in right:
            row.addWidget(widget)
        self._all = (*left, *right)
        self._pca.clicked.connect(self.laid_out)
        self._tsne.clicked.connect(self.laid_out)
        self._colouring.value_changed.connect(self.coloured)
        select.clicked.connect(lambda: self._drag("select"))
        move.clicked.connect(lambda: self._drag("move"))
        near.clicked.connect(lambda: view.zoom_by(1.5))
        far.clicked.connect(lambda: view.zoom_by(1 / 1.5))
        everything.clicked.connect(view.show_all)
        self._drag("select")

    @property
    def wants_spread(self) -> bool:
        """Whether t-SNE is chosen, not PCA."""
        return self._tsne.isChecked()

    def choose(self, *, spread: bool) -> None:
        """Choose t-SNE or PCA."""
        (self._tsne if spread else self._pca).setChecked(True)

    def colouring(self) -> Colouring:
        """Return by what points are coloured."""
        chosen: Colouring = self._colouring.value()
        return chosen

    def offer(self, colourings: set[Colouring], point_count: int) -> None:
        """Let all be used that makes sense for a map of so many points."""
        for tool in self._all:
            tool.setEnabled(True)
        can_spread = point_count <= MOST_SPREAD
        self._tsne.setEnabled(can_spread)
        too_many = f"For at most {pictures(MOST_SPREAD)}: it takes long"
        self._tsne.setToolTip(_TSNE_WORDS if can_spread else too_many)
        self._colouring.set_choices([each for each in _COLOURINGS if each[0] in colourings])

    def offer_nothing(self) -> None:
        """There is no map."""
        for tool in self._all:
            tool.setEnabled(False)
        self._status.say("")

    @Slot()
    def explain(self) -> None:
        """Say what the layout that is chosen means."""
        self._status.say(_TSNE_WORDS if self.wants_spread else _PCA_WORDS)

    def _drag(self, meaning: DragMeaning) -> None:
        self._view.set_drag(meaning)


def _chip(text: str, name: str, spoken: str, tip: str) -> Chip:
    chip = Chip(text)
    _name(chip, name, spoken, tip)
    return chip


def _button(text: str, name: str, spoken: str, tip: str) -> QPushButton:
    button = styled_button(text)
    _name(button, name, spoken, tip)
    return button


def _name(button: QPushButton, name: str, spoken: str, tip: str) -> None:
    button.setObjectName(f"map_{name}")
    button.setAccessibleName(spoken)
    button.setToolTip(tip)
