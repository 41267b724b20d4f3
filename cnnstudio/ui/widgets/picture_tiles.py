"""`PictureTiles`: small pictures in rows, each with a line below, of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.image_view import CORNER_PX

_GAP_PX = 8
_LINE_PX = 16
_INSET_PX = 3  # room for the frame of the chosen one

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, eq=False)
class Tile:
    """A square picture, the line below it, and what a screen reader says."""

    image: QImage
    line: str
    spoken: str


class PictureTiles(QListView):
    """Tiles from left to right; `chosen` carries the place of the current one, from 0.

    With `smooth` off every pixel is a sharp square, which suits maps and filters. Without lines
    the tiles stand closer.
    """

    chosen = Signal(int)

    def __init__(
        self,
        theme: Theme,
        name: str,
        spoken: str,
        side_px: int,
        parent: QWidget | None = None,
        *,
        smooth: bool = False,
        has_lines: bool = True,
    ) -> None:
        super().__init__(parent)
        self._tiles = _Tiles()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setModel(self._tiles)
        line_px = _LINE_PX if has_lines else 0
        self.setItemDelegate(_TilePainter(theme, side_px, line_px, self, smooth=smooth))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        theme.changed.connect(self.viewport().update)
        self.selectionModel().currentChanged.connect(self._on_current)

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show other tiles; none is chosen."""
        self._tiles.show(tiles)

    def tiles(self) -> tuple[Tile, ...]:
        """Return what is shown."""
        return self._tiles.tiles

    def choose(self, place: int) -> None:
        """Choose a tile; `chosen` follows where it was not chosen already."""
        self.setCurrentIndex(self._tiles.index(place))

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.row())


class _Tiles(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.tiles: tuple[Tile, ...] = ()

    def show(self, tiles: Sequence[Tile]) -> None:
        self.beginResetModel()
        self.tiles = tuple(tiles)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Qt asks how many there are."""
        return 0 if parent is not None and parent.isValid() else len(self.tiles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt asks for what is shown and said."""
        tile = self.tiles[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return tile.line
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return tile.spoken
        return tile.image if role == Qt.ItemDataRole.UserRole else None


class _TilePainter(QStyledItemDelegate):
    def __init__(
        self, theme: Theme, side_px: int, line_px: int, parent: QWidget, *, smooth: bool
    ) -> None:
        super().__init__(parent)
        self._line_px = line_px
        self._theme = theme
        self._side_px = side_px
        self._smooth = smooth

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """All tiles are of one size."""
        below = self._line_px + (_INSET_PX if self._line_px else 0)
        return QSize(self._side_px + _GAP_PX, self._side_px + _GAP_PX + below)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the picture, its frame where it is chosen, and its line."""
        palette = self._theme.palette
        rect = QRectF(option.rect)
        square = QRectF(0, rect.top() + _INSET_PX, self._side_px, self._side_px)
        square.moveLeft(rect.left() + (rect.width() - self._side_px) / 2)
        corners = QPainterPath()
        corners.addRoundedRect(square, CORNER_PX, CORNER_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        painter.fillPath(corners, QColor(palette.line))
        painter.setClipPath(corners)
        painter.drawImage(square, index.data(Qt.ItemDataRole.UserRole))
        painter.setClipping(False)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(palette.accent), 2))
            painter.drawRoundedRect(square.adjusted(-2, -2, 2, 2), CORNER_PX + 2, CORNER_PX + 2)
        if self._line_px:
            self._draw_line(painter, option, square, index.data())
        painter.restore()

    def _draw_line(
        self, painter: QPainter, option: QStyleOptionViewItem, square: QRectF, words: str
    ) -> None:
        font = QFont(option.font)
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.palette.muted))
        line = QRectF(square.left(), square.bottom() + _INSET_PX, square.width(), self._line_px)
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)
