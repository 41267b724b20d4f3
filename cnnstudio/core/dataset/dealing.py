"""Dealing units, that may not be divided, to the three parts by the shares of each class."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cnnstudio.core.project import SPLITS, Split

FEWEST_TO_VALIDATE = 3
"""A class with fewer groups of look-alikes is learned whole."""

FEWEST_TO_TEST = 4
"""A class with fewer different pictures is not tested."""

_LEAST_LEFT = 0.5  # of a class's validation or test after mending; with less it is dealt anew


@dataclass
class Unit:
    """Pictures that are dealt together, and how many they are of each class.

    `side` is None until it has one. Where `is_following`, it is that of look-alikes that are held;
    where `is_kept`, that of an earlier dealing.
    """

    marks: list[str] = field(default_factory=list)
    counts: Counter[int] = field(default_factory=Counter)
    side: Split | None = None
    is_following: bool = False
    is_kept: bool = False
    may_test: bool = True

    def add(self, mark: str, label: int) -> None:
        """Take a picture in."""
        self.marks.append(mark)
        self.counts[label] += 1

    def follow(self, side: Split) -> None:
        """Stay at a side; of several at the latest, so that no look-alike of a test is learned."""
        if self.side is None or SPLITS.index(side) > SPLITS.index(self.side):
            self.side = side
        self.is_following = True

    @property
    def home(self) -> int:
        """The class that most of its pictures have: it is dealt with the units of that."""
        return min(self.counts, key=lambda label: (-self.counts[label], label))


class Dealing:
    """One dealing: pictures that are held at their side, and units that get one."""

    def __init__(
        self,
        label_of: Mapping[str, int],
        held: Mapping[str, Split],
        units: Sequence[Unit],
        shares: Mapping[Split, float],
        seed: int,
        given: Collection[str] = (),
    ) -> None:
        """Begin with what is held.

        Args:
            label_of: the class of every picture, by fingerprint.
            held: those whose side is given.
            units: all the others.
            shares: wanted of each class, 0 to 1, of validation and test.
            seed: makes the order in which units are dealt.
            given: those that are a whole validation or test part by themselves: the shares are of
                the others.
        """
        self._label_of = label_of
        self._held = {mark: side for mark, side in held.items() if mark in label_of}
        self._units = units
        self._shares = shares
        # In an order that depends on nothing but the seed and the pictures.
        self._ranked = sorted(units, key=lambda unit: _rank(seed, min(unit.marks)))
        self._sizes = Counter(label for mark, label in label_of.items() if mark not in given)
        self._held_counts: dict[Split, Counter[int]] = {split: Counter() for split in SPLITS}
        for mark, side in self._held.items():
            self._held_counts[side][label_of[mark]] += 1

    def has_any(self, split: Split) -> bool:
        """Whether anything has this side by now."""
        return split in self._held.values() or any(unit.side == split for unit in self._units)

    def take_sides(self, sides: Mapping[str, Split]) -> None:
        """Give each unit the earliest side of its pictures; deal anew where too much is lost."""
        lost: dict[Split, Counter[int]] = {split: Counter() for split in SPLITS}
        for unit in self._units:
            if unit.is_following:
                continue
            had = {
                mark: side
                for mark in unit.marks
                if (side := sides.get(mark)) is not None and (unit.may_test or side != "test")
            }
            unit.side = min(had.values(), key=SPLITS.index, default=None)
            unit.is_kept = unit.side is not None
            for mark, side in had.items():
                lost[side][self._label_of[mark]] += side != unit.side
        counts = self._counts()
        poor = {
            label
            for split in SPLITS[1:]
            for label, count in lost[split].items()
            if counts[split][label] < _LEAST_LEFT * (counts[split][label] + count)
        }
        for unit in self._units:
            if not unit.is_following and unit.home in poor:
                unit.side, unit.is_kept = None, False

    def deal(self) -> dict[str, Split]:
        """Give a side to every unit that has none, and return that of every picture."""
        waiting: dict[int, list[Unit]] = defaultdict(list)
        for unit in self._ranked:
            if unit.side is None:
                waiting[unit.home].append(unit)
        groups = Counter(unit.home for unit in self._units)
        for split in SPLITS:
            # What is held was given by the user: each picture of it for itself.
            groups.update(self._held_counts[split])
        counts = self._counts()
        for label in sorted(waiting):
            self._deal_class(label, waiting[label], groups[label], counts)
        self._let_all_be_learned()
        dealt: dict[str, Split] = {
            mark: unit.side or "train" for unit in self._units for mark in unit.marks
        }
        return dealt | self._held

    def _deal_class(
        self,
        label: int,
        waiting: list[Unit],
        group_count: int,
        counts: dict[Split, Counter[int]],
    ) -> None:
        wanted = self._wanted(self._sizes[label], group_count)
        # One at least is learned, whatever is wanted.
        spare = len(waiting) - (0 if counts["train"][label] else 1)
        for unit, split in self._chosen(label, waiting, wanted, counts):
            if spare <= 0:
                break
            unit.side = split
            spare -= 1
            for each, count in unit.counts.items():
                counts[split][each] += count
        for unit in waiting:
            if unit.side is None:
                unit.side = "train"
                counts["train"].update(unit.counts)

    def _chosen(
        self,
        label: int,
        waiting: list[Unit],
        wanted: Mapping[Split, int],
        counts: Mapping[Split, Counter[int]],
    ) -> Iterator[tuple[Unit, Split]]:
        """Give units to take out of training, each with its part; the caller counts them."""

        def left(split: Split) -> int:
            return wanted[split] - counts[split][label]

        def free(split: Split) -> list[Unit]:
            return [
                unit for unit in waiting if unit.side is None and (split != "test" or unit.may_test)
            ]

        def size(unit: Unit) -> int:
            return unit.counts[label]

        # First what must not be missing, with the smallest group if need be.
        for split in wanted:
            units = free(split)
            if units and not counts[split][label]:
                fitting = [unit for unit in units if size(unit) <= left(split)]
                yield (fitting[0] if fitting else min(units, key=size)), split
        for unit in waiting:
            parts = [
                split
                for split in wanted
                if size(unit) <= left(split) and (split != "test" or unit.may_test)
            ]
            if parts and unit.side is None:
                yield unit, max(parts, key=lambda split: left(split) / wanted[split])
        # What is left is too large for the rest of a share, but may come nearer to it all the same.
        for split in wanted:
            smallest = min(free(split), key=size, default=None)
            if smallest is not None and size(smallest) < 2 * left(split):
                yield smallest, split

    def _let_all_be_learned(self) -> None:
        """Have something of each class learned, even if its look-alikes are held elsewhere.

        What keeps its side does so: where the rest of its class was removed, that is known.
        """
        counts = self._counts()
        for label in sorted(self._sizes):
            mine = [unit for unit in self._ranked if unit.counts[label] and not unit.is_kept]
            if mine and not counts["train"][label]:
                largest = max(mine, key=lambda unit: unit.counts[label])
                largest.side = "train"
                counts = self._counts()

    def _wanted(self, count: int, group_count: int) -> dict[Split, int]:
        """How many of a class's pictures belong to validation and test."""
        wanted: dict[Split, int] = {}
        if group_count < FEWEST_TO_VALIDATE:
            return wanted
        for split, share in self._shares.items():
            if share and (split != "test" or count >= FEWEST_TO_TEST):
                wanted[split] = max(1, math.floor(count * share + 0.5))
        while sum(wanted.values()) >= count:
            wanted[max(wanted, key=lambda split: (wanted[split], split))] -= 1
        return wanted

    def _counts(self) -> dict[Split, Counter[int]]:
        counts = {split: Counter(count) for split, count in self._held_counts.items()}
        for unit in self._units:
            if unit.side is not None:
                counts[unit.side].update(unit.counts)
        return counts


def _rank(seed: int, mark: str) -> bytes:
    """A place in the dealing that depends on nothing but the seed and the picture."""
    return hashlib.sha256(f"{seed}:{mark}".encode()).digest()
