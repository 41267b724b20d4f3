"""`PinStrip`: a few pictures side by side, each with the classes that are likeliest now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.theme import FACTS_PX, Theme
from cnnstudio.ui.widgets.bar import paint_bar
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.class_bars import ClassProbability
from cnnstudio.ui.widgets.icon_button import icon_button
from cnnstudio.ui.words import percent

PINNED_PX = 44
_GAP_PX = 8
_MOST_BARS = 2
_ROW_PX = 23
_NAME_PX = 15
_BAR_PX = 5
_CORNER_PX = 6
_SIDE_PX = 88
_COLUMNS = 3  # more, and there is no room for names


class PinStrip(Card):
    """Hidden while there are no pictures. `remove_wanted` carries the key of one.

    `came_to_sight` is emitted when it can be seen, having been hidden or on a hidden page before.

    `name` begins the object names of the pictures: with "train_pins" they are "train_pins_1" and so
    on, their buttons "train_pins_remove_1".
    """

    remove_wanted = Signal(str)
    came_to_sight = Signal()

    def __init__(
        self, theme: Theme, icons: Icons, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self.setObjectName(name)
        self._theme = theme
        self._icons = icons
        self._name = name
        self._tiles: dict[str, _PinTile] = {}
        self._answers: Mapping[str, Sequence[ClassProbability]] = {}
        heading = QLabel("Pinned")
        heading.setProperty("class", "heading")
        self._epoch = QLabel()
        self._epoch.setObjectName(f"{name}_epoch")
        self._epoch.setProperty("class", "facts")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(heading)
        words.addWidget(self._epoch)
        words.addStretch(1)
        side = QWidget()
        side.setFixedWidth(_SIDE_PX)
        words.setContentsMargins(0, 0, 0, 0)
        side.setLayout(words)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(8)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(side)
        line.addLayout(self._grid, 1)
        self.body.addLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_pins(self, pins: Sequence[tuple[str, str]]) -> None:
        """Show these pictures, each a key and what it is called; none hides the strip."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._tiles = {}
        for number, (key, words) in enumerate(pins, 1):
            remove = icon_button(
                self._icons,
                "close",
                f"Take the pin of {words} away",
                f"{self._name}_remove_{number}",
            )
            remove.clicked.connect(lambda _=False, key=key: self.remove_wanted.emit(key))
            tile = _PinTile(self._theme, words, remove)
            tile.setObjectName(f"{self._name}_{number}")
            tile.show_answers(self._answers.get(key, ()))
            self._tiles[key] = tile
            self._grid.addWidget(tile, *divmod(number - 1, _COLUMNS))
        self.setVisible(bool(pins))

    def show_pictures(self, pictures: Mapping[str, QImage]) -> None:
        """Show what the pictures look like, by key."""
        for key, tile in self._tiles.items():
            tile.show_picture(pictures.get(key))

    def show_answers(self, answers: Mapping[str, Sequence[ClassProbability]], by: str = "") -> None:
        """Show what was answered, by key; `by` says which epoch it was."""
        self._answers = answers
        self._epoch.setText(by)
        for key, tile in self._tiles.items():
            tile.show_answers(answers.get(key, ()))

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it can be seen."""
        super().showEvent(event)
        self.came_to_sight.emit()

    def lines(self) -> list[list[str]]:
        """Return what stands beside each picture, line by line."""
        return [tile.lines() for tile in self._tiles.values()]


class _PinTile(QWidget):
    """A picture, right of it its two likeliest classes with bars, or its name."""

    def __init__(self, theme: Theme, words: str, remove: QToolButton) -> None:
        super().__init__()
        self._theme = theme
        self._words = words
        self._image: QImage | None = None
        self._shown: list[ClassProbability] = []
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setMinimumWidth(PINNED_PX + _GAP_PX + 60)
        self.setFixedHeight(PINNED_PX)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addStretch(1)
        layout.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        self._remove = remove

    def show_picture(self, image: QImage | None) -> None:
        self._image = image
        self.update()

    def show_answers(self, answers: Sequence[ClassProbability]) -> None:
        ranked = sorted(answers, key=lambda row: row[2], reverse=True)
        self._shown = ranked[:_MOST_BARS]
        self.setAccessibleDescription("; ".join(self.lines()))
        self.update()

    def lines(self) -> list[str]:
        if not self._shown:
            return [self._words]
        return [f"{name} {percent(share, 0)}" for name, _, share in self._shown]

    def sizeHint(self) -> QSize:
        return QSize(200, PINNED_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = self._theme.palette
        square = QRectF(0, 0, PINNED_PX, PINNED_PX)
        path = QPainterPath()
        path.addRoundedRect(square, _CORNER_PX, _CORNER_PX)
        painter.fillPath(path, QColor(palette.ground))
        if self._image is not None:
            painter.save()
            painter.setClipPath(path)
            painter.drawImage(square, self._image)
            painter.restore()
        left = PINNED_PX + _GAP_PX
        width = self.width() - left - self._remove.sizeHint().width() - 4
        font = QFont(self.font())
        font.setPixelSize(FACTS_PX)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        if not self._shown:
            painter.setPen(QColor(palette.muted))
            name = metrics.elidedText(self._words, Qt.TextElideMode.ElideMiddle, width)
            line = QRectF(left, 0, width, _NAME_PX)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        for row, (name, colour, share) in enumerate(self._shown):
            line = QRectF(left, row * _ROW_PX, width, _NAME_PX)
            figure = percent(share, 0)
            painter.setPen(QColor(palette.text))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, figure)
            room = width - metrics.horizontalAdvance(figure) - 6
            fitting = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, fitting)
            bar = QRectF(left, row * _ROW_PX + _NAME_PX + 1, width, _BAR_PX)
            paint_bar(painter, bar, share, colour, QColor(palette.line))
