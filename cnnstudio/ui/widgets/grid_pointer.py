"""`GridPointer`: what clicks, drags and the rubber band do to the selection of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from cnnstudio.ui.widgets.sample_view import SampleView

_SCROLL_MS = 25
_SLOWEST_PX = 4

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


class GridPointer(QObject):
    """Follows the mouse over a `SampleView`.

    A click selects, Ctrl+click toggles, Shift+click selects from the anchor on. Dragging a selected
    picture carries the selection; dragging from beside the pictures stretches a rubber band, which
    scrolls the view when it is pulled out of it.
    """

    def __init__(self, view: SampleView) -> None:
        super().__init__(view)
        self._view = view
        self._pressed_at = QPoint()
        self._pressed_row = -1
        # A click on what is selected may become a drag; only without one it selects.
        self._selects_on_release = False
        self._is_banding = False
        self._band = QRect()
        self._base = view.selection().mask
        self._place = QPoint()
        self._scroll_timer = QTimer(self, interval=_SCROLL_MS)
        self._scroll_timer.timeout.connect(self._scroll)

    @property
    def band(self) -> QRect:
        """The rubber band in the viewport, empty while there is none."""
        if not self._is_banding:
            return QRect()
        return self._band.normalized().translated(0, -self._view.verticalOffset())

    def press(self, event: QMouseEvent) -> None:
        """Select, or begin what a drag goes on with."""
        place = event.position().toPoint()
        row = self._view.row_at(place)
        modifiers = event.modifiers()
        self._pressed_at, self._pressed_row, self._place = place, row, place
        self._selects_on_release = False
        if row < 0:
            if not modifiers & (_SHIFT | _CONTROL):
                self._view.clearSelection()
            if event.button() == Qt.MouseButton.LeftButton:
                self._begin_band(place)
        elif event.button() == Qt.MouseButton.RightButton:
            if row not in self._view.selected:
                self._view.select_row(row)
        elif event.button() == Qt.MouseButton.LeftButton:
            if modifiers & _SHIFT:
                self._view.extend_selection(row, keep=bool(modifiers & _CONTROL))
            elif row in self._view.selected:
                self._selects_on_release = True
            elif modifiers & _CONTROL:
                self._view.toggle_row(row)
            else:
                self._view.select_row(row)

    def move(self, event: QMouseEvent) -> None:
        """Stretch the rubber band, or begin to drag the selection."""
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return
        self._place = event.position().toPoint()
        if self._is_banding:
            self._stretch()
            if self._overhang() and not self._scroll_timer.isActive():
                self._scroll_timer.start()
        elif self._pressed_row >= 0 and self._is_far(self._place):
            self._selects_on_release = False
            row, self._pressed_row = self._pressed_row, -1
            if row in self._view.selected:
                self._view.startDrag(Qt.DropAction.MoveAction)

    def release(self, event: QMouseEvent) -> None:
        """End the rubber band, or select what was clicked and not dragged."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._scroll_timer.stop()
        if self._is_banding:
            self._is_banding = False
            self._view.viewport().update()
        elif self._selects_on_release:
            if event.modifiers() & _CONTROL:
                self._view.toggle_row(self._pressed_row)
            else:
                self._view.select_row(self._pressed_row)
        self._selects_on_release = False
        self._pressed_row = -1

    def _begin_band(self, place: QPoint) -> None:
        self._is_banding = True
        corner = place + QPoint(0, self._view.verticalOffset())
        self._band = QRect(corner, corner)
        self._base = self._view.selection().mask

    def _stretch(self) -> None:
        self._band.setBottomRight(self._place + QPoint(0, self._view.verticalOffset()))
        self._view.select_band(self._base, self._band.normalized())

    def _overhang(self) -> int:
        """How far the mouse is above (below 0) or below the viewport, in pixels."""
        height = self._view.viewport().height()
        return min(0, self._place.y()) + max(0, self._place.y() - height + 1)

    @Slot()
    def _scroll(self) -> None:
        overhang = self._overhang()
        if not overhang or not self._is_banding:
            self._scroll_timer.stop()
            return
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + overhang + (_SLOWEST_PX if overhang > 0 else -_SLOWEST_PX))
        self._stretch()

    def _is_far(self, place: QPoint) -> bool:
        moved = (place - self._pressed_at).manhattanLength()
        return moved >= QApplication.startDragDistance()
