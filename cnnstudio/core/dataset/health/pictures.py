"""Findings about single pictures: unreadable, of the wrong ending, dark, blurred and so on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Self

from cnnstudio.core.config import ResizeMode
from cnnstudio.core.dataset.health.classes import FEWEST_PER_CLASS
from cnnstudio.core.dataset.health.endings import has_wrong_ending
from cnnstudio.core.dataset.health.findings import Fix, Kind, Report, Suspicion
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.storage.index import IndexedPicture

# The values are explained in `measuring`. They were chosen on 3,068 phone photos of clothes, of
# which none is flagged, and on copies of them that were darkened, brightened or blurred.
DARK_BELOW = 60
"""Nothing is brighter than this grey: a photo at a fifth of its light. Lamps at night are."""
BRIGHT_ABOVE = 195
"""Nothing is darker than this grey: even one line of handwriting on white is."""
UNIFORM_BELOW = 2.5
"""Less varied than a lens cap with its noise; fine grain has 3 and more."""
BLURRED_BELOW = 1.2
"""A blur over 2 of 256 pixels gives 1.13, the softest of the photos 1.3."""
FLAT_BELOW = 0.5
"""Nothing but one colour, whatever the others are like."""
OF_ITS_LIGHT = 25
"""A dark or bright picture is so by this much beside the middle one of its class, in greys: night
photos, fluorescence and pale things on white are all alike in it, and not at fault."""
OF_ITS_CLASS = 0.4
"""A blurred or uniform picture has less than this share of what the better ones of its class have:
X-rays are soft and tiles are flat by nature, and a class of them is not at fault."""
ENLARGED_AT_MOST = 4
"""How many times as large as it is a picture may have to be made for the network."""
LONGEST_SIDES: Mapping[ResizeMode, float] = {"crop": 3.0, "pad": 6.0, "stretch": 6.0}
"""How many times as long as the other a side may be: beyond it the middle square leaves two thirds
out, and the whole is squeezed until little of it is left."""

_BETTER_QUARTER = 0.75

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


def report_doubtful(report: Report, project: Project, rows: Mapping[str, IndexedPicture]) -> None:
    """Report pictures in which little can be seen."""
    training = project.config.training
    found: dict[Kind, list[Suspicion]] = defaultdict(list)
    smallest_px = _smallest_side_px(training.image_size, rows)
    for samples in _comparable(project, rows):
        usual = _Usual.of([rows[sample.path] for sample in samples])
        for sample in samples:
            row = rows[sample.path]
            suspicion = Suspicion((sample.path,), (row.fingerprint,))
            if (fault := usual.fault_of(row)) is not None:
                found[fault].append(suspicion)
            if min(row.width, row.height) < smallest_px:
                found["too small"].append(suspicion)
            if _narrowness(row) > LONGEST_SIDES[training.resize_mode]:
                found["long and narrow"].append(suspicion)
    for kind, suspicions in found.items():
        report.add_all(
            kind,
            suspicions,
            partial(_doubtful_words, kind),
            _why(kind, training.resize_mode),
            _FIXES,
        )


@dataclass(frozen=True)
class _Usual:
    """What the better pictures of a class have."""

    sharpness: float
    contrast: float
    brightest: int
    darkest: int

    @classmethod
    def of(cls, rows: Sequence[IndexedPicture]) -> Self:
        """Return what three of four pictures have at most."""
        place = int((len(rows) - 1) * _BETTER_QUARTER)
        return cls(
            sorted(row.sharpness for row in rows)[place],
            sorted(row.contrast for row in rows)[place],
            int(median(row.brightest for row in rows)),
            int(median(row.darkest for row in rows)),
        )

    def fault_of(self, row: IndexedPicture) -> Kind | None:
        """What is wrong with how a picture was taken; one word is enough for each."""
        if row.contrast < max(FLAT_BELOW, min(UNIFORM_BELOW, OF_ITS_CLASS * self.contrast)):
            return "uniform"
        if row.brightest < DARK_BELOW and row.brightest < self.brightest - OF_ITS_LIGHT:
            return "dark"
        if row.darkest > BRIGHT_ABOVE and row.darkest > self.darkest + OF_ITS_LIGHT:
            return "bright"
        if row.sharpness < min(BLURRED_BELOW, 1 + OF_ITS_CLASS * (self.sharpness - 1)):
            return "blurred"
        return None


def _comparable(project: Project, rows: Mapping[str, IndexedPicture]) -> list[list[Sample]]:
    """The readable samples of each class; those of small classes, and of none, together."""
    by_class: dict[str | None, list[Sample]] = defaultdict(list)
    for sample in project.samples:
        if not rows[sample.path].problem:
            by_class[sample.class_name].append(sample)
    large = [each for name, each in by_class.items() if name and len(each) >= FEWEST_PER_CLASS]
    others = [
        sample
        for name, each in by_class.items()
        if not name or len(each) < FEWEST_PER_CLASS
        for sample in each
    ]
    return [*large, others] if others else large


def _smallest_side_px(image_size_px: int, rows: Mapping[str, IndexedPicture]) -> float:
    """How short the short side of a picture may be; where all are small, none is too small."""
    sides = [min(row.width, row.height) for row in rows.values() if not row.problem]
    return min(image_size_px / ENLARGED_AT_MOST, median(sides) / 2) if sides else 0.0


def _narrowness(row: IndexedPicture) -> float:
    return max(row.width, row.height) / max(1, min(row.width, row.height))


def _doubtful_words(kind: Kind, kept: Sequence[Suspicion]) -> str:
    one, many = DOUBTFUL_WORDS[kind]
    return f"{kept[0].paths[0]} {one}." if len(kept) == 1 else f"{len(kept):,} pictures {many}."


DOUBTFUL_WORDS: Mapping[Kind, tuple[str, str]] = {
    "uniform": ("is nearly one colour", "are nearly one colour"),
    "dark": ("is very dark", "are very dark"),
    "bright": ("is very bright", "are very bright"),
    "blurred": ("is blurred", "are blurred"),
    "too small": ("is very small", "are very small"),
    "long and narrow": ("is long and narrow", "are long and narrow"),
}
"""What is said of one picture and of several in which little can be seen."""

_WHY: Mapping[Kind, str] = {
    "uniform": "There is nothing to learn from one colour.",
    "dark": "Hardly anything can be told apart in the dark.",
    "bright": "What is overexposed is lost.",
    "blurred": "Edges are lost, and with them what tells classes apart.",
    "too small": (
        "Made more than four times as large it stays blurred, beside others that are sharp."
    ),
}

_WHY_NARROW: Mapping[ResizeMode, str] = {
    "crop": "Only the square in its middle is learned from; what matters may lie outside.",
    "pad": "Made small enough for a square, hardly anything is left to see.",
    "stretch": "Pressed into a square, it is out of shape.",
}


def _why(kind: Kind, mode: ResizeMode) -> str:
    return _WHY_NARROW[mode] if kind == "long and narrow" else _WHY[kind]
