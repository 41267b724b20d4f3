"""`ClassList`: all pictures, those without a class, and every class with its count."""

from __future__ import annotations

import os

from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.mime_sources import has_sources
from cnnstudio.ui.models.class_model import ROW_ROLE, ClassModel, ClassRow, RowKind
from cnnstudio.ui.widgets.class_delegate import ClassDelegate
from cnnstudio.ui.widgets.class_row_painter import ROW_INSET_PX
from cnnstudio.ui.widgets.sample_view import is_of_samples

SCROLL_BAR_PX = 8
"""Room at the right of the rows that the scroll bar takes when it is there."""

_CLASS_MIME = "application/x-cnnstudio-class"
_SCROLL_INTERVAL_MS = 30
_SCROLL_EDGE_PX = 28
_SCROLL_STEP_PX = 12
_NO_CLASSES = "No classes yet. Make one, or drop a folder of class folders."
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier


def class_mime(name: str) -> QMimeData:
    """Return what a drag carries to say that it is of a class of this window's project."""
    mime = QMimeData()
    mime.setData(_CLASS_MIME, f"{os.getpid()} {name}".encode())
    return mime


def dragged_class(mime: QMimeData) -> str | None:
    """Return the class that is dragged within this window, None when it is something else."""
    process, _, name = bytes(mime.data(_CLASS_MIME).data()).decode().partition(" ")
    return name if process == str(os.getpid()) and name else None


class ClassList(QListView):
    """Chooses what the grid shows; takes drops of samples and of files, and puts classes in order.

    Signals that carry a `ClassRow` mean the row that was acted on. `step_wanted` carries a class
    name and how many places it shall go down; `place_wanted` a class name and the class that it
    shall stand before, None for the end. `menu_wanted` carries a row and a place on the screen.
    `left_downwards` says that the Down key leads out of the list.
    """

    row_chosen = Signal(object)
    number_pressed = Signal(int)
    letter_pressed = Signal(str)
    remove_wanted = Signal(str)
    step_wanted = Signal(str, int)
    place_wanted = Signal(str, object)
    menu_wanted = Signal(object, QPoint)
    left_downwards = Signal()
    samples_dropped = Signal(object)
    sources_dropped = Signal(object, object)

    def __init__(self, model: ClassModel, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = model
        self._theme = icons.theme
        self._delegate = ClassDelegate(icons, self)
        self._kind: RowKind | None = RowKind.ALL
        self._name: str | None = None
        self._line_row = -1
        self._drag_y = 0
        self._scroll_timer = QTimer(self, interval=_SCROLL_INTERVAL_MS)
        self._scroll_timer.timeout.connect(self._scroll_on)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().rangeChanged.connect(self._fit_scroll_bar)
        self._fit_scroll_bar(0, 0)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setModel(model)
        model.modelReset.connect(self._restore_choice)
        model.dataChanged.connect(self._note_choice)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self._theme.changed.connect(self.viewport().update)

    def chosen_row(self) -> ClassRow | None:
        """Return the row that is chosen, None when none is."""
        row = self.currentIndex().data(ROW_ROLE)
        return row if isinstance(row, ClassRow) else None

    def choose(self, kind: RowKind, name: str | None = None) -> None:
        """Choose a row as if the user had clicked it; all pictures where it is not there."""
        at = self._classes.row_of(kind, name)
        self.setCurrentIndex(self._classes.index(max(at, 0)))

    def choose_none(self) -> None:
        """Choose no row, until another one is chosen."""
        self._kind = self._name = None
        self.setCurrentIndex(QModelIndex())
        self.clearSelection()

    def edit_title(self, name: str) -> None:
        """Let the user type another title for a class, in its row."""
        at = self._classes.row_of(RowKind.CLASS, name)
        if at >= 0:
            self.setCurrentIndex(self._classes.index(at))
            self.edit(self._classes.index(at))

    def rect_of(self, kind: RowKind, name: str | None = None) -> QRect:
        """Return where a row lies in the viewport."""
        return self.visualRect(self._classes.index(self._classes.row_of(kind, name)))

    # What Qt calls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Numbers and letters label, Delete removes the class, Ctrl with an arrow moves it.

        A letter that no class has goes on to the next class whose name begins with it.
        """
        row, key, text = self.chosen_row(), event.key(), event.text()
        held = event.modifiers() & ~_KEYPAD
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        letters = {each.letter for each in self._classes.rows if each.letter}
        if held in (Qt.KeyboardModifier.NoModifier, _SHIFT) and len(text) == 1:
            if text in "0123456789":
                self.number_pressed.emit(int(text))
                return
            if text.casefold() in letters:
                self.letter_pressed.emit(text.casefold())
                return
        if row is not None and row.name is not None:
            if not held and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self.remove_wanted.emit(row.name)
                return
            if held == _CONTROL and key in steps:
                self._ask_step(row.name, steps[Qt.Key(key)])
                return
        is_last = self.currentIndex().row() == len(self._classes.rows) - 1
        if is_last and not held and key == Qt.Key.Key_Down:
            self.left_downwards.emit()
        elif row is not None and held == _SHIFT and key == Qt.Key.Key_F10:
            self._ask_menu(row)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the row under the mouse, or of the chosen one by key."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        row = self.chosen_row() if by_key else self.indexAt(event.pos()).data(ROW_ROLE)
        if isinstance(row, ClassRow):
            self._ask_menu(row, None if by_key else event.globalPos())

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag a class to another place."""
        row = self.chosen_row()
        if row is None or row.name is None:
            return
        rect = self.rect_of(row.kind, row.name)
        drag = QDrag(self)
        drag.setMimeData(class_mime(row.name))
        drag.setPixmap(self.viewport().grab(rect))
        drag.setHotSpot(self.viewport().mapFromGlobal(self.cursor().pos()) - rect.topLeft())
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take samples of the grid, classes of this list, and pictures from anywhere."""
        self._answer_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Light up the row under the mouse, or the place between two."""
        self._answer_drag(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Put the light out."""
        self._end_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        """Say what was dropped on which row."""
        row, mime, before = self._row_under(event), event.mimeData(), self._line_row
        name = dragged_class(mime)
        self._end_drag()
        if name is not None:
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            self._ask_place(name, before)
        elif row is None:
            event.ignore()
        elif is_of_samples(mime):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            self.samples_dropped.emit(row)
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.sources_dropped.emit(mime, row)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, what to do while there are no classes, and where a class would go."""
        super().paintEvent(event)
        rows = self._classes.rows
        if not rows:
            return
        painter = QPainter(self.viewport())
        last = self.visualRect(self._classes.index(len(rows) - 1))
        if rows[-1].name is None:
            painter.setPen(QColor(self._theme.palette.muted))
            room = last.adjusted(ROW_INSET_PX, last.height(), -ROW_INSET_PX, 200)
            painter.drawText(room, Qt.TextFlag.TextWordWrap, _NO_CLASSES)
        if self._line_row >= 0:
            is_last = self._line_row >= len(rows)
            y = last.bottom() if is_last else self.visualRect(self._index_of_line()).top()
            line = QRect(ROW_INSET_PX, y - 4, last.width() - 2 * ROW_INSET_PX, 2)
            painter.fillRect(line, QColor(self._theme.palette.accent))

    # Dragging

    def _answer_drag(self, event: QDragMoveEvent) -> None:
        row, mime = self._row_under(event), event.mimeData()
        self._drag_y = event.position().toPoint().y()
        self._scroll_timer.start()
        move, copy = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction
        if dragged_class(mime) is not None:
            self._show_drop(-1, self._line_at(event.position().toPoint()))
            event.setDropAction(move)
            event.accept()
            return
        of_samples = is_of_samples(mime)
        takes = of_samples or has_sources(mime)
        if row is None or not takes or (of_samples and row.kind is RowKind.ALL):
            self._show_drop(-1, -1)
            event.ignore()
            return
        self._show_drop(self._classes.row_of(row.kind, row.name), -1)
        event.setDropAction(move if of_samples else copy)
        event.accept()

    def _end_drag(self) -> None:
        self._scroll_timer.stop()
        self._show_drop(-1, -1)

    def _row_under(self, event: QDropEvent) -> ClassRow | None:
        row = self.indexAt(event.position().toPoint()).data(ROW_ROLE)
        return row if isinstance(row, ClassRow) else None

    def _line_at(self, place: QPoint) -> int:
        """Return the row before which a class would be put here."""
        first = next(at for at, row in enumerate(self._classes.rows) if row.name is not None)
        index = self.indexAt(place)
        if not index.isValid():
            return len(self._classes.rows)
        is_below = place.y() > self.visualRect(index).center().y()
        return max(first, index.row() + is_below)

    def _index_of_line(self) -> QModelIndex:
        return self._classes.index(self._line_row)

    def _show_drop(self, row: int, line_row: int) -> None:
        if (row, line_row) != (self._delegate.drop_row, self._line_row):
            self._delegate.drop_row, self._line_row = row, line_row
            self.viewport().update()

    @Slot()
    def _scroll_on(self) -> None:
        """Bring rows beyond the edge near which something is dragged."""
        bar = self.verticalScrollBar()
        if self._drag_y < _SCROLL_EDGE_PX:
            bar.setValue(bar.value() - _SCROLL_STEP_PX)
        elif self._drag_y > self.viewport().height() - _SCROLL_EDGE_PX:
            bar.setValue(bar.value() + _SCROLL_STEP_PX)

    # Asking

    def _ask_menu(self, row: ClassRow, place: QPoint | None = None) -> None:
        rect = self.rect_of(row.kind, row.name)
        below = self.viewport().mapToGlobal(rect.bottomLeft() + QPoint(ROW_INSET_PX, 0))
        self.menu_wanted.emit(row, place or below)

    def _ask_step(self, name: str, step: int) -> None:
        names = self._classes.class_names()
        if 0 <= names.index(name) + step < len(names):
            self.step_wanted.emit(name, step)

    def _ask_place(self, name: str, before_row: int) -> None:
        names = self._classes.class_names()
        rows = self._classes.rows
        before = rows[before_row].name if before_row < len(rows) else None
        at = names.index(before) if before is not None else len(names)
        if name in names and at not in (names.index(name), names.index(name) + 1):
            self.place_wanted.emit(name, before)

    # Choosing

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = current.data(ROW_ROLE)
        if isinstance(row, ClassRow):
            self._note_choice()
            self.row_chosen.emit(row)

    def _note_choice(self) -> None:
        row = self.chosen_row()
        if row is not None:
            self._kind, self._name = row.kind, row.name

    def _restore_choice(self) -> None:
        if self._classes.rows and self._kind is not None:
            self.choose(self._kind, self._name)

    @Slot(int, int)
    def _fit_scroll_bar(self, _least: int, most: int) -> None:
        self.setViewportMargins(0, 0, 0 if most > 0 else SCROLL_BAR_PX, 0)
