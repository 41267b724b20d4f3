from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS
from cnnstudio.ui.widgets.preset_cards import PresetCards

CLASSIC = TRAINING_PRESETS[0]
THREE = [replace(CLASSIC, key=key, label=key.title()) for key in ("fast", "fine", "classic")]


@pytest.fixture
def cards(qtbot: QtBot) -> PresetCards:
    cards = PresetCards(THREE, "preset")
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


def test_while_something_is_trained_nothing_can_be_chosen(cards: PresetCards, qtbot: QtBot) -> None:
    chosen: list[str] = []
    cards.preset_chosen.connect(chosen.append)
    cards.set_locked(True)

    qtbot.mouseClick(card(cards, "fine"), Qt.MouseButton.LeftButton)

    assert chosen == []


def test_a_single_preset_is_one_line_with_its_facts(qtbot: QtBot) -> None:
    cards = PresetCards([CLASSIC], "preset")
    qtbot.addWidget(cards)
    cards.set_facts("classic", "22,247,242 weights · 20 epochs")
    cards.resize(884, 60)
    cards.show()
    title, words, facts = (
        label for label in card(cards, "classic").findChildren(QLabel) if label.isVisible()
    )
    assert facts.text().startswith("22,247,242")
    assert title.geometry().center().y() == words.geometry().center().y()
