"""`SampleView`: the grid of pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QDrag,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from cnnstudio.core.project import Sample
from cnnstudio.ui.models.sample_model import SampleModel
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.thumbnail_delegate import GAP_PX, ThumbnailDelegate

SMALLEST_PX = 96
LARGEST_PX = 256

_SAMPLES_MIME = "application/x-cnnstudio-samples"
_SCROLL_BAR_PX = 10
_WHEEL_STEP_PX = 16
_WHEEL_NOTCH = 120
_FORGET_DELAY_MS = 40
_BAND_OPACITY = 40

Index = QModelIndex | QPersistentModelIndex


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

    Where a picture lies is computed from its row alone. `QListView` would lay out every row after
    each change; it is the base because screen readers know it as a list.

    `number_pressed` carries 0 to 9, `preview_wanted` a row, `zoomed` the size chosen with Ctrl and
    the wheel, in pixels.
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
        self._theme = theme
        self._thumbnails = thumbnails
        self._delegate = ThumbnailDelegate(theme, thumbnails, self)
        self._thumbnail_px = 124
        self._slot_px = 132
        self._columns = 1
        self._root = Path()
        self._asked: set[str] = set()
        self._band = QRect()
        self._forget_timer = QTimer(self, singleShot=True, interval=_FORGET_DELAY_MS)
        self._forget_timer.timeout.connect(self._forget_what_is_gone)
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
        self.doubleClicked.connect(lambda index: self.preview_wanted.emit(index.row()))
        thumbnails.arrived.connect(self._repaint_sample)
        thumbnails.failed.connect(self._repaint_sample)
        theme.changed.connect(self.viewport().update)
        self._fit_columns()

    @property
    def thumbnail_px(self) -> int:
        """The least width and height of a picture; they are stretched to fill the row."""
        return self._thumbnail_px

    def set_thumbnail_px(self, size_px: int) -> None:
        """Show the pictures larger or smaller; the first one on screen stays there."""
        size_px = min(max(size_px, SMALLEST_PX), LARGEST_PX)
        if size_px != self._thumbnail_px:
            self._thumbnail_px = size_px
            first = self.visible_rows().start
            self._fit_columns()
            self.updateGeometries()
            self.verticalScrollBar().setValue(first // self._columns * self._slot_px)
            self.viewport().update()

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
        samples = self._samples.samples
        return [samples[row] for row in self.selected_rows()]

    def current_sample(self) -> Sample | None:
        """Return the sample that keys act from, None when there is none."""
        row = self.currentIndex().row()
        return self._samples.samples[row] if 0 <= row < len(self._samples.samples) else None

    def selectAll(self) -> None:  # noqa: N802 - Qt's name
        """Select what is shown. Qt would look at every row by itself."""
        self.select_rows(range(len(self._samples.samples)))

    def select_rows(self, rows: Iterable[int], current: int = -1) -> None:
        """Select these rows, given in order, and nothing else."""
        if current >= 0:
            flag = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self._samples.index(current), flag)
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(self._selection_of(_runs(rows)), flag)

    def visible_rows(self) -> range:
        """Return the rows of which something is on screen."""
        return self._rows_between(0, self.viewport().height())

    # The geometry, as Qt asks for it

    def doItemsLayout(self) -> None:  # noqa: N802 - Qt's name
        """Nothing is laid out ahead; only the scroll bar has to fit."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:  # noqa: N802 - Qt's name
        """Give the scroll bar its range."""
        QAbstractItemView.updateGeometries(self)
        lines = -(-len(self._samples.samples) // self._columns)
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, lines * self._slot_px - height))
        bar.setPageStep(max(1, height - self._slot_px // 2))
        bar.setSingleStep(max(1, self._slot_px // 3))

    def horizontalOffset(self) -> int:  # noqa: N802 - Qt's name
        """The grid is never wider than the view."""
        return 0

    def verticalOffset(self) -> int:  # noqa: N802 - Qt's name
        """How far it is scrolled, in pixels."""
        return self.verticalScrollBar().value()

    def visualRect(self, index: Index) -> QRect:  # noqa: N802 - Qt's name
        """Where a sample lies in the viewport, its share of the gaps included."""
        return self._rect_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, place: QPoint) -> QModelIndex:  # noqa: N802 - Qt's name
        """The sample at a place of the viewport."""
        column = place.x() // self._slot_px
        row = (place.y() + self.verticalOffset()) // self._slot_px * self._columns + column
        if not 0 <= column < self._columns or not 0 <= row < len(self._samples.samples):
            return QModelIndex()
        return self._samples.index(row)

    def scrollTo(  # noqa: N802 - Qt's name
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll until the sample is on screen, no further than needed unless asked to."""
        if not index.isValid():
            return
        rect, room = self.visualRect(index), self.viewport().height()
        shift = 0
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            shift = rect.center().y() - room // 2
        elif hint == QAbstractItemView.ScrollHint.PositionAtTop or rect.top() < 0:
            shift = rect.top()
        elif hint == QAbstractItemView.ScrollHint.PositionAtBottom or rect.bottom() >= room:
            shift = min(rect.bottom() - room + 1, rect.top())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + shift)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted; only what comes into view is painted anew."""
        self.scrollDirtyRegion(dx, dy)
        self.viewport().scroll(dx, dy)

    def moveCursor(  # noqa: N802 - Qt's name
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        """Where a key leads from the current sample."""
        count = len(self._samples.samples)
        if not count:
            return QModelIndex()
        if not self.currentIndex().isValid():
            return self._samples.index(self.visible_rows().start)
        row = self.currentIndex().row()
        page = max(1, self.viewport().height() // self._slot_px) * self._columns
        moves = QAbstractItemView.CursorAction
        steps = {
            moves.MoveLeft: -1,
            moves.MovePrevious: -1,
            moves.MoveRight: 1,
            moves.MoveNext: 1,
            moves.MoveUp: -self._columns,
            moves.MoveDown: self._columns,
            moves.MovePageUp: -page,
            moves.MovePageDown: page,
            moves.MoveHome: -count,
            moves.MoveEnd: count,
        }
        target = row + steps[action]
        if action == moves.MoveUp and target < 0:
            target = row
        elif action == moves.MoveDown and target >= count:
            # Into the last line, where it is shorter; never back to the left from within it.
            is_last_line = row // self._columns == (count - 1) // self._columns
            target = row if is_last_line else count - 1
        return self._samples.index(min(max(target, 0), count - 1))

    def setSelection(  # noqa: N802 - Qt's name
        self, rect: QRect, command: QItemSelectionModel.SelectionFlag
    ) -> None:
        """Select what the rubber band touches, or from one sample to another as lines are read."""
        if self.state() == QAbstractItemView.State.DragSelectingState:
            selection = self._selection_of(self._runs_in(rect.normalized()))
        else:
            ends = [self.indexAt(rect.topLeft()), self.indexAt(rect.bottomRight())]
            rows = sorted(index.row() for index in ends if index.isValid())
            selection = self._selection_of([(rows[0], rows[-1])] if rows else [])
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """All there is to see: adding up 20,000 rectangles takes longer than painting these."""
        return QRegion(self.viewport().rect())

    def dataChanged(  # noqa: N802 - Qt's name
        self, first: Index, last: Index, roles: Iterable[int] = ()
    ) -> None:
        """Paint anew what is on screen."""
        self.viewport().update()

    # What Qt calls

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is on screen, and remember what that had to be read for."""
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state & ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_Selected)
        selection = self.selectionModel()
        current = self.currentIndex().row() if self.hasFocus() else -1
        for row in self._rows_between(event.rect().top(), event.rect().bottom() + 1):
            index = self._samples.index(row)
            option.rect = self._rect_of(row)
            option.state = plain
            if selection.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if row == current:
                option.state |= QStyle.StateFlag.State_HasFocus
            self._delegate.paint(painter, option, index)
            self._asked.add(self._samples.samples[row].path)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._paint_band(painter)
        if not self._forget_timer.isActive():
            self._forget_timer.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the columns fill the width."""
        self._fit_columns()
        QAbstractItemView.resizeEvent(self, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select; beside the pictures, begin a rubber band."""
        place = event.position().toPoint()
        self._band = QRect(place + QPoint(0, self.verticalOffset()), place)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the selection, or stretch the rubber band."""
        QAbstractItemView.mouseMoveEvent(self, event)
        if self.state() == QAbstractItemView.State.DragSelectingState:
            offset = QPoint(0, self.verticalOffset())
            self._band.setBottomRight(event.position().toPoint() + offset)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The rubber band is gone."""
        QAbstractItemView.mouseReleaseEvent(self, event)
        self.viewport().update()

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

    # Inside

    def _fit_columns(self) -> None:
        # The room of the scroll bar is kept free, so that nothing moves when it comes and goes.
        width = max(1, self.width() - _SCROLL_BAR_PX)
        self._columns = max(1, width // (self._thumbnail_px + GAP_PX))
        self._slot_px = max(SMALLEST_PX // 2, width // self._columns)
        self._delegate.set_slot(self._slot_px)

    def _rect_of(self, row: int) -> QRect:
        line, column = divmod(row, self._columns)
        slot = self._slot_px
        return QRect(column * slot, line * slot - self.verticalOffset(), slot, slot)

    def _rows_between(self, top: int, bottom: int) -> range:
        """The rows that lie between two heights of the viewport."""
        count, offset = len(self._samples.samples), self.verticalOffset()
        first = (top + offset) // self._slot_px * self._columns
        last = ((bottom - 1 + offset) // self._slot_px + 1) * self._columns
        return range(min(max(first, 0), count), min(max(last, 0), count))

    def _runs_in(self, rect: QRect) -> list[tuple[int, int]]:
        """The first and last row of each line that a rectangle of the viewport touches."""
        left = max(0, rect.left() // self._slot_px)
        right = min(self._columns - 1, rect.right() // self._slot_px)
        rows = self._rows_between(rect.top(), rect.bottom() + 1)
        if right < left:
            return []
        lines = range(rows.start, rows.stop, self._columns)
        runs = ((line + left, min(line + right, rows.stop - 1)) for line in lines)
        return [(first, last) for first, last in runs if first <= last]

    def _selection_of(self, runs: Iterable[tuple[int, int]]) -> QItemSelection:
        selection = QItemSelection()
        for first, last in runs:
            selection.select(self._samples.index(first), self._samples.index(last))
        return selection

    def _forget_what_is_gone(self) -> None:
        samples = self._samples.samples
        shown = {samples[row].path for row in self.visible_rows()}
        self._thumbnails.drop(self._root / path for path in self._asked - shown)
        self._asked = shown

    def _repaint_sample(self, absolute_path: str) -> None:
        try:
            path = Path(absolute_path).relative_to(self._root).as_posix()
        except ValueError:
            return
        row = self._samples.row_of(path)
        if row in self.visible_rows():
            self.viewport().update(self._rect_of(row))

    def _paint_band(self, painter: QPainter) -> None:
        band = self._band.normalized().translated(0, -self.verticalOffset())
        colour = QColor(self._theme.palette.accent)
        painter.setPen(colour)
        colour.setAlpha(_BAND_OPACITY)
        painter.setBrush(colour)
        painter.drawRect(band)

    def _drag_picture(self) -> QPixmap:
        inset = GAP_PX // 2
        rect = self._rect_of(self.currentIndex().row())
        return self.viewport().grab(rect.adjusted(inset, inset, -inset, -inset))


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
