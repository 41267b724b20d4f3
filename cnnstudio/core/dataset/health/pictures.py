"""Findings about single pictures: unreadable, of the wrong ending, dark, blurred and so on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from cnnstudio.core.config import ResizeMode, TrainingConfig
from cnnstudio.core.dataset.health.endings import has_wrong_ending
from cnnstudio.core.dataset.health.findings import Fix, Kind, Report, Suspicion
from cnnstudio.core.storage.index import IndexedPicture

DARK_BELOW = 40
BRIGHT_ABOVE = 200
UNIFORM_BELOW = 3.0
BLURRED_BELOW = 0.0
ENLARGED_AT_MOST = 4
LONGEST_SIDES: Mapping[ResizeMode, float] = {"crop": 3.0, "pad": 6.0, "stretch": 6.0}

_FIXES = (Fix.REMOVE, Fix.IGNORE)


def report_unreadable(report: Report, rows: Mapping[str, IndexedPicture]) -> None:
    """Report files that are no pictures, or damaged."""
    report.add_all(
        "unreadable",
        (
            # A file that cannot be opened has no fingerprint: its path must do.
            Suspicion((path,), (row.fingerprint or path,), row.problem)
            for path, row in rows.items()
            if row.problem
        ),
        lambda kept: (
            f"{kept[0].paths[0]} cannot be read: {kept[0].note}."
            if len(kept) == 1
            else f"{len(kept):,} pictures cannot be read."
        ),
        "What cannot be read is never learned from.",
        _FIXES,
    )


def report_wrong_endings(report: Report, rows: Mapping[str, IndexedPicture]) -> None:
    """Report files whose name says another kind than their content."""
    report.add_all(
        "wrong ending",
        (
            Suspicion((path,), (row.fingerprint,), f"really a {row.format} picture")
            for path, row in rows.items()
            if has_wrong_ending(path, row.format)
        ),
        lambda kept: (
            f"{kept[0].paths[0]} is {kept[0].note}."
            if len(kept) == 1
            else f"{len(kept):,} pictures have an ending that is not theirs."
        ),
        "They are read all the same here; other programs may refuse them.",
        (Fix.RENAME, Fix.IGNORE),
    )


def report_doubtful(
    report: Report, training: TrainingConfig, rows: Mapping[str, IndexedPicture]
) -> None:
    """Report pictures in which little can be seen."""
    found: dict[Kind, list[Suspicion]] = defaultdict(list)
    sides = [min(row.width, row.height) for row in rows.values() if not row.problem]
    smallest = smallest_side_px(training.image_size, sides)
    for path, row in rows.items():
        if row.problem:
            continue
        suspicion = Suspicion((path,), (row.fingerprint,))
        if (fault := _fault_of_light(row)) is not None:
            found[fault].append(suspicion)
        if min(row.width, row.height) < smallest:
            found["too small"].append(suspicion)
        if _narrowness(row) > LONGEST_SIDES[training.resize_mode]:
            found["long and narrow"].append(suspicion)
    for kind, suspicions in found.items():
        report.add_all(kind, suspicions, _words(kind), _why(kind, training), _FIXES)


def smallest_side_px(image_size_px: int, sides_px: Sequence[int]) -> float:
    """Return how short the short side of a picture may be."""
    if not sides_px:
        return 0.0
    return min(image_size_px / ENLARGED_AT_MOST, median(sides_px) / 2)


def _fault_of_light(row: IndexedPicture) -> Kind | None:
    """What is wrong with how it was taken; one word is enough for each picture."""
    if row.contrast < UNIFORM_BELOW:
        return "uniform"
    if row.brightest < DARK_BELOW:
        return "dark"
    if row.darkest > BRIGHT_ABOVE:
        return "bright"
    if row.sharpness < BLURRED_BELOW:
        return "blurred"
    return None


def _narrowness(row: IndexedPicture) -> float:
    return max(row.width, row.height) / max(1, min(row.width, row.height))


def _words(kind: Kind) -> Callable[[Sequence[Suspicion]], str]:
    return lambda kept: ""


def _why(kind: Kind, training: TrainingConfig) -> str:
    return ""
