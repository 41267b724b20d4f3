"""Colours, sizes and the style sheet of the window, light and dark.

`Theme` is made once with the application and handed to everything that paints for itself; what is
styled by `resources/styles/studio.qss` needs only the class names used there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from string import Template
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from cnnstudio.core.resources import resource_path

ThemeChoice = Literal["system", "light", "dark"]

BODY_PX = 13
TITLE_PX = 18
FACTS_PX = 11


@dataclass(frozen=True)
class Palette:
    """The colours of one scheme, each as "#rrggbb".

    `ground` lies under the cards, `surface` is a card, `raised` a control on it, `hover` a control
    under the mouse; `faint` is only for what is disabled. The `_soft` colours are quiet fills;
    `accent_ink` and `warn_ink` are the accent and the warning as text on theirs, `on_accent` is
    text on the full accent.
    """

    ground: str
    surface: str
    raised: str
    hover: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_soft: str
    accent_ink: str
    on_accent: str
    good: str
    warn: str
    warn_soft: str
    warn_ink: str
    bad: str
    bad_soft: str


LIGHT = Palette(
    ground="#f5f6f8",
    surface="#ffffff",
    raised="#ffffff",
    hover="#f0f2f5",
    line="#e1e4e9",
    text="#1b1f24",
    muted="#5c6672",
    faint="#9aa3ad",
    accent="#2563eb",
    accent_hover="#1d56d2",
    accent_soft="#e8effd",
    accent_ink="#1f5bdd",
    on_accent="#ffffff",
    good="#15803d",
    warn="#b45309",
    warn_soft="#fdf1df",
    warn_ink="#a94d08",
    bad="#c2272d",
    bad_soft="#fce8e8",
)

DARK = Palette(
    ground="#15181c",
    surface="#1c2025",
    raised="#23282e",
    hover="#2b3138",
    line="#2f353d",
    text="#e7eaee",
    muted="#9ba5b1",
    faint="#66707c",
    accent="#6c9eff",
    accent_hover="#84aeff",
    accent_soft="#22304c",
    accent_ink="#6c9eff",
    on_accent="#0f1520",
    good="#4fbf7a",
    warn="#e5a34b",
    warn_soft="#3a2e1b",
    warn_ink="#e5a34b",
    bad="#f0777b",
    bad_soft="#3d2224",
)

CLASS_COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#7a7f87",
)
"""Okabe and Ito's colours, which colour-blind eyes tell apart."""

CLASS_COLOUR_NAMES = (
    "Blue",
    "Orange",
    "Green",
    "Pink",
    "Sky blue",
    "Red",
    "Yellow",
    "Grey",
    "Light blue",
    "Light orange",
    "Light green",
    "Light pink",
    "Light sky blue",
    "Light red",
    "Light yellow",
    "Light grey",
)
"""What people may choose from: the first places of `class_colour`."""

# How much white (above 0) or black (below 0) the eight colours get each time they come round again.
_SHADES = (0.0, 0.45, -0.35, 0.7)


def class_colour(index: int) -> QColor:
    """Return the colour of a class, counted from 0; after eight they repeat lighter and darker."""
    colour = QColor(CLASS_COLOURS[index % len(CLASS_COLOURS)])
    shade = _SHADES[index // len(CLASS_COLOURS) % len(_SHADES)]
    target = 255 if shade > 0 else 0
    parts = (colour.red(), colour.green(), colour.blue())
    return QColor(*(round(part + (target - part) * abs(shade)) for part in parts))


class Theme(QObject):
    """The look of the application: style, palette, font and style sheet, light or dark.

    The choice "system" follows the desktop, also when it changes while the window is open.
    """

    changed = Signal()

    def __init__(self, app: QApplication, choice: ThemeChoice = "system") -> None:
        super().__init__()
        self._app = app
        self._choice: ThemeChoice = choice
        app.setStyle("Fusion")
        app.setFont(_body_font(app.font()))
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._is_dark = self._wanted_dark()
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the user chose."""
        return self._choice

    @property
    def is_dark(self) -> bool:
        """Whether the dark colours are shown now."""
        return self._is_dark

    @property
    def palette(self) -> Palette:
        """The colours shown now."""
        return DARK if self._is_dark else LIGHT

    def set_choice(self, choice: ThemeChoice) -> None:
        """Show the light or the dark colours, or those of the desktop, from now on."""
        self._choice = choice
        self._update()

    @contextmanager
    def unstyled(self) -> Iterator[None]:
        """Go without the style sheet while a whole window is made, and style it at the end.

        With a style sheet, Qt styles a widget that is given a parent anew, with all it holds; a
        window that is put together from the inside out would be styled many times over.
        """
        self._app.setStyleSheet("")
        try:
            yield
        finally:
            self._app.setStyleSheet(style_sheet(self.palette))

    def _follow_system(self) -> None:
        if self._choice == "system":
            self._update()

    def _wanted_dark(self) -> bool:
        hints = self._app.styleHints()
        # The title bar and native dialogs follow this hint; only asking without it set tells the
        # desktop's own scheme.
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        if self._choice in schemes:
            hints.setColorScheme(schemes[self._choice])
            return self._choice == "dark"
        hints.unsetColorScheme()
        return hints.colorScheme() == Qt.ColorScheme.Dark

    def _update(self) -> None:
        dark = self._wanted_dark()
        if dark != self._is_dark:
            self._is_dark = dark
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        # In place of one style sheet, Qt sets another four times as slowly as from none.
        self._app.setStyleSheet("")
        self._app.setPalette(_qt_palette(self.palette))
        self._app.setStyleSheet(style_sheet(self.palette))


def style_sheet(palette: Palette) -> str:
    """Return the application's style sheet in the colours of `palette`."""
    template = resource_path("styles", "studio.qss").read_text(encoding="utf-8")
    # A style sheet cannot tint its pictures, so the few it needs lie there in both colours.
    scheme = "dark" if palette == DARK else "light"
    pictures = {
        name: resource_path("styles", f"{name}_{scheme}.svg").as_posix()
        for name in ("tick", "dot", "chevron_down", "chevron_up")
    }
    return Template(template).substitute(
        asdict(palette), body=BODY_PX, title=TITLE_PX, facts=FACTS_PX, **pictures
    )


def _body_font(font: QFont) -> QFont:
    body = QFont(font)
    body.setPixelSize(BODY_PX)
    # Figures of one width keep numbers from dancing while they count.
    body.setFeature(QFont.Tag("tnum"), 1)
    return body


def _qt_palette(palette: Palette) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: palette.ground,
        role.WindowText: palette.text,
        role.Base: palette.surface,
        role.AlternateBase: palette.ground,
        role.Text: palette.text,
        role.PlaceholderText: palette.muted,
        role.Button: palette.raised,
        role.ButtonText: palette.text,
        role.BrightText: palette.bad,
        role.Light: palette.raised,
        role.Midlight: palette.hover,
        role.Mid: palette.line,
        role.Dark: palette.line,
        role.Shadow: palette.line,
        role.Highlight: palette.accent_soft,
        role.HighlightedText: palette.text,
        role.Accent: palette.accent,
        role.Link: palette.accent,
        role.LinkVisited: palette.accent,
        role.ToolTipBase: palette.raised,
        role.ToolTipText: palette.text,
    }
    qt_palette = QPalette()
    for each, colour in colours.items():
        qt_palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        qt_palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(palette.muted))
    return qt_palette
