from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.icons import Icons
from cnnstudio.ui.theme import DARK, LIGHT, Theme
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.drop_area import DropArea
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button


def colour_at(widget: QWidget, x: int, y: int) -> str:
    return widget.grab().toImage().pixelColor(x, y).name()


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_primary_button_has_the_accent_in_light_and_dark(qtbot: QtBot, theme: Theme) -> None:
    button = primary_button("Add pictures")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    assert colour_at(button, 8, 16) == LIGHT.accent
    theme.set_choice("dark")
    assert colour_at(button, 8, 16) == DARK.accent


def test_buttons_have_the_heights_of_the_design(qtbot: QtBot, theme: Theme) -> None:
    plain, small, chip = styled_button("Webcam"), styled_button("Save", small=True), Chip("Picture")
    for widget in (plain, small, chip):
        qtbot.addWidget(widget)
    assert [widget.sizeHint().height() for widget in (plain, small, chip)] == [32, 26, 26]


def test_a_destructive_button_has_red_words_on_a_plain_ground(qtbot: QtBot, theme: Theme) -> None:
    button = styled_button("Cancel", "destructive")
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    image = button.grab().toImage()
    colours = {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }
    assert LIGHT.raised in colours
    assert colour_at(button, 8, 16) == LIGHT.raised
    assert any(int(c[1:3], 16) > 150 and int(c[3:5], 16) < 90 for c in colours)


def test_a_card_shows_its_title_and_the_actions_beside_it(qtbot: QtBot, theme: Theme) -> None:
    card = Card("Runs")
    qtbot.addWidget(card)
    compare = styled_button("Compare", small=True)
    card.add_action(compare)
    card.body.addWidget(QLabel("Fast start"))
    card.resize(300, 200)
    card.show()
    title = next(label for label in card.findChildren(QLabel) if label.text() == "Runs")
    assert title.isVisible()
    assert compare.geometry().left() > title.geometry().right()
    card.set_title("")
    assert not title.isVisible()


def test_a_chip_is_switched_by_a_click_and_looks_it(qtbot: QtBot, theme: Theme) -> None:
    chip = Chip("What it looked at")
    qtbot.addWidget(chip)
    chip.resize(chip.sizeHint())
    click(qtbot, chip)
    assert chip.isChecked()
    assert colour_at(chip, 8, 13) == LIGHT.accent_soft


def test_a_chip_menu_shows_its_choice_and_says_a_new_one(qtbot: QtBot, theme: Theme) -> None:
    chip = ChipMenu("Split", [(None, "Any split"), ("test", "Test"), ("train", "Training")])
    qtbot.addWidget(chip)
    chip.show()
    said: list[object] = []
    chip.value_changed.connect(said.append)
    assert chip.text().startswith("Any split")
    assert chip.accessibleName() == "Split: Any split"
    click(qtbot, chip)
    qtbot.waitUntil(chip.menu_of_choices.isVisible)
    qtbot.keyClick(chip.menu_of_choices, Qt.Key.Key_Down)
    qtbot.keyClick(chip.menu_of_choices, Qt.Key.Key_Down)
    qtbot.keyClick(chip.menu_of_choices, Qt.Key.Key_Return)
    assert said == ["test"]
    assert chip.value() == "test"
    assert chip.text().startswith("Test")


def test_a_chip_menu_keeps_its_value_while_it_is_still_offered(qtbot: QtBot, theme: Theme) -> None:
    chip = ChipMenu("Run", [(1, "One"), (2, "Two")])
    qtbot.addWidget(chip)
    chip.set_value(2)
    chip.set_choices([(2, "Two, renamed"), (3, "Three")])
    assert chip.value() == 2
    assert chip.text().startswith("Two, renamed")
    chip.set_choices([(3, "Three")])
    assert chip.value() == 3
    chip.set_choices([])
    assert chip.value() is None
    assert not chip.isEnabled()


def test_an_ampersand_in_a_name_is_shown_as_it_is(qtbot: QtBot, theme: Theme) -> None:
    chip = ChipMenu("Run", [(1, "R&D"), (2, "Two")])
    qtbot.addWidget(chip)
    assert chip.text().startswith("R&&D")
    assert chip.accessibleName() == "Run: R&D"
    assert chip.menu_of_choices.actions()[0].text() == "R&&D"


def test_the_drop_area_lights_up_while_something_is_dragged(qtbot: QtBot, theme: Theme) -> None:
    area = DropArea("Drop pictures here")
    qtbot.addWidget(area)
    area.resize(300, 80)
    quiet = colour_at(area, 20, 40)
    area.set_receiving(True)
    assert colour_at(area, 20, 40) == LIGHT.accent_soft
    area.set_receiving(False)
    assert colour_at(area, 20, 40) == quiet
    area.set_sentence("Let go to predict")
    assert area.sentence() == "Let go to predict"


def test_a_banner_tells_its_finding_and_offers_what_to_do(
    qtbot: QtBot, theme: Theme, icons: Icons
) -> None:
    banner = Banner(icons, "warn", "9 are near twins.", title="Health check", closable=True)
    qtbot.addWidget(banner)
    banner.resize(600, 44)
    banner.show()
    assert banner.sentence() == "9 are near twins."
    assert banner.accessibleName() == "Health check: 9 are near twins."
    assert colour_at(banner, 300, 4) == LIGHT.warn_soft
    button = banner.add_button("Look at them")
    with qtbot.waitSignal(button.clicked):
        click(qtbot, button)
    banner.set_finding("bad", "1 cannot be read.")
    assert colour_at(banner, 300, 4) == LIGHT.bad_soft
    with qtbot.waitSignal(banner.closed):
        click(qtbot, banner.findChild(QToolButton))
    assert not banner.isVisible()


def test_a_banner_that_must_stay_has_no_cross(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    banner = Banner(icons, "info", "This is the sample project.")
    qtbot.addWidget(banner)
    banner.show()
    assert not banner.findChild(QToolButton).isVisible()


def test_a_long_finding_wraps_and_is_not_cut(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    banner = Banner(icons, "warn", "Ein sehr langer Satz über die Bilder. " * 8)
    qtbot.addWidget(banner)
    assert banner.heightForWidth(400) > banner.heightForWidth(1200)


def test_an_empty_state_says_what_to_do_and_offers_it(
    qtbot: QtBot, theme: Theme, icons: Icons
) -> None:
    empty = EmptyState(icons, "images", "No pictures yet. Drop a folder here.")
    qtbot.addWidget(empty)
    button = empty.add_button("Add pictures", primary=True)
    empty.resize(600, 300)
    empty.show()
    assert empty.sentence() == "No pictures yet. Drop a folder here."
    with qtbot.waitSignal(button.clicked):
        click(qtbot, button)
    empty.set_sentence("Nothing matches.")
    assert empty.sentence() == "Nothing matches."


def test_a_chip_menu_shortens_a_long_name_and_has_it_in_full(qtbot: QtBot, theme: Theme) -> None:
    menu = ChipMenu("Run", [(1, "a very long name " * 10)])
    qtbot.addWidget(menu)
    assert menu.sizeHint().width() < 400
    assert menu.toolTip() == "a very long name " * 10
    menu.set_choices([(2, "short")])
    assert menu.toolTip() == ""
