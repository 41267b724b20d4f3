"""`SampleView`: the grid of pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QKeyEvent,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from cnnstudio.core.project import Sample
from cnnstudio.ui.models.sample_model import SampleModel
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.thumbnail_delegate import GAP_PX, ThumbnailDelegate

_SAMPLES_MIME = "application/x-cnnstudio-samples"

SMALLEST_PX = 96
LARGEST_PX = 256
_SCROLL_BAR_PX = 10
_WHEEL_STEP_PX = 16
_WHEEL_NOTCH = 120
_FORGET_DELAY_MS = 40


def samples_mime() -> QMimeData:
    """Return what a drag carries to say that it is of the samples selected in this window."""
    mime = QMimeData()
    mime.setData(_SAMPLES_MIME, _here())
    return mime


def is_of_samples(mime: QMimeData) -> bool:
    """Whether a drag is of the samples selected in this window, not in another of this program."""
    return mime.data(_SAMPLES_MIME).data() == _here()


def _here() -> bytes:
    return str(os.getpid()).encode()


class SampleView(QListView):
    """Thumbnails in as many columns as the width holds; only those on screen are ever read.

    `number_pressed` carries 0 to 9; `zoomed` the size chosen with Ctrl and the wheel, in pixels.
    """

    number_pressed = Signal(int)
    remove_pressed = Signal()
    preview_wanted = Signal(int)
    zoomed = Signal(int)

    def __init__(
        self,
        model: SampleModel,
        theme: Theme,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._samples = model
        self._thumbnails = thumbnails
        self._delegate = ThumbnailDelegate(theme, thumbnails, self)
        self._thumbnail_px = 124
        self._slot_px = 132
        self._asked: set[str] = set()
        self._root = Path()
        self._forget_timer = QTimer(self, singleShot=True, interval=_FORGET_DELAY_MS)
        self._forget_timer.timeout.connect(self._forget_what_is_gone)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        # Drops are taken by what lies around, which is there also when the grid is not.
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setItemDelegate(self._delegate)
        self.setModel(model)
        thumbnails.arrived.connect(self._repaint_sample)
        thumbnails.failed.connect(self._repaint_sample)
        theme.changed.connect(self.viewport().update)
        self._fit_columns()

    @property
    def thumbnail_px(self) -> int:
        """The least width and height of a picture; they are stretched to fill the row."""
        return self._thumbnail_px

    def set_thumbnail_px(self, size_px: int) -> None:
        """Show the pictures larger or smaller."""
        size_px = min(max(size_px, SMALLEST_PX), LARGEST_PX)
        if size_px != self._thumbnail_px:
            self._thumbnail_px = size_px
            first = self._first_row()
            self._fit_columns()
            self.doItemsLayout()
            columns = self._columns()
            self.verticalScrollBar().setValue(first // columns * self._slot_px)

    def set_root(self, root: Path) -> None:
        """Take the folder that the samples' paths begin at."""
        self._root = root
        self._delegate.root = root

    def selected_rows(self) -> list[int]:
        """Return the rows selected, in order."""
        rows: list[int] = []
        for part in self.selectionModel().selection().toList():
            rows.extend(range(part.top(), part.bottom() + 1))
        return sorted(rows)

    def selected_samples(self) -> list[Sample]:
        """Return the samples selected, in order."""
        return [self._samples.samples[row] for row in self.selected_rows()]

    def select_rows(self, rows: Iterable[int], current: int = -1) -> None:
        """Select these rows, given in order, and nothing else."""
        selection = QItemSelection()
        for first, last in _runs(rows):
            selection.select(self._samples.index(first), self._samples.index(last))
        model = self.selectionModel()
        if current >= 0:
            flag = QItemSelectionModel.SelectionFlag.NoUpdate
            model.setCurrentIndex(self._samples.index(current), flag)
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def visible_rows(self) -> range:
        """Return the rows of which something is on screen."""
        columns = self._columns()
        top = self.verticalScrollBar().value()
        first = top // self._slot_px * columns
        last = (top + self.viewport().height() - 1) // self._slot_px * columns + columns
        return range(min(first, len(self._samples.samples)), min(last, len(self._samples.samples)))

    # What Qt calls

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the columns fill the width."""
        self._fit_columns()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is on screen, and remember what that had to be read for."""
        super().paintEvent(event)
        self._asked.update(self._samples.samples[row].path for row in self.visible_rows())
        if not self._forget_timer.isActive():
            self._forget_timer.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom while Ctrl is held, scroll otherwise."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            notches = event.angleDelta().y() / _WHEEL_NOTCH
            self.set_thumbnail_px(self._thumbnail_px + round(notches * _WHEEL_STEP_PX))
            self.zoomed.emit(self._thumbnail_px)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Number keys, Delete, Space and Enter act on the selection; arrows move."""
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        )
        text = event.text()
        if plain and len(text) == 1 and text in "0123456789":
            self.number_pressed.emit(int(text))
        elif plain and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_pressed.emit()
        elif plain and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.preview_wanted.emit(self.currentIndex().row())
        elif plain and event.key() == Qt.Key.Key_Escape:
            self.clearSelection()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """Letters are left to the search field."""

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 - as in Qt
        """Carry the selected samples to a class."""
        if not self.selectionModel().hasSelection():
            return
        drag = QDrag(self)
        drag.setMimeData(samples_mime())
        drag.setPixmap(self._drag_picture())
        drag.setHotSpot(QPoint(-8, -8))
        drag.exec(Qt.DropAction.MoveAction)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """All there is to see: adding up 20,000 rectangles takes longer than painting these."""
        return QRegion(self.viewport().rect())

    # Inside

    def _columns(self) -> int:
        return max(1, (self.width() - _SCROLL_BAR_PX) // self._slot_px)

    def _first_row(self) -> int:
        return self.visible_rows().start

    def _fit_columns(self) -> None:
        # The room of the scroll bar is kept free, so that nothing moves when it comes and goes.
        width = max(1, self.width() - _SCROLL_BAR_PX)
        columns = max(1, width // (self._thumbnail_px + GAP_PX))
        slot = max(SMALLEST_PX // 2, width // columns)
        if QSize(slot, slot) != self.gridSize():
            self._slot_px = slot
            self._delegate.set_slot(slot)
            self.setGridSize(QSize(slot, slot))
            self.verticalScrollBar().setSingleStep(slot // 2)

    def _forget_what_is_gone(self) -> None:
        shown = {self._samples.samples[row].path for row in self.visible_rows()}
        self._thumbnails.drop(self._root / path for path in self._asked - shown)
        self._asked = shown

    def _repaint_sample(self, absolute_path: str) -> None:
        try:
            path = Path(absolute_path).relative_to(self._root).as_posix()
        except ValueError:
            return
        row = self._samples.row_of(path)
        if row in self.visible_rows():
            self.update(self._samples.index(row))

    def _drag_picture(self) -> QPixmap:
        current = self.currentIndex()
        return self.viewport().grab(self._picture_rect(current.row()))

    def _picture_rect(self, row: int) -> QRect:
        inset = GAP_PX // 2
        rect = self.visualRect(self._samples.index(row))
        return rect.adjusted(inset, inset, -inset, -inset)


def _runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Sum up rising numbers as (first, last) of each run without a hole."""
    first = last = None
    for row in rows:
        if first is None or last is None:
            first = last = row
        elif row == last + 1:
            last = row
        else:
            yield first, last
            first = last = row
    if first is not None and last is not None:
        yield first, last
