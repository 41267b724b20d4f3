from __future__ import annotations

import re
from dataclasses import asdict
from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cnnstudio.core.resources import resource_path
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.theme import (
    BODY_PX,
    CLASS_COLOURS,
    DARK,
    LIGHT,
    Palette,
    Theme,
    class_colour,
    style_sheet,
)

# Which colours carry which words. Words in accent, good, warn and bad stand on the plain surfaces;
# on the soft fills the inks take their place.
PLAIN_GROUNDS = ("ground", "surface", "raised", "hover")
PAIRS = [
    *product(("text", "muted"), (*PLAIN_GROUNDS, "accent_soft", "warn_soft", "bad_soft")),
    *product(("accent", "good", "warn", "bad"), ("ground", "surface", "raised")),
    ("accent_ink", "accent_soft"),
    ("accent_ink", "surface"),
    ("warn_ink", "warn_soft"),
    ("bad", "bad_soft"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
]


def luminance(colour: QColor) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_stand_out_from_their_ground(palette: Palette, words: str, ground: str) -> None:
    colours = asdict(palette)
    assert contrast(colours[words], colours[ground]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_has_every_name_filled_in(palette: Palette) -> None:
    sheet = style_sheet(palette)
    assert "$" not in sheet
    assert palette.surface in sheet
    assert re.findall(r"font-size: (\d+)px", sheet)
    assert set(re.findall(r"font-size: (\d+)px", sheet)) <= {"11", "13", "18"}


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_the_pictures_of_the_style_sheet_have_the_colours_of_the_palette(
    scheme: str, palette: Palette
) -> None:
    expected = {
        "tick": palette.on_accent,
        "dot": palette.on_accent,
        "chevron_down": palette.muted,
        "chevron_up": palette.muted,
    }
    for name, colour in expected.items():
        svg = resource_path("styles", f"{name}_{scheme}.svg").read_text(encoding="utf-8")
        assert colour in svg


def test_the_first_eight_classes_have_the_colours_of_the_design() -> None:
    assert [class_colour(index).name() for index in range(8)] == list(CLASS_COLOURS)


def test_classes_beyond_the_eighth_have_colours_of_their_own() -> None:
    assert len({class_colour(index).name() for index in range(32)}) == 32
    assert class_colour(999).isValid()


def test_choosing_dark_makes_the_window_dark_and_says_so(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(qapp, "light")
    with qtbot.waitSignal(theme.changed):
        theme.set_choice("dark")
    assert theme.is_dark
    assert theme.choice == "dark"
    assert theme.palette == DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.ground)
    theme.set_choice("light")
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.ground)


def test_choosing_what_is_already_shown_says_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(qapp, "light")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_choice("light")


def test_the_system_choice_follows_the_desktop(qapp: QApplication) -> None:
    theme = Theme(qapp, "system")
    hints = qapp.styleHints()
    assert theme.is_dark == (hints.colorScheme() == Qt.ColorScheme.Dark)
    theme.set_choice("dark")
    theme.set_choice("system")
    assert theme.is_dark == (hints.colorScheme() == Qt.ColorScheme.Dark)


def test_words_have_the_sizes_of_the_design(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(qapp, "light")
    title, facts, plain = QLabel("Train"), QLabel("today"), QPushButton("Pause")
    title.setProperty("class", "title")
    facts.setProperty("class", "facts")
    sizes = []
    for widget in (title, facts, plain):
        qtbot.addWidget(widget)
        widget.ensurePolished()
        sizes.append(widget.font().pixelSize())
    assert sizes == [18, 11, BODY_PX]
    assert theme.palette == LIGHT


def test_figures_all_take_the_same_width(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(qapp, "light")
    label = QLabel()
    qtbot.addWidget(label)
    label.ensurePolished()
    metrics = label.fontMetrics()
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")
    assert not theme.is_dark


def icon_colours(icon_image_of: QPushButton) -> set[str]:
    image = icon_image_of.icon().pixmap(24, 24).toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_a_bound_icon_takes_the_colour_of_the_theme_and_changes_with_it(
    qapp: QApplication, qtbot: QtBot
) -> None:
    theme = Theme(qapp, "light")
    button = QPushButton()
    qtbot.addWidget(button)
    Icons(theme).bind(button, "add", "text")
    assert icon_colours(button) == {LIGHT.text}
    theme.set_choice("dark")
    assert icon_colours(button) == {DARK.text}


def test_binding_a_button_again_replaces_its_icon(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(qapp, "light")
    icons = Icons(theme)
    button = QPushButton()
    qtbot.addWidget(button)
    icons.bind(button, "play", "text")
    icons.bind(button, "stop", "bad")
    theme.set_choice("dark")
    assert icon_colours(button) == {DARK.bad}


def test_the_theme_changes_after_a_button_with_an_icon_is_gone(
    qapp: QApplication, qtbot: QtBot
) -> None:
    theme = Theme(qapp, "light")
    button = QPushButton()
    Icons(theme).bind(button, "add")
    with qtbot.waitSignal(button.destroyed):
        button.deleteLater()
    theme.set_choice("dark")


def test_an_icon_is_drawn_at_the_sharpness_of_the_screen(qapp: QApplication) -> None:
    pixmap = Icons(Theme(qapp, "light")).pixmap("train", 20, "accent", 1.5)
    assert pixmap.width() == 30
    assert pixmap.deviceIndependentSize().width() == 20


def test_every_icon_of_the_window_can_be_drawn(qapp: QApplication) -> None:
    icons = Icons(Theme(qapp, "light"))
    names = [path.stem for path in resource_path("icons").glob("*.svg")]
    assert "images" in names
    for name in names:
        image = icons.pixmap(name, 24).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)), (
            f"{name} is empty"
        )


def test_what_is_made_without_the_style_sheet_has_it_in_the_end(
    qapp: QApplication, qtbot: QtBot
) -> None:
    theme = Theme(qapp, "light")
    with theme.unstyled():
        button = QPushButton("Train")
        button.setProperty("class", "primary")
        qtbot.addWidget(button)
        assert qapp.styleSheet() == ""
    assert qapp.styleSheet() == style_sheet(LIGHT)
    assert button.grab().toImage().pixelColor(12, 12) == QColor(LIGHT.accent)
