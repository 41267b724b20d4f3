from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, Footing
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.preset_cards import PresetCards

FOOTINGS: dict[str, Footing] = {
    "fast": "features",
    "fine": "fine-tuning",
    "classic": "scratch",
    "modern": "scratch",
}
PRESETS = [
    replace(TRAINING_PRESETS[0], key=key, label=key.title(), footing=footing, variant=key.title())
    for key, footing in FOOTINGS.items()
]


@pytest.fixture
def cards(qtbot: QtBot) -> PresetCards:
    cards = PresetCards(PRESETS, "preset")
    qtbot.addWidget(cards)
    cards.resize(884, 110)
    cards.show()
    return cards


def card(cards: PresetCards, key: str) -> QWidget:
    found = cards.findChild(QWidget, f"preset_{key}")
    assert isinstance(found, QWidget)
    return found


def test_each_preset_of_the_table_has_a_card_of_the_same_width(cards: PresetCards) -> None:
    widths = {card(cards, key).width() for key in ("fast", "fine", "classic")}
    assert max(widths) - min(widths) <= 1


def test_a_preset_is_chosen_with_the_mouse_and_with_the_keyboard(
    cards: PresetCards, qtbot: QtBot
) -> None:
    chosen: list[str] = []
    cards.preset_chosen.connect(chosen.append)

    qtbot.mouseClick(card(cards, "fine"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(card(cards, "fast"), Qt.Key.Key_Space)

    assert chosen == ["fine", "fast"]


def test_the_chosen_card_says_so(cards: PresetCards) -> None:
    cards.set_chosen("fine")
    cards.set_chosen("fast")

    words = {
        key: [label.text() for label in card(cards, key).findChildren(QLabel) if label.isVisible()]
        for key in ("fast", "fine")
    }
    assert "chosen" in words["fast"]
    assert "chosen" not in words["fine"]


def test_presets_on_one_footing_share_a_card_and_are_switched_between_there(
    cards: PresetCards, qtbot: QtBot
) -> None:
    chosen: list[str] = []
    cards.preset_chosen.connect(chosen.append)
    cards.set_facts("classic", "22 weights")
    cards.set_facts("modern", "5 weights")
    facts = card(cards, "classic").findChild(QLabel, "preset_classic_facts")
    assert isinstance(facts, QLabel)
    assert cards.findChild(QWidget, "preset_modern") is None
    assert facts.text() == "22 weights"

    qtbot.mouseClick(card(cards, "variant_modern"), Qt.MouseButton.LeftButton)
    cards.set_chosen("modern")

    assert chosen == ["modern"]
    assert facts.text() == "5 weights"
    cards.set_chosen("fast")
    qtbot.mouseClick(card(cards, "classic"), Qt.MouseButton.LeftButton)
    assert chosen[-1] == "modern", "the card keeps what was chosen on it last"


def test_a_card_does_not_move_when_it_is_chosen(theme: Theme, cards: PresetCards) -> None:
    facts = card(cards, "fast").findChild(QLabel, "preset_fast_facts")
    assert isinstance(facts, QLabel)
    cards.set_chosen("fine")

    def place() -> tuple[int, QPoint]:
        return card(cards, "fast").height(), facts.mapTo(cards, QPoint())

    before = place()
    cards.set_chosen("fast")

    assert place() == before
