"""`MapView`: thousands of pictures as points in a plane, to move about in and to select from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.core.inside.picture_map import inside_polygon
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnail_queue import Wish
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.image_view import CORNER_PX, fitted_rect

DragMeaning = Literal["select", "move"]

_POINT_PX = 8
_THUMBNAIL_PX = 52
_HOVERED_PX = 128
_NEAR_PX = 10
_MARGIN_PX = 28
_ZOOM_STEP = 1.25
_MOST_ZOOM = 400.0
# Nearer than that there would be ground without a picture to find the way back by.
_FEWEST_IN_VIEW = 3
_NOTHING_IN_VIEW = "No picture is in view here. Show all, or the key 0, brings them back."
_MOVE_PX = 60
_CLICK_PX = 4
# Pictures cover at most so much of the ground: with more they hide each other.
_MOST_COVERED = 0.9
_MOST_PICTURES = 400
_ASKER = "map"


@dataclass(frozen=True, eq=False)
class MapPoints:
    """What is shown, n points: `keys` are whole paths of the pictures, `changed_ns` when they were.

    `words` gives what a picture is. `groups`, shape (n,), are places in `colours`; the last one,
    which says the least, lies below the others.
    """

    keys: Sequence[str]
    changed_ns: Sequence[int]
    words: Callable[[int], str]
    groups: npt.NDArray[np.int64]
    colours: Sequence[QColor]


class MapView(QWidget):
    """Points, and pictures once they are far enough apart.

    Dragging draws a line around what is to be selected, or moves the map. The wheel and + and -
    zoom, arrows move, 0 shows all; Ctrl+A selects what is in view, Escape or a click on the ground
    nothing, Enter opens.
    `selection_changed` follows what the user does, `open_wanted` asks to see what is selected.
    """

    selection_changed = Signal()
    open_wanted = Signal()

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._thumbnails = thumbnails
        self._points = MapPoints((), (), str, np.zeros(0, np.int64), ())
        self._places = np.zeros((0, 2))
        self._selected = np.zeros(0, np.bool_)
        self._marked = -1
        self._hovered = -1
        self._zoom = 1.0
        self._centre = np.zeros(2)
        self._scale = 1.0
        self._middle = np.zeros(2)
        self._extent = np.ones(2)
        self._drag: DragMeaning = "select"
        self._pressed: QPointF | None = None
        self._is_moving = self._has_moved = False
        self._lasso: list[QPointF] = []
        self._layer = QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._repaint)
        thumbnails.arrived.connect(self._on_arrived)

    # What is shown

    def show_points(self, points: MapPoints) -> None:
        """Show other points; of others than before nothing is selected."""
        if points.keys != self._points.keys:
            self._selected = np.zeros(len(points.keys), np.bool_)
            self._hovered = -1
            self.selection_changed.emit()
        self._points = points
        self._repaint()

    def show_places(self, places: npt.NDArray[np.floating]) -> None:
        """Lay the points out, shape (n, 2); what is in view stays so."""
        self._places = places.astype(np.float64)
        if len(places):
            low, high = self._places.min(axis=0), self._places.max(axis=0)
            self._middle = (low + high) / 2
            self._extent = np.maximum(high - low, 1e-9)
        self._rescale()

    def mark(self, key: str) -> bool:
        """Put a ring around a picture, "" for none; return whether it is on the map."""
        keys = self._points.keys
        self._marked = keys.index(key) if key in keys else -1
        self.update()
        return self._marked >= 0

    def set_drag(self, meaning: DragMeaning) -> None:
        """Let dragging select or move the map."""
        self._drag = meaning
        self.setCursor(
            Qt.CursorShape.CrossCursor if meaning == "select" else Qt.CursorShape.OpenHandCursor
        )

    def selected(self) -> npt.NDArray[np.int64]:
        """Return which points are selected, in rising order."""
        return np.flatnonzero(self._selected)

    def select(self, rows: npt.NDArray[np.int64]) -> None:
        """Select points and no others."""
        self._selected[:] = False
        self._selected[rows] = True
        self._repaint()
        self.selection_changed.emit()

    @property
    def zoom(self) -> float:
        """How many times as large as where all is in view."""
        return self._zoom

    def points_px(self) -> npt.NDArray[np.float64]:
        """Return where the points are in the widget, shape (n, 2), in logical pixels."""
        middle = np.array([self.width() / 2, self.height() / 2])
        # The second axis points up, as in every plot.
        offset = (self._places - self._middle) * self._scale * np.array([1.0, -1.0])
        placed: npt.NDArray[np.float64] = (offset - self._centre) * self._zoom + middle
        return placed

    @Slot()
    def show_all(self) -> None:
        """Bring all points into view."""
        self._zoom, self._centre = 1.0, np.zeros(2)
        self._repaint()

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom; the place `around` stays where it is, by default the middle."""
        before, centre = self._zoom, self._centre
        self._zoom = float(np.clip(before * factor, 1.0, _MOST_ZOOM))
        if around is not None:
            offset = np.array([around.x() - self.width() / 2, around.y() - self.height() / 2])
            self._centre = self._centre + offset / before - offset / self._zoom
        self._keep_within()
        if factor > 1 and not self._has_enough_in_view():
            self._approach_nearest()
            if not self._has_enough_in_view():
                self._zoom, self._centre = before, centre
        self._repaint()

    def _has_enough_in_view(self) -> bool:
        return int(self._in_view().sum()) >= min(_FEWEST_IN_VIEW, len(self._places))

    def _approach_nearest(self) -> None:
        """Bring the point that is nearest to the middle into the inner half of the view."""
        placed, size = self.points_px(), np.array([self.width(), self.height()])
        nearest = placed[np.abs(placed - size / 2).max(axis=1).argmin()]
        self._centre = self._centre + (nearest - nearest.clip(size / 4, size * 3 / 4)) / self._zoom
        self._keep_within()

    def _in_view(self) -> npt.NDArray[np.bool_]:
        placed, size = self.points_px(), np.array([self.width(), self.height()])
        is_within = (placed >= 0) & (placed <= size)
        shown: npt.NDArray[np.bool_] = is_within[:, 0] & is_within[:, 1]
        return shown

    def select_none(self) -> None:
        """Select nothing, so that no point is dim."""
        if self._selected.any():
            self.select(np.zeros(0, np.int64))

    def _move_by(self, right_px: float, down_px: float) -> None:
        self._centre = self._centre - np.array([right_px, down_px]) / self._zoom
        self._keep_within()
        self._repaint()

    def _keep_within(self) -> None:
        # Never so far that nothing is in view.
        edge = np.array([self.width(), self.height()]) / 2 * (1 - 0.5 / self._zoom)
        self._centre = np.clip(self._centre, -edge, edge)
        if self._zoom == 1.0:
            self._centre = np.zeros(2)

    def _rescale(self) -> None:
        if len(self._places):
            room = np.array([self.width(), self.height()]) - 2 * _MARGIN_PX
            self._scale = float((np.maximum(room, 1) / self._extent).min())
        self._repaint()

    @Slot()
    def _repaint(self) -> None:
        self._layer = QPixmap()
        self.update()

    @Slot(str)
    def _on_arrived(self, _key: str) -> None:
        if self.isVisible():
            self._repaint()

    # Painting

    def sizeHint(self) -> QSize:
        """Large: it takes what room there is."""
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        """Small, so that narrow windows still hold it."""
        return QSize(240, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the points into the new size."""
        super().resizeEvent(event)
        self._rescale()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the points, from memory where they have not moved, and what lies above them."""
        painter = QPainter(self)
        if self._layer.isNull():
            self._layer = self._painted()
        painter.drawPixmap(0, 0, self._layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._theme.palette
        if 0 <= self._marked < len(self._places):
            x, y = self.points_px()[self._marked]
            # The ground around the ring tells it from dark pictures and from bright ones.
            for colour, width in ((palette.surface, 5), (palette.text, 2)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawEllipse(QPointF(x, y), _POINT_PX + 2, _POINT_PX + 2)
        if self._lasso:
            fill = QColor(palette.accent)
            fill.setAlpha(40)
            painter.setBrush(fill)
            painter.setPen(QPen(QColor(palette.accent), 1.5))
            painter.drawPolygon(QPolygonF(self._lasso))
        elif 0 <= self._hovered < len(self._places):
            self._paint_hovered(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        layer = QPixmap((self.size().toSizeF() * ratio).toSize())
        layer.setDevicePixelRatio(ratio)
        layer.fill(QColor(self._theme.palette.surface))
        if len(self._places) != len(self._points.keys) or not len(self._places):
            return layer
        painter = QPainter(layer)
        placed = self.points_px()
        size = np.array([self.width(), self.height()])
        rows = np.flatnonzero(((placed > -_POINT_PX) & (placed < size + _POINT_PX)).all(axis=1))
        if not len(rows):
            painter.setPen(QColor(self._theme.palette.muted))
            middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 24, -24, -24), middle, _NOTHING_IN_VIEW)
        # What is selected lies above, and what says least below.
        is_last = self._points.groups == len(self._points.colours) - 1
        height = 2 * self._selected[rows] - 1 * is_last[rows]
        rows = rows[np.argsort(height, kind="stable")]
        covered = len(rows) * _THUMBNAIL_PX**2 / max(1, self.width() * self.height())
        if covered <= _MOST_COVERED and len(rows) <= _MOST_PICTURES:
            self._paint_pictures(painter, rows, placed)
        else:
            self._thumbnails.want(_ASKER, ())
            self._paint_dots(painter, rows, placed)
        painter.end()
        return layer

    def _paint_dots(
        self, painter: QPainter, rows: npt.NDArray[np.int64], placed: npt.NDArray[np.float64]
    ) -> None:
        ratio = self.devicePixelRatioF()
        has_selection = bool(self._selected.any())
        plain = [
            _stamp(each, ratio, 0.3 if has_selection else 0.9) for each in self._points.colours
        ]
        chosen = [_stamp(each, ratio, 1.0) for each in self._points.colours]
        stamps = [*plain, *chosen]
        kinds = self._points.groups[rows] + len(plain) * self._selected[rows]
        # Numbers only: a list for each point would wake the garbage collector in every frame.
        across, down = (placed[rows] - _POINT_PX / 2).round().astype(int).T.tolist()
        draw = painter.drawPixmap
        for x, y, kind in zip(across, down, kinds.tolist(), strict=True):
            draw(x, y, stamps[kind])

    def _paint_pictures(
        self, painter: QPainter, rows: npt.NDArray[np.int64], placed: npt.NDArray[np.float64]
    ) -> None:
        side = round(_THUMBNAIL_PX * self.devicePixelRatioF())
        points = self._points
        chosen = rows.tolist()
        self._thumbnails.want(
            _ASKER, [Wish(points.keys[row], side, points.changed_ns[row]) for row in chosen]
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        has_selection = bool(self._selected.any())
        for row in chosen:
            image = self._thumbnails.find(points.keys[row], side, points.changed_ns[row])
            middle = QPointF(*placed[row].tolist())
            colour = points.colours[int(points.groups[row])]
            painter.setOpacity(0.4 if has_selection and not self._selected[row] else 1.0)
            if image is None:
                # An empty frame would look like a picture: a point it stays while it is read.
                stamp = _stamp(colour, self.devicePixelRatioF(), 1.0)
                painter.drawPixmap(middle - QPointF(_POINT_PX / 2, _POINT_PX / 2), stamp)
            else:
                _paint_picture(painter, image, middle, _THUMBNAIL_PX, colour)
        painter.setOpacity(1.0)

    def _paint_hovered(self, painter: QPainter) -> None:
        points, row = self._points, self._hovered
        side = round(_HOVERED_PX * self.devicePixelRatioF())
        image = self._thumbnails.image(Path(points.keys[row]), side, points.changed_ns[row])
        image = image or self._thumbnails.find(points.keys[row], side, points.changed_ns[row])
        x, y = self.points_px()[row].tolist()
        words = points.words(row)
        metrics = painter.fontMetrics()
        width = min(max(_HOVERED_PX, metrics.horizontalAdvance(words)) + 16, 260)
        height = _HOVERED_PX + metrics.height() + 20
        left = x + 14 if x + 14 + width < self.width() else x - 14 - width
        top = min(max(4.0, y - height / 2), max(4.0, self.height() - height - 4.0))
        box = QRectF(left, top, width, height)
        palette = self._theme.palette
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(box, CORNER_PX, CORNER_PX)
        middle = QPointF(box.center().x(), box.top() + 8 + _HOVERED_PX / 2)
        if image is not None:
            colour = points.colours[int(points.groups[row])]
            _paint_picture(painter, image, middle, _HOVERED_PX, colour)
        painter.setPen(QColor(palette.text))
        line = QRectF(
            box.left() + 8, box.bottom() - metrics.height() - 8, width - 16, metrics.height()
        )
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, round(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self._pressed = event.position()
        middle = event.button() == Qt.MouseButton.MiddleButton
        self._is_moving = middle or self._drag == "move"
        self._has_moved = middle
        self._lasso = [] if self._is_moving else [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the line on, move the map, or show what is under the mouse."""
        place = event.position()
        if self._pressed is None:
            self._hover(place)
        elif self._is_moving:
            moved = place - self._pressed
            self._has_moved = True
            self._pressed = place
            self._move_by(moved.x(), moved.y())
        elif (place - self._lasso[-1]).manhattanLength() >= _CLICK_PX:
            self._lasso.append(place)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select what the line surrounds; a click selects the picture under it, or nothing."""
        lasso, self._lasso, self._pressed = self._lasso, [], None
        if not lasso:
            if not self._has_moved and self._row_at(event.position()) < 0:
                self.select_none()
            return
        rect = QPolygonF(lasso).boundingRect()
        if max(rect.width(), rect.height()) <= _CLICK_PX:
            row = self._row_at(event.position())
            rows = np.array([row] if row >= 0 else [], np.int64)
        else:
            corners = np.array([(each.x(), each.y()) for each in lasso])
            rows = np.flatnonzero(inside_polygon(self.points_px(), corners))
        keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.modifiers() & keys:
            rows = np.union1d(rows, self.selected())
        self.select(rows)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked."""
        if self._row_at(event.position()) >= 0:
            self.open_wanted.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self._hovered = -1
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        notches = event.angleDelta().y() / 120
        self.zoom_by(_ZOOM_STEP**notches, event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom, move, select."""
        key = event.key()
        moves = {
            Qt.Key.Key_Left: (_MOVE_PX, 0),
            Qt.Key.Key_Right: (-_MOVE_PX, 0),
            Qt.Key.Key_Up: (0, _MOVE_PX),
            Qt.Key.Key_Down: (0, -_MOVE_PX),
        }
        if key in moves:
            self._move_by(*moves[Qt.Key(key)])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _ZOOM_STEP)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.show_all()
        elif key == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.select(np.flatnonzero(self._in_view()))
        elif key == Qt.Key.Key_Escape and self._selected.any():
            self.select_none()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected.any():
            self.open_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _hover(self, place: QPointF) -> None:
        row = self._row_at(place)
        if row != self._hovered:
            self._hovered = row
            self.update()

    def _row_at(self, place: QPointF) -> int:
        if not len(self._places):
            return -1
        apart = np.abs(self.points_px() - (place.x(), place.y())).max(axis=1)
        row = int(apart.argmin())
        return row if apart[row] <= _NEAR_PX else -1


def _stamp(colour: QColor, ratio: float, opacity: float) -> QPixmap:
    """A point, to be painted thousands of times."""
    side = round(_POINT_PX * ratio)
    stamp = QPixmap(side, side)
    stamp.setDevicePixelRatio(ratio)
    stamp.fill(Qt.GlobalColor.transparent)
    painter = QPainter(stamp)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(opacity)
    painter.setPen(QPen(colour.darker(135), 0.8))
    painter.setBrush(colour)
    inset = 0.6
    painter.drawEllipse(QRectF(inset, inset, _POINT_PX - 2 * inset, _POINT_PX - 2 * inset))
    painter.end()
    return stamp


def _paint_picture(
    painter: QPainter, image: QImage, middle: QPointF, side_px: int, colour: QColor
) -> None:
    """A picture in a frame of its group's colour."""
    room = QRectF(0, 0, side_px, side_px)
    room.moveCenter(middle)
    target = fitted_rect(image, room)
    painter.setPen(QPen(colour, 3))
    painter.setBrush(colour)
    painter.drawRoundedRect(target, 2, 2)
    painter.drawImage(target, image)
