from __future__ import annotations

import math
import subprocess
import sys
from datetime import datetime

import pytest

from cnnstudio.ui import words


def test_counts_set_their_thousands_apart() -> None:
    assert words.count_words(3068) == "3,068"
    assert words.count_words(22_247_242) == "22,247,242"
    assert words.count_words(0) == "0"


def test_one_of_a_thing_is_singular_and_none_is_plural() -> None:
    assert words.pictures(1) == "1 picture"
    assert words.pictures(0) == "0 pictures"
    assert words.pictures(3068) == "3,068 pictures"
    assert words.classes(1) == "1 class"
    assert words.classes(10) == "10 classes"
    assert words.counted(2, "epoch") == "2 epochs"


def test_memory_is_given_in_the_unit_that_fits_it() -> None:
    sizes = (0, 16, 3_584, 73_728, 999_900, 1_080_000, 602_116_000)
    shown = ["0 bytes", "16 bytes", "3.6 KB", "74 KB", "1.0 MB", "1.1 MB", "602 MB"]
    assert [words.memory_words(size) for size in sizes] == shown


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.884, "88.4 %"),
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (0.9996, ">99.9 %"),
        (0.0004, "<0.1 %"),
        (0.0006, "0.1 %"),
        (math.nan, "–"),
    ],
)
def test_a_share_is_shown_in_per_cent_and_never_rounded_to_certainty(
    share: float, text: str
) -> None:
    assert words.percent(share) == text


def test_per_cent_can_do_without_decimals() -> None:
    assert words.percent(0.884, decimals=0) == "88 %"
    assert words.percent(0.999, decimals=0) == ">99 %"
    assert words.percent(0.001, decimals=0) == "<1 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.024, "24 ms"),
        (0.9999, "1 s"),
        (45, "45 s"),
        (59.7, "1 min"),
        (7 * 60, "7 min"),
        (59 * 60 + 45, "1 h"),
        (80 * 60, "1 h 20 min"),
        (26 * 3600, "26 h"),
        (math.inf, "–"),
        (-1, "–"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_suits_it(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (430, "about 7 min left"),
        (43, "about 45 s left"),
        (57, "about 55 s left"),
        (58, "about 1 min left"),
        (3, "a few seconds left"),
        (None, ""),
        (math.nan, ""),
    ],
)
def test_time_left_is_an_estimate_in_words(seconds: float | None, text: str) -> None:
    assert words.time_left(seconds) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 1, 9, 41), "today 09:41"),
        (datetime(2026, 2, 28, 23, 59), "yesterday 23:59"),
        (datetime(2026, 2, 3, 8, 5), "3 Feb 08:05"),
        (datetime(2024, 12, 24, 18, 0), "24 Dec 2024"),
    ],
)
def test_a_moment_is_told_as_seen_from_now(moment: datetime, text: str) -> None:
    assert words.when(moment, datetime(2026, 3, 1, 10, 0)) == text


def test_the_words_need_no_qt() -> None:
    code = (
        "import sys, cnnstudio.ui.words; sys.exit(any('PySide6' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.002, "0.002"), (0.00013, "0.00013"), (1.0, "1"), (0.1, "0.1"), (3e-6, "0.000003")],
)
def test_a_small_number_has_no_exponent(value: float, text: str) -> None:
    assert words.plain_number(value) == text
