"""The order in which people expect names: "img 2" before "img 10", upper and lower case alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnnstudio.core.jobs import TaskContext

_NUMBER = re.compile(r"[0-9]+")
_RUN = 4096


def natural_text(text: str) -> str:
    """Return a text that sorts as `scanning.natural_key` does, in a fraction of its time.

    Each number becomes NUL, its count of digits and its digits without leading zeros, so that the
    shorter number is the smaller one. No name of a file can hold a NUL.
    """
    return f"{_NUMBER.sub(_sortable, text.casefold())}\0\0{text}"


def sorted_rows(
    keys: Sequence[str], context: TaskContext, *, descending: bool = False
) -> list[int]:
    """Return the places of texts in their order; equal ones keep theirs.

    Python holds all other threads up while it sorts, so runs are sorted one by one and merged in
    pairs: no step takes the window more than a few milliseconds, even of 100,000.

    Raises:
        Cancelled: the user cancelled.
    """
    runs = [list(range(at, min(at + _RUN, len(keys)))) for at in range(0, len(keys), _RUN)]
    for run in runs:
        context.checkpoint()
        run.sort(key=keys.__getitem__, reverse=descending)
    while len(runs) > 1:
        merged = []
        for at in range(0, len(runs), 2):
            context.checkpoint()
            both = [row for run in runs[at : at + 2] for row in run]
            both.sort(key=keys.__getitem__, reverse=descending)
            merged.append(both)
        runs = merged
    return runs[0] if runs else []


def _sortable(number: re.Match[str]) -> str:
    digits = number.group().lstrip("0")
    # chr(1) is "no digits", so that the count is never taken for the NUL that ends the text.
    return f"\0{chr(1 + len(digits))}{digits}"
