"""What the colours of the map mean, what is not on it, and what is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from cnnstudio.ui.swatches import swatch
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import count_words, pictures

_WIDTH_PX = 232
_RING_PX = 14
_GROUP_ROLE = Qt.ItemDataRole.UserRole


class MapLegend(Card):
    """The groups with their counts; `group_chosen` carries the place of one that was clicked.

    `open_wanted` asks to see what is selected, `left_out_wanted` what is not on the map;
    `clear_wanted` asks to select nothing.
    """

    group_chosen = Signal(int)
    open_wanted = Signal()
    clear_wanted = Signal()
    left_out_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("What the colours mean")
        self._groups = QListWidget()
        self._groups.setObjectName("map_legend")
        self._groups.setAccessibleName("Groups")
        self._groups.setToolTip("Click a group to select its pictures")
        self._groups.itemClicked.connect(self._on_group)
        self._groups.itemActivated.connect(self._on_group)
        self._ring = QWidget()
        self._ringed = ElidedLabel("The picture chosen above")
        self._ringed.setObjectName("map_ring")
        self._ringed.setProperty("class", "facts")
        ring = QHBoxLayout(self._ring)
        ring.setContentsMargins(0, 0, 0, 0)
        ring.setSpacing(6)
        ring.addWidget(_Ring(theme))
        ring.addWidget(self._ringed, 1)
        self._left_out = plain_label("map_left_out", "facts")
        self._show_left_out = styled_button("Show it", "link")
        self._show_left_out.setObjectName("map_show_left_out")
        self._show_left_out.setAccessibleName("Show what is not on the map")
        self._show_left_out.clicked.connect(self.left_out_wanted)
        self._count = plain_label("map_count", "facts")
        self._clear = styled_button("Clear", "link")
        self._clear.setObjectName("map_clear")
        self._clear.setAccessibleName("Clear the selection")
        self._clear.setToolTip("Select nothing (Esc, or a click beside the points)")
        self._clear.clicked.connect(self.clear_wanted)
        counted = QHBoxLayout()
        counted.setSpacing(6)
        counted.addWidget(self._count, 1)
        counted.addWidget(self._clear)
        self._open = styled_button("Open in Images")
        self._open.setObjectName("map_open")
        self._open.setAccessibleName("Open what is selected in Images")
        self._open.clicked.connect(self.open_wanted)
        self.setFixedWidth(_WIDTH_PX)
        self.body.addWidget(self._groups, 1)
        self.body.addWidget(self._ring)
        self.body.addWidget(self._left_out)
        self.body.addWidget(self._show_left_out, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(counted)
        self.body.addWidget(self._open)
        self.show_ring("")
        self.show_left_out(0)
        self.show_selected(0)

    def show_groups(
        self, names: Sequence[str], colours: Sequence[QColor], counts: Sequence[int]
    ) -> None:
        """Name the groups that have any pictures."""
        self._groups.clear()
        for place, (name, colour, count) in enumerate(zip(names, colours, counts, strict=True)):
            if count:
                item = QListWidgetItem(swatch(colour), f"{name} ({count_words(count)})")
                item.setData(_GROUP_ROLE, place)
                item.setToolTip(name)
                self._groups.addItem(item)

    def show_ring(self, name: str) -> None:
        """Say around which picture the ring is; "" where there is none."""
        self._ring.setToolTip(name)
        self._ring.setVisible(bool(name))

    def show_left_out(self, count: int) -> None:
        """Say how many pictures could not be read."""
        are = "is" if count == 1 else "are"
        self._left_out.setText(f"{pictures(count)} could not be read and {are} not on the map.")
        self._show_left_out.setText("Show it" if count == 1 else "Show them")
        self._left_out.setVisible(count > 0)
        self._show_left_out.setVisible(count > 0)

    def show_selected(self, count: int) -> None:
        """Say how many pictures are selected, or how to do that."""
        told = f"{pictures(count)} selected"
        how = "Drag a line around pictures, or click a group, to select."
        self._count.setText(told if count else how)
        self._open.setEnabled(count > 0)
        self._clear.setVisible(count > 0)

    @Slot(QListWidgetItem)
    def _on_group(self, item: QListWidgetItem) -> None:
        self.group_chosen.emit(item.data(_GROUP_ROLE))


class _Ring(QWidget):
    """The ring that marks a picture, as the map draws it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(QSize(_RING_PX, _RING_PX))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A circle in the colour of the words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.palette.text), 2))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
