"""The icons of the window, tinted from one set of SVG files in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from cnnstudio.core.resources import resource_path
from cnnstudio.ui.theme import Theme

# The sizes at which buttons and menus show icons; others are scaled from the nearest larger one.
_SIZES_PX = (16, 20, 24)
_DISABLED_OPACITY = 0.4


class Icons:
    """Gives icons by the name of their file in `resources/icons`.

    A role is the name of a colour of `Palette`, such as "text", "muted" or "accent".
    """

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, int, str, float], QPixmap] = {}

    def icon(self, name: str, role: str = "text", on_role: str | None = None) -> QIcon:
        """Return an icon in the present colours; `on_role` tints it where its button is checked.

        It keeps its colours when the theme changes: use `bind` for what stays on screen.
        """
        icon = QIcon()
        states = {QIcon.State.Off: role, QIcon.State.On: on_role or role}
        for state, state_role in states.items():
            for ratio in _screen_ratios():
                for size_px in _SIZES_PX:
                    pixmap = self.pixmap(name, size_px, state_role, ratio)
                    icon.addPixmap(pixmap, QIcon.Mode.Normal, state)
                    icon.addPixmap(_faded(pixmap), QIcon.Mode.Disabled, state)
        return icon

    def pixmap(self, name: str, size_px: int, role: str = "text", ratio: float = 1.0) -> QPixmap:
        """Return a square picture of `size_px` logical pixels for a screen of the given ratio.

        Raises:
            StudioError: there is no icon of that name.
        """
        colour: str = getattr(self.theme.palette, role)
        key = (name, size_px, colour, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._rendered(*key)
        return self._pixmaps[key]

    def bind(
        self,
        button: QAbstractButton | QAction,
        name: str,
        role: str = "text",
        on_role: str | None = None,
    ) -> None:
        """Give a button or an action an icon that is tinted anew whenever the theme changes.

        Binding it again replaces the icon.
        """
        for earlier in button.findChildren(_Binding):
            earlier.setParent(None)
            earlier.deleteLater()
        _Binding(self, button, name, role, on_role)

    def _rendered(self, name: str, size_px: int, colour: str, ratio: float) -> QPixmap:
        if name not in self._sources:
            path = resource_path("icons", f"{name}.svg")
            self._sources[name] = path.read_text(encoding="utf-8")
        tinted = self._sources[name].replace("currentColor", colour)
        side = round(size_px * ratio)
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        QSvgRenderer(QByteArray(tinted.encode())).render(painter, QRectF(0, 0, side, side))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap


class _Binding(QObject):
    """Keeps one button's icon in the theme's colours; lives and dies with the button."""

    def __init__(
        self,
        icons: Icons,
        target: QAbstractButton | QAction,
        name: str,
        role: str,
        on_role: str | None,
    ) -> None:
        super().__init__(target)
        self._icons = icons
        self._target = target
        self._description = (name, role, on_role)
        icons.theme.changed.connect(self._tint)
        self._tint()

    def _tint(self) -> None:
        self._target.setIcon(self._icons.icon(*self._description))


def _screen_ratios() -> set[float]:
    return {screen.devicePixelRatio() for screen in QGuiApplication.screens()}


def _faded(pixmap: QPixmap) -> QPixmap:
    faded = QPixmap(pixmap.size())
    faded.setDevicePixelRatio(pixmap.devicePixelRatio())
    faded.fill(QColor(0, 0, 0, 0))
    painter = QPainter(faded)
    painter.setOpacity(_DISABLED_OPACITY)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return faded
