"""`CurveCard`: a curve plot with its title, legend, axis switch, saving and words below."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.curve_axes import Unit
from cnnstudio.ui.widgets.curve_plot import CurvePlot
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.fit_label import ElidedLabel

# A picture of a plot is printed or put on a slide: twice as sharp as on the screen.
_PICTURE_RATIO = 2.0

NOT_BEGUN = "Curves appear here once training starts."


class CurveCard(Card):
    """Shows `plot`, or an empty state; two lines of words below it always have their room.

    The menu asks for the card as a picture and for the run's table; whoever owns the card saves
    them.
    """

    picture_wanted = Signal()
    table_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        title: str,
        name: str,
        *,
        unit: Unit = "number",
        can_be_log: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.plot = CurvePlot(theme, title, unit)
        self.plot.setObjectName(f"{name}_plot")
        self._empty = EmptyState(icons, "train", NOT_BEGUN)
        room = QWidget()
        self._stack = QStackedLayout(room)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.plot)
        self.body.addWidget(room, 1)
        self._lines = (_fact(f"{name}_words"), _fact(f"{name}_more_words"))
        for line in self._lines:
            self.body.addWidget(line)
        self.body.setSpacing(4)
        self._log = Chip("Log axis")
        self._log.setObjectName(f"{name}_log")
        self._log.setAccessibleName(f"{title} on a logarithmic axis")
        self._log.setToolTip("Shows differences between small values")
        self._log.toggled.connect(self.plot.set_log)
        self._legend = QWidget()
        self._add_legend(theme)
        self._menu_button = self._make_menu(icons, title, name)
        self.add_action(self._log)
        self._log.setVisible(can_be_log)
        self.add_action(self._legend)
        self.add_action(self._menu_button)
        self.set_empty(True)

    def set_empty(self, empty: bool) -> None:
        """Show the empty state in place of the plot, or the plot."""
        self._stack.setCurrentIndex(0 if empty else 1)
        self._legend.setEnabled(not empty)
        self._log.setEnabled(not empty)
        self._menu_button.setEnabled(not empty)

    @property
    def is_empty(self) -> bool:
        """Whether the empty state is shown."""
        return self._stack.currentIndex() == 0

    def set_empty_sentence(self, sentence: str) -> None:
        """Say something else while there are no curves."""
        self._empty.set_sentence(sentence)

    def set_words(self, first: str, second: str = "") -> None:
        """Say something below the plot."""
        for line, words in zip(self._lines, (first, second), strict=True):
            line.setText(words)

    def words(self) -> list[str]:
        """Return what is said below the plot."""
        return [line.text() for line in self._lines if line.text()]

    def png(self) -> bytes:
        """Return the card as a PNG, with title, legend and words, without its buttons."""
        self.plot.point_at(0)
        hidden = [each for each in (self._menu_button, self._log) if each.isVisible()]
        for each in hidden:
            each.setVisible(False)
        image = QImage(self.size() * _PICTURE_RATIO, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_PICTURE_RATIO)
        image.fill(self.palette().window().color())
        self.render(image)
        for each in hidden:
            each.setVisible(True)
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(image)
        return bytes(data.data())

    def _add_legend(self, theme: Theme) -> None:
        layout = QHBoxLayout(self._legend)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for words, role, dashed in (("training", "muted", True), ("validation", "accent", False)):
            label = QLabel(words)
            label.setProperty("class", "facts")
            layout.addWidget(_LineSample(theme, role, dashed))
            layout.addWidget(label)
            layout.addSpacing(4)

    def _make_menu(self, icons: Icons, title: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{name}_menu")
        button.setAccessibleName(f"Save the curves of {title.lower()}")
        button.setToolTip("Save")
        button.setIconSize(QSize(16, 16))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        icons.bind(button, "save", "muted")
        menu = QMenu(button)
        menu.addAction("Save as picture (PNG)…", self.picture_wanted.emit)
        menu.addAction("Save all curves as table (CSV)…", self.table_wanted.emit)
        button.setMenu(menu)
        return button


class _LineSample(QWidget):
    """A short piece of a curve, for the legend."""

    def __init__(self, theme: Theme, role: str, dashed: bool) -> None:
        super().__init__()
        self._theme = theme
        self._role = role
        self._dashed = dashed
        self.setFixedSize(16, 12)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line as the plot does."""
        pen = QPen(QColor(getattr(self._theme.palette, self._role)), 2)
        if self._dashed:
            pen.setDashPattern([3, 2])
        painter = QPainter(self)
        painter.setPen(pen)
        painter.drawLine(0, 6, 16, 6)


def _fact(name: str) -> ElidedLabel:
    label = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
    label.setObjectName(name)
    label.setProperty("class", "facts")
    label.setMinimumHeight(16)
    return label
