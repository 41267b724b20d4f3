"""All that a health check found, in one line."""

from __future__ import annotations

from typing import get_args

import pytest

from cnnstudio.core.dataset.health.findings import Finding, Fix, Kind
from cnnstudio.ui.finding_words import button_tooltip, button_words, findings_in_a_line, look_words


def finding(kind: Kind, *paths: str, groups: tuple[tuple[str, ...], ...] = ()) -> Finding:
    return Finding(kind, "Something is so.", "It matters.", paths, groups=groups)


def test_pictures_are_counted_and_named_once() -> None:
    found = [
        *(finding("two classes", "a", "b") for _ in range(3)),
        finding("near twins", *"abcdefghijk", groups=(("a", "b"), tuple("cdefghijk"))),
        finding("unreadable", "x"),
    ]
    assert findings_in_a_line(found) == (
        "3 pictures are in two classes, 9 are near twins, 1 cannot be read."
    )


def test_a_single_finding_is_a_sentence_of_its_own() -> None:
    assert findings_in_a_line([finding("unreadable", "x")]) == "1 picture cannot be read."
    assert findings_in_a_line([finding("imbalance")]) == "Something is so."
    assert findings_in_a_line([]) == ""


def test_what_finds_no_room_is_counted() -> None:
    kinds: list[Kind] = ["empty class", "empty class", "dark", "blurred", "bright", "uniform"]
    assert findings_in_a_line([finding(kind, "x") for kind in kinds]) == (
        "2 classes have no pictures, 1 picture is very dark, 1 is blurred, and 2 more findings."
    )


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_words(kind: Kind) -> None:
    line = findings_in_a_line([finding(kind, "a", "b")])
    assert line.endswith(".")
    assert len(line) > 10


@pytest.mark.parametrize("fix", Fix)
def test_every_fix_has_a_button(fix: Fix) -> None:
    assert button_words(fix)
    assert button_tooltip(fix) != button_words(fix)


def test_one_picture_is_looked_at_as_one() -> None:
    assert look_words(finding("blurred", "a")) == "Look at it"
    assert look_words(finding("blurred", "a", "b")) == "Look at them"
