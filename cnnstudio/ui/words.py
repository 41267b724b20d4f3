"""Numbers and times in words, the same everywhere in the window. Pure functions, no Qt."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from cnnstudio.core.percentages import NOT_KNOWN as NOT_KNOWN
from cnnstudio.core.percentages import percent as percent

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def count_words(count: int) -> str:
    """Return a count with its thousands set apart: 3068 is "3,068"."""
    return f"{count:,}"


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun: "1 class", "10 classes". `plural` defaults to an added s."""
    return f"{count_words(count)} {singular if count == 1 else plural or singular + 's'}"


def pictures(count: int) -> str:
    """Return "1 picture", "3,068 pictures"."""
    return counted(count, "picture")


def classes(count: int) -> str:
    """Return "1 class", "10 classes"."""
    return counted(count, "class", "classes")


def plain_number(value: float) -> str:
    """Return a small number with two digits and without an exponent: 0.002, 0.00013."""
    if value <= 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = max(0, 1 - math.floor(math.log10(value)))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def megabytes(size_bytes: float) -> str:
    """Return a size in millions of bytes, as file managers show it: "9.4 MB", "112 MB"."""
    size = size_bytes / 1e6
    return f"{size:.1f} MB" if size < 99.95 else f"{size:,.0f} MB"


def memory_words(size_bytes: float) -> str:
    """Return a size that may be small: "40 bytes", "3.6 KB", "620 KB", "9.4 MB"."""
    if size_bytes < 999.5:
        return counted(round(size_bytes), "byte")
    kilobytes = size_bytes / 1e3
    if kilobytes < 999.5:
        return f"{kilobytes:.0f} KB" if kilobytes >= 9.95 else f"{kilobytes:.1f} KB"
    return megabytes(size_bytes)


def duration(seconds: float) -> str:
    """Return a length of time in the unit that suits it: "24 ms", "45 s", "7 min", "1 h 20 min"."""
    if not math.isfinite(seconds) or seconds < 0:
        return NOT_KNOWN
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{count_words(hours)} h {minutes} min" if minutes else f"{count_words(hours)} h"


def time_left(seconds: float | None) -> str:
    """Return an estimate as "about 7 min left", and nothing while there is none.

    Seconds go in steps of five, so that the words do not flicker.
    """
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 5:
        return "a few seconds left"
    if seconds < 60:
        seconds = 5 * round(seconds / 5)
    return f"about {duration(seconds)} left"


def when(moment: datetime, now: datetime) -> str:
    """Return a moment as seen from `now`: "today 09:41", "yesterday 18:02", "3 May 18:02".

    In another year it is only the day, "3 May 2024". Both are in the same time zone, or both
    without one.
    """
    clock = f"{moment:%H:%M}"
    if moment.date() == now.date():
        return f"today {clock}"
    if moment.date() == now.date() - timedelta(days=1):
        return f"yesterday {clock}"
    day = f"{moment.day} {_MONTHS[moment.month - 1]}"
    return f"{day} {clock}" if moment.year == now.year else f"{day} {moment.year}"


def speed(images_per_second: float) -> str:
    """Return "75 pictures a second", "3.2 pictures a second"; "" where none was measured."""
    if images_per_second <= 0:
        return ""
    if images_per_second < 10:
        return f"{images_per_second:.1f} pictures a second"
    return f"{count_words(round(images_per_second))} pictures a second"


def millions(count: int) -> str:
    """Return a large count in millions, "42.6 M", and a small one as it is: "9,216"."""
    return f"{count / 1e6:,.1f} M" if count >= 99_950 else count_words(count)
