"""Dealing pictures to the train, validation and test parts.

What is dealt are groups of look-alikes, not files: copies of a picture, frames of one video and the
like always get the same side, so that no network is tested on what it has as good as learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cnnstudio.core.dataset.dealing import Dealing, Unit
from cnnstudio.core.project import SPLITS, Split
from cnnstudio.core.storage.split_book import SplitBook


def split_samples(
    fingerprints: Sequence[str],
    labels: Sequence[int],
    pinned_by_folder: Sequence[Split | None],
    book: SplitBook,
    seed: int,
    validation_share: float,
    test_share: float,
    groups: Sequence[int] = (),
) -> tuple[list[Split], SplitBook]:
    """Return each sample's part, and the book in which this is kept for the next time.

    The same pictures, groups, seed and shares give the same parts in whatever order they come.
    Sides in the book are kept as long as seed and shares are the book's; new pictures fill what the
    shares (0 to 1, of each class) still want, as near as whole groups come to that. A class with at
    least 3 groups has one in validation; it has one in the test part as well when that has a share
    and the class 4 pictures. Smaller classes are learned whole, and of each class something is
    learned.

    `groups` has a number for each sample that look-alikes share (`look_alikes` finds them); without
    it only copies belong together. When look-alikes lie on different sides in the book, all go to
    the earliest: what a run has learned never becomes a test picture. Where a class loses half of
    its validation or test part by that, it is dealt anew.

    `pinned_by_folder` and the book's own pins come before all shares and groups. A picture that is
    pinned to several parts counts for the test part, else for validation; look-alikes of it that
    are not pinned follow, unless nothing of their class were left to learn. When no picture is
    pinned to validation, pictures pinned to train are dealt between those two. The shares are of
    the pictures that no folder makes the validation or test part: 15 % of train, not of train and
    test.
    """
    pins = _pins(fingerprints, pinned_by_folder, book.pinned)
    sides = dict(book.sides)
    if (book.seed, book.validation_share, book.test_share) != (seed, validation_share, test_share):
        sides = {}
    label_of = _label_of(fingerprints, labels)
    group_of = _group_of(fingerprints, groups)
    held = _held(pins)
    dealing = Dealing(
        label_of,
        held,
        _units(label_of, group_of, pins, held),
        {"validation": validation_share, "test": test_share},
        seed,
        {
            mark
            for mark, side in _pins(fingerprints, pinned_by_folder, {}).items()
            if side != "train"
        },
    )
    dealing.take_sides(sides)
    if validation_share and not dealing.has_any("validation"):
        # The sides of old hold no validation any more: all of it was removed. Deal anew.
        dealing.take_sides({})
    dealt = dealing.deal()
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
    totals = Counter(labels)
    missing: dict[str, list[int]] = {}
    for label in range(len(class_titles)):
        parts = [_FOR[split] for split in _FOR if counts[split] and not counts[split][label]]
        if parts and totals[label]:
            missing.setdefault(" or ".join(parts), []).append(label)
    return [
        _without_part(parts, [class_titles[label] for label in of_them], totals[of_them[0]])
        for parts, of_them in missing.items()
    ]


_FOR: dict[Split, str] = {"validation": "for validation", "test": "for the test"}
_NAMED_AT_MOST = 3


def _without_part(parts: str, titles: Sequence[str], count: int) -> str:
    """Say what is not known of some classes; `count` is how many pictures the first of them has."""
    if len(titles) == 1:
        pictures = "1 picture" if count == 1 else f"{count:,} pictures"
        return (
            f"{titles[0]} has {pictures}, none of them {parts}: how well it is recognised will not"
            " be known."
        )
    named = ", ".join(titles[:_NAMED_AT_MOST])
    if len(titles) > _NAMED_AT_MOST:
        named += f" and {len(titles) - _NAMED_AT_MOST:,} more"
    return (
        f"{len(titles):,} classes have no pictures {parts}: {named}. How well they are recognised"
        " will not be known."
    )


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


def _held(pins: Mapping[str, Split]) -> dict[str, Split]:
    """The pictures that stay where they are pinned to."""
    is_validation_given = "validation" in pins.values()
    return {mark: side for mark, side in pins.items() if side != "train" or is_validation_given}


def _label_of(fingerprints: Sequence[str], labels: Sequence[int]) -> dict[str, int]:
    """The class of each picture; one that lies in several counts for the first of them."""
    label_of: dict[str, int] = {}
    for mark, label in zip(fingerprints, labels, strict=True):
        label_of[mark] = min(label, label_of.get(mark, label))
    return label_of


def _group_of(fingerprints: Sequence[str], groups: Sequence[int]) -> dict[str, str]:
    """A name of the group of each picture that depends on the order of nothing."""
    if not groups:
        return {mark: mark for mark in fingerprints}
    names: dict[int, str] = {}
    for mark, group in zip(fingerprints, groups, strict=True):
        names[group] = min(mark, names.get(group, mark))
    return {mark: names[group] for mark, group in zip(fingerprints, groups, strict=True)}


def _units(
    label_of: Mapping[str, int],
    group_of: Mapping[str, str],
    pins: Mapping[str, Split],
    held: Mapping[str, Split],
) -> list[Unit]:
    """What of each group is free to be dealt; where others of it are held, at their side."""
    units: dict[str, Unit] = {}
    for mark in sorted(label_of):
        if mark in held:
            continue
        unit = units.setdefault(group_of[mark], Unit())
        unit.add(mark, label_of[mark])
        # Pictures pinned to train are dealt to validation at most.
        unit.may_test = unit.may_test and pins.get(mark) != "train"
    for mark, side in held.items():
        unit_beside = units.get(group_of[mark])
        if unit_beside is not None and (side != "test" or unit_beside.may_test):
            unit_beside.follow(side)
    return list(units.values())
