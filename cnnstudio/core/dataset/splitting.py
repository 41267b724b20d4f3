"""Dealing pictures to the train, validation and test parts.

What is dealt are fingerprints, not files: copies of a picture always get the same side, so that no
network is tested on what it has learned.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cnnstudio.core.project import SPLITS, Split
from cnnstudio.core.storage.split_book import SplitBook

FEWEST_TO_VALIDATE = 3
"""A class with fewer different pictures is learned whole."""

FEWEST_TO_TEST = 4


@dataclass
class _Unit:
    """One fingerprint: its class, and its side once it has one."""

    mark: str
    label: int
    side: Split | None = None
    may_test: bool = True


def split_samples(
    fingerprints: Sequence[str],
    labels: Sequence[int],
    pinned_by_folder: Sequence[Split | None],
    book: SplitBook,
    seed: int,
    validation_share: float,
    test_share: float,
) -> tuple[list[Split], SplitBook]:
    """Return each sample's part, and the book in which this is kept for the next time.

    The same pictures, seed and shares give the same parts in whatever order they come. Sides in the
    book are kept as long as seed and shares are the book's; new pictures fill what the shares
    (0 to 1, of each class) still want. A class with at least 3 pictures has at least one in
    validation, with 4 one in the test part when that has a share; smaller classes are learned
    whole.

    `pinned_by_folder` and the book's own pins come before all shares. A picture that is pinned
    to several parts counts for the test part, else for validation. When no picture is pinned to
    validation, pictures pinned to train are dealt between those two.
    """
    pins = _pins(fingerprints, pinned_by_folder, book.pinned)
    sides = dict(book.sides)
    if (book.seed, book.validation_share, book.test_share) != (seed, validation_share, test_share):
        sides = {}
    units = _units(fingerprints, labels, pins, sides)
    if validation_share and not any(unit.side == "validation" for unit in units):
        # The sides of old hold no validation any more: all of it was removed. Deal anew.
        units = _units(fingerprints, labels, pins, {})
    by_label: dict[int, list[_Unit]] = defaultdict(list)
    for unit in units:
        by_label[unit.label].append(unit)
    for group in by_label.values():
        _deal(group, seed, validation_share, test_share)
    dealt: dict[str, Split] = {unit.mark: unit.side or "train" for unit in units}
    for mark, side in dealt.items():
        if pins.get(mark) != side:
            sides[mark] = side
    return [dealt[mark] for mark in fingerprints], replace(
        book, seed=seed, validation_share=validation_share, test_share=test_share, sides=sides
    )


def split_warnings(
    labels: Sequence[int], splits: Sequence[Split], class_titles: Sequence[str]
) -> list[str]:
    """Return sentences about classes that have no pictures in a part where others have some."""
    counts: dict[Split, Counter[int]] = {split: Counter() for split in SPLITS}
    for label, split in zip(labels, splits, strict=True):
        counts[split][label] += 1
    sentences = []
    for label, title in enumerate(class_titles):
        total = sum(counts[split][label] for split in SPLITS)
        if total and not counts["validation"][label] and counts["validation"]:
            pictures = "1 picture" if total == 1 else f"{total} pictures"
            sentences.append(
                f"{title} has {pictures}, none of them for validation: how well it is"
                " recognised will not be known."
            )
    return sentences


def _pins(
    fingerprints: Sequence[str],
    by_folder: Sequence[Split | None],
    by_book: Mapping[str, Split],
) -> dict[str, Split]:
    pins: dict[str, Split] = {}
    for mark, side in zip(fingerprints, by_folder, strict=True):
        if side is not None and SPLITS.index(side) >= SPLITS.index(pins.get(mark, "train")):
            pins[mark] = side
    for mark in fingerprints:
        if mark in by_book and mark not in pins:
            pins[mark] = by_book[mark]
    return pins


def _units(
    fingerprints: Sequence[str],
    labels: Sequence[int],
    pins: Mapping[str, Split],
    sides: Mapping[str, Split],
) -> list[_Unit]:
    """One unit per fingerprint; one that lies in several classes counts for the first of them."""
    label_of: dict[str, int] = {}
    for mark, label in zip(fingerprints, labels, strict=True):
        label_of[mark] = min(label, label_of.get(mark, label))
    is_validation_given = "validation" in pins.values()
    is_test_given = "test" in pins.values()
    units = []
    for mark, label in label_of.items():
        unit = _Unit(mark, label, sides.get(mark))
        pin = pins.get(mark)
        if pin == "train" and not is_validation_given:
            unit.may_test = False
            if unit.side == "test":
                unit.side = None
        elif pin is not None:
            unit.side = pin
        unit.may_test = unit.may_test and not (is_test_given and pin == "train")
        units.append(unit)
    return units


def _deal(units: list[_Unit], seed: int, validation_share: float, test_share: float) -> None:
    """Give a side to the units of one class that have none."""
    validation, test = _wanted(len(units), validation_share, test_share)
    validation -= sum(unit.side == "validation" for unit in units)
    test -= sum(unit.side == "test" for unit in units)
    # One picture at least is learned, whatever is wanted.
    spare = sum(unit.side is None for unit in units) - (
        0 if any(unit.side == "train" for unit in units) else 1
    )
    for unit in sorted(units, key=lambda unit: _rank(seed, unit.mark)):
        if unit.side is not None:
            continue
        unit.side = "train"
        if spare > 0 and validation > 0:
            unit.side, validation, spare = "validation", validation - 1, spare - 1
        elif spare > 0 and test > 0 and unit.may_test:
            unit.side, test, spare = "test", test - 1, spare - 1


def _wanted(count: int, validation_share: float, test_share: float) -> tuple[int, int]:
    """How many of a class's pictures belong to validation and test."""
    validation = test = 0
    if count >= FEWEST_TO_VALIDATE and validation_share:
        validation = max(1, math.floor(count * validation_share + 0.5))
    if count >= FEWEST_TO_TEST and test_share:
        test = max(1, math.floor(count * test_share + 0.5))
    while validation + test >= count > 1:
        if test > validation:
            test -= 1
        else:
            validation -= 1
    return validation, test


def _rank(seed: int, mark: str) -> bytes:
    """A place in the dealing that depends on nothing but the seed and the picture."""
    return hashlib.sha256(f"{seed}:{mark}".encode()).digest()
