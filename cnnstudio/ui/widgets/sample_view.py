"""`SampleView`: the grid of pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import (
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QDrag,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
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
from cnnstudio.core.selecting import Mask, Selection
from cnnstudio.ui.models.sample_model import SampleModel
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnail_queue import Wish
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.grid_geometry import GridGeometry
from cnnstudio.ui.widgets.grid_pointer import GridPointer
from cnnstudio.ui.widgets.row_selection import RowSelection
from cnnstudio.ui.widgets.thumbnail_delegate import GAP_PX, ThumbnailDelegate

SMALLEST_PX = 96
LARGEST_PX = 256

_SAMPLES_MIME = "application/x-cnnstudio-samples"
_SCROLL_BAR_PX = 10
_WHEEL_STEP_PX = 16
_WHEEL_NOTCH = 120
_ASK_DELAY_MS = 15
_FASTEST_SCREENS = 0.5
_BAND_OPACITY = 40

Index = QModelIndex | QPersistentModelIndex
_Moves = QAbstractItemView.CursorAction

_MOVES = {
    Qt.Key.Key_Left: _Moves.MoveLeft,
    Qt.Key.Key_Right: _Moves.MoveRight,
    Qt.Key.Key_Up: _Moves.MoveUp,
    Qt.Key.Key_Down: _Moves.MoveDown,
    Qt.Key.Key_PageUp: _Moves.MovePageUp,
    Qt.Key.Key_PageDown: _Moves.MovePageDown,
    Qt.Key.Key_Home: _Moves.MoveHome,
    Qt.Key.Key_End: _Moves.MoveEnd,
}
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


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
    """Thumbnails in as many columns as the width holds; only those near the screen are ever read.

    Where a picture lies is computed from its row alone, and the selection is one byte a row: no
    step looks at every picture. `QListView` is the base because screen readers know it as a list;
    its own selection holds the current picture when that is selected, for them to tell.

    `number_pressed` carries 0 to 9, `letter_pressed` one small letter, `preview_wanted` a row,
    `zoomed` the size chosen with Ctrl and the wheel, in pixels. F3 and F4 ask for the next picture
    without a class and the next one with a problem: function keys are the same on every keyboard
    layout, and letters and digits belong to the classes.
    """

    number_pressed = Signal(int)
    letter_pressed = Signal(str)
    remove_pressed = Signal()
    next_unlabelled_pressed = Signal()
    next_problem_pressed = Signal()
    preview_wanted = Signal(int)
    selection_changed = Signal()
    zoomed = Signal(int)

    def __init__(
        self,
        model: SampleModel,
        theme: Theme,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
        delegate: ThumbnailDelegate | None = None,
    ) -> None:
        super().__init__(parent)
        self._samples = model
        self._theme = theme
        self._thumbnails = thumbnails
        self._delegate = delegate or ThumbnailDelegate(theme, thumbnails)
        self._delegate.setParent(self)
        self._thumbnail_px = 124
        self._geometry = GridGeometry()
        self._root = ""
        self._asker = f"grid {id(self)}"
        self._direction = 1
        self._asked_at = 0
        self.selected = RowSelection()
        self._pointer = GridPointer(self)
        self._ask_timer = QTimer(self, singleShot=True, interval=_ASK_DELAY_MS)
        self._ask_timer.timeout.connect(self._ask_for_pictures)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Drops are taken by what lies around, which is there also when the grid is not.
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        # Only what is asked for is scrolled to: after an edit the view stays where it is.
        self.setAutoScroll(False)
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
        """Show the pictures larger or smaller; the first one on screen stays there."""
        size_px = min(max(size_px, SMALLEST_PX), LARGEST_PX)
        if size_px != self._thumbnail_px:
            self._thumbnail_px = size_px
            first = self.visible_rows().start
            self._fit_columns()
            self.updateGeometries()
            self.verticalScrollBar().setValue(self._geometry.rect_of(first).top())
            self.viewport().update()

    def set_root(self, root: Path) -> None:
        """Take the folder that the samples' paths begin at."""
        self._root = self._delegate.root = f"{root}{os.sep}"

    # The selection

    @property
    def selected_count(self) -> int:
        """How many pictures are selected."""
        return self.selected.count

    def selection(self) -> Selection:
        """Return what is selected; the same object as long as nothing else is.

        A worker makes paths of it: `selection.of(model.arrangement.samples)`.
        """
        return self.selected.snapshot(self.currentIndex().row())

    def set_selection(self, selection: Selection) -> None:
        """Select what `core.selecting.selected_again` has found; nothing is scrolled."""
        self.selected.take(selection)
        self._show_selection(selection.current)

    def selected_rows(self) -> list[int]:
        """Return the rows selected, in order."""
        rows: list[int] = np.flatnonzero(self.selection().mask).tolist()
        return rows

    def selected_samples(self) -> list[Sample]:
        """Return the samples selected, in order; 2 ms for 100,000."""
        return self.selection().of(self._samples.samples)

    def current_sample(self) -> Sample | None:
        """Return the sample that keys act from, None when there is none."""
        row = self.currentIndex().row()
        return self._samples.samples[row] if 0 <= row < len(self._samples.samples) else None

    def selectAll(self) -> None:  # noqa: N802 - Qt's name
        """Select what is shown."""
        self.selected.select_all()
        self._show_selection(self.currentIndex().row())

    def invert_selection(self) -> None:
        """Select what is shown and not selected, and nothing else."""
        self.selected.invert()
        self._show_selection(self.currentIndex().row())

    def clearSelection(self) -> None:  # noqa: N802 - Qt's name
        """Select nothing; the current picture stays the current one."""
        self.selected.clear()
        self._show_selection(self.currentIndex().row())

    def select_rows(self, rows: Iterable[int], current: int = -1) -> None:
        """Select these rows and nothing else; `current` becomes the one that keys act from."""
        mask = np.zeros(len(self._samples.samples), np.bool_)
        mask[list(rows)] = True
        self.set_selection(Selection(mask, current if current >= 0 else self.currentIndex().row()))

    def select_row(self, row: int) -> None:
        """Select one picture, as a click does."""
        self.selected.select_only(row)
        self._show_selection(row)

    def toggle_row(self, row: int) -> None:
        """Select a picture beside the others or take it out."""
        self.selected.toggle(row)
        self._show_selection(row)

    def extend_selection(self, row: int, *, keep: bool) -> None:
        """Select from where the last click was to a picture, beside the others when `keep`."""
        self.selected.extend_to(row, keep=keep)
        self._show_selection(row)

    def select_band(self, base: Mask, band: QRect) -> None:
        """Select what a rectangle of the content touches, beside what `base` has selected."""
        lines, across = self._geometry.block_in(band)
        self.selected.select_block(base, self._geometry.columns, lines, across)
        self._show_selection(self.currentIndex().row())

    def _show_selection(self, current: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        flag = flags.ClearAndSelect if current in self.selected else flags.Clear
        index = self._samples.index(current)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, flag)
        self.viewport().update()
        self.selection_changed.emit()

    def reset(self) -> None:
        """Other pictures are shown; none of them is selected."""
        self._geometry = replace(self._geometry, count=len(self._samples.samples))
        self.selected.resize(self._geometry.count)
        super().reset()
        self.updateGeometries()  # at once: whoever shows other pictures may scroll right away
        self.selection_changed.emit()

    # The geometry, as Qt asks for it

    def visible_rows(self) -> range:
        """Return the rows of which something is on screen."""
        top = self.verticalOffset()
        return self._geometry.rows_between(top, top + self.viewport().height())

    def row_at(self, place: QPoint) -> int:
        """Return the row at a place of the viewport, -1 where there is none."""
        return self._geometry.row_at(place + QPoint(0, self.verticalOffset()))

    def doItemsLayout(self) -> None:  # noqa: N802 - Qt's name
        """Nothing is laid out ahead; only the scroll bar has to fit."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:  # noqa: N802 - Qt's name
        """Give the scroll bar its range."""
        QAbstractItemView.updateGeometries(self)
        height, line = self.viewport().height(), self._geometry.line_px
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._geometry.height_px - height))
        bar.setPageStep(max(1, height - line // 2))
        bar.setSingleStep(max(1, line // 3))

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
        return self._samples.index(self.row_at(place))

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
        self._direction = -1 if dy > 0 else 1
        self.scrollDirtyRegion(dx, dy)
        self.viewport().scroll(dx, dy)

    def moveCursor(  # noqa: N802 - Qt's name
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Where a key leads from the current sample."""
        count, columns = self._geometry.count, self._geometry.columns
        if not count:
            return QModelIndex()
        row = self.currentIndex().row()
        if row < 0 and action not in (_Moves.MoveHome, _Moves.MoveEnd):
            return self._samples.index(self.visible_rows().start)
        page = max(1, self.viewport().height() // self._geometry.line_px) * columns
        steps = {
            _Moves.MoveLeft: -1,
            _Moves.MovePrevious: -1,
            _Moves.MoveRight: 1,
            _Moves.MoveNext: 1,
            _Moves.MoveUp: -columns,
            _Moves.MoveDown: columns,
            _Moves.MovePageUp: -page,
            _Moves.MovePageDown: page,
            _Moves.MoveHome: -count,
            _Moves.MoveEnd: count,
        }
        target = row + steps[action]
        if action == _Moves.MoveUp and target < 0:
            target = row
        elif action == _Moves.MoveDown and target >= count:
            # Into the last line, where it is shorter; never back to the left from within it.
            is_last_line = row // columns == (count - 1) // columns
            target = row if is_last_line else count - 1
        return self._samples.index(min(max(target, 0), count - 1))

    def dataChanged(  # noqa: N802 - Qt's name
        self, first: Index, last: Index, roles: Iterable[int] = ()
    ) -> None:
        """Paint anew what is on screen."""
        self.viewport().update()

    # What Qt calls

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is on screen; what is missing is asked for afterwards."""
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        states = QStyle.StateFlag
        plain = option.state & ~(states.State_HasFocus | states.State_Selected)
        current = self.currentIndex().row() if self.hasFocus() else -1
        top = self.verticalOffset() + event.rect().top()
        self._delegate.begin_pass()
        for row in self._geometry.rows_between(top, top + event.rect().height()):
            option.rect = self._rect_of(row)
            option.state = plain
            if row in self.selected:
                option.state |= states.State_Selected
            if row == current:
                option.state |= states.State_HasFocus
            self._delegate.paint(painter, option, self._samples.index(row))
        if self._delegate.has_hurried:
            self.viewport().update(event.rect())
        band = self._pointer.band
        if not band.isEmpty():
            colour = QColor(self._theme.palette.accent)
            painter.setPen(colour)
            colour.setAlpha(_BAND_OPACITY)
            painter.setBrush(colour)
            painter.drawRect(band)
        if not self._ask_timer.isActive():
            self._ask_timer.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the columns fill the width."""
        self._fit_columns()
        QAbstractItemView.resizeEvent(self, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees is not read."""
        super().hideEvent(event)
        self._ask_timer.stop()
        self._thumbnails.want(self._asker, ())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select; beside the pictures, begin a rubber band."""
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the selection, or stretch the rubber band."""
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the rubber band, or select what was clicked."""
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Look closer."""
        row = self.row_at(event.position().toPoint())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.select_row(row)
            self.preview_wanted.emit(row)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom while Ctrl is held, scroll otherwise."""
        if event.modifiers() & _CONTROL:
            notches = event.angleDelta().y() / _WHEEL_NOTCH
            self.set_thumbnail_px(self._thumbnail_px + round(notches * _WHEEL_STEP_PX))
            self.zoomed.emit(self._thumbnail_px)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits, letters, Delete, Space and Enter act on the selection; arrows move."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self._move(_MOVES[key], event.modifiers())
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif key == Qt.Key.Key_I and event.modifiers() == _CONTROL:
            self.invert_selection()
        elif key == Qt.Key.Key_Space and event.modifiers() == _CONTROL:
            if self.currentIndex().isValid():
                self.toggle_row(self.currentIndex().row())
        elif not self.act_on_key(event):
            event.ignore()

    def act_on_key(self, event: QKeyEvent) -> bool:
        """Do what a key without Ctrl or Alt means; whether it means anything."""
        allowed = Qt.KeyboardModifier.KeypadModifier | _SHIFT
        key, text = Qt.Key(event.key()), event.text()
        if event.modifiers() & ~allowed:
            return False
        if len(text) == 1 and text in "0123456789":
            self.number_pressed.emit(int(text))
        elif len(text) == 1 and text.isalpha() and not event.modifiers() & _SHIFT:
            # Caps lock gives large letters.
            self.letter_pressed.emit(text.lower())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_pressed.emit()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.preview_wanted.emit(self.currentIndex().row())
        elif key == Qt.Key.Key_F3:
            self.next_unlabelled_pressed.emit()
        elif key == Qt.Key.Key_F4:
            self.next_problem_pressed.emit()
        elif key == Qt.Key.Key_Escape:
            self.clearSelection()
        else:
            return False
        return True

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """Letters are the keys of classes."""

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 - as in Qt
        """Carry the selected samples to a class."""
        drag = QDrag(self)
        drag.setMimeData(samples_mime())
        drag.setPixmap(self._drag_picture())
        drag.setHotSpot(QPoint(-8, -8))
        drag.exec(Qt.DropAction.MoveAction)

    # Inside

    def _move(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> None:
        index = self.moveCursor(action, modifiers)
        if not index.isValid():
            return
        if modifiers & _SHIFT:
            self.extend_selection(index.row(), keep=bool(modifiers & _CONTROL))
        elif modifiers & _CONTROL:
            self._show_selection(index.row())
        else:
            self.select_row(index.row())
        self.scrollTo(index)

    def _fit_columns(self) -> None:
        # The room of the scroll bar is kept free, so that nothing moves when it comes and goes.
        width = max(1, self.width() - _SCROLL_BAR_PX)
        columns = max(1, width // (self._thumbnail_px + GAP_PX))
        slot_px = max(SMALLEST_PX // 2, width // columns)
        self._geometry = GridGeometry(
            len(self._samples.samples), columns, slot_px, self._delegate.caption_px
        )
        self._delegate.set_slot(slot_px)

    def _rect_of(self, row: int) -> QRect:
        return self._geometry.rect_of(row).translated(0, -self.verticalOffset())

    @Slot()
    def _ask_for_pictures(self) -> None:
        samples, height, top = (
            self._samples.samples,
            self.viewport().height(),
            self.verticalOffset(),
        )
        rows: list[int] = []
        if abs(top - self._asked_at) < height * _FASTEST_SCREENS:
            rows = self._geometry.nearest_first(top, height, self._direction)
        else:
            # What flies past is gone before it is read.
            self._ask_timer.start()
        self._asked_at = top
        side_px = self._delegate.wanted_px(self.devicePixelRatioF())
        near = (samples[row] for row in rows)
        wishes = [Wish(self._key_of(each), side_px, each.modified_ns) for each in near]
        self._thumbnails.want(self._asker, wishes)

    def _key_of(self, sample: Sample) -> str:
        return f"{self._root}{sample.path.replace('/', os.sep)}"

    @Slot(str)
    def _repaint_sample(self, key: str) -> None:
        if key.startswith(self._root):
            row = self._samples.row_of(key[len(self._root) :].replace(os.sep, "/"))
            if row in self.visible_rows():
                self.viewport().update(self._rect_of(row))

    def _drag_picture(self) -> QPixmap:
        inset = GAP_PX // 2
        rect = self._rect_of(self.currentIndex().row())
        return self.viewport().grab(rect.adjusted(inset, inset, -inset, -inset))
