"""Pictures that look nearly the same.

All looks (the perceptual hashes of `measuring`) are compared with each other, bit by bit: with
NumPy that is a thousand million pairs in a second or two, whatever the pictures are like, where a
table by parts of the hash is fast only as long as looks differ. Those that come near are candidates
and nothing more; `likeness` then compares the tiny pictures of each pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.dataset.health.likeness import correlations, same_pictures
from cnnstudio.core.dataset.health.measuring import TINY_SIZE
from cnnstudio.core.dataset.reading import in_parallel
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.index import IndexedPicture

LoadTiny = Callable[[Iterable[str]], Mapping[str, NDArray[np.generic]]]
"""Gives the tiny pictures of fingerprints, as far as they are known."""

_BITS_APART = 10  # a cut by 2 % on each side changes 4 bits, and more than 10 hardly ever
_ASPECT_APART = 0.06  # in parts of the aspect ratio
_LEAST_CONTRAST = 4.0  # what is flatter has no look, only noise
_LEAST_CORRELATION = 0.88
_CANDIDATES_EACH = 32  # the nearest; where all pictures look alike there would be millions
_ROWS_AT_ONCE, _COLUMNS_AT_ONCE = 64, 4096  # together they fit the nearest cache of a core
_LOOKED_AT_ONCE = 128
_PAIRS_AT_ONCE = 2000
_WORDS = "Looking for near twins"


@dataclass(frozen=True)
class _Looks:
    """What is compared first, of different pictures: those that are not new come before."""

    marks: Sequence[str]
    first_new: int
    looks: NDArray[np.uint64]
    aspects: NDArray[np.float32]
    sides_px: NDArray[np.int64]


class TwinSearch:
    """Finds near twins, and remembers which pictures it has compared already.

    One search serves one project for as long as it is open: after an edit only what is new is
    compared. Used by one thread at a time.

    Args:
        compared: fingerprints of pictures that need not be compared with each other.
    """

    def __init__(self, compared: Iterable[str] = ()) -> None:
        self._compared = set(compared)
        self._twins: dict[str, set[str]] = defaultdict(set)

    def groups(
        self, rows: Mapping[str, IndexedPicture], tiny: LoadTiny, context: TaskContext
    ) -> list[list[str]]:
        """Return groups of fingerprints of pictures that look nearly the same.

        In each group the first looks like every other. A picture is in one group at most, so that
        a long film does not become one group from its first to its last scene.

        Raises:
            Cancelled: the user cancelled; nothing of this search is remembered.
        """
        self._compare(rows, tiny, context)
        return _grouped(list(dict.fromkeys(row.fingerprint for row in rows.values())), self._twins)

    def pairs(
        self, rows: Mapping[str, IndexedPicture], tiny: LoadTiny, context: TaskContext
    ) -> list[tuple[str, str]]:
        """Return all pairs of fingerprints, each once, of pictures that look nearly the same.

        Raises:
            Cancelled: the user cancelled; nothing of this search is remembered.
        """
        self._compare(rows, tiny, context)
        there = {row.fingerprint for row in rows.values()}
        return sorted(
            (mark, other)
            for mark in there & self._twins.keys()
            for other in self._twins[mark] & there
            if mark < other
        )

    def _compare(
        self, rows: Mapping[str, IndexedPicture], tiny: LoadTiny, context: TaskContext
    ) -> None:
        seen = _looks_of(rows, self._compared)
        found = [
            pair
            for pairs in _in_chunks(_candidates(seen, context))
            for pair in _confirmed(seen, pairs, tiny, context)
        ]
        for one, other in found:
            self._twins[one].add(other)
            self._twins[other].add(one)
        self._compared.update(seen.marks)


def _looks_of(rows: Mapping[str, IndexedPicture], compared: Collection[str]) -> _Looks:
    different = {
        row.fingerprint: row
        for row in rows.values()
        if not row.problem and row.contrast >= _LEAST_CONTRAST
    }
    marks = [mark for mark in different if mark in compared]
    new = [mark for mark in different if mark not in compared]
    pictures = [different[mark] for mark in (*marks, *new)]
    sizes = np.array([(row.width, row.height) for row in pictures], np.int64).reshape(-1, 2)
    return _Looks(
        (*marks, *new),
        len(marks),
        np.array([row.look for row in pictures], np.int64).view(np.uint64),
        np.log(sizes[:, 0] / sizes[:, 1]).astype(np.float32),
        sizes.min(axis=1),
    )


def _candidates(seen: _Looks, context: TaskContext) -> Iterator[NDArray[np.int64]]:
    """Pairs of places, (n, 2), whose looks are near; the first of each is new, and the later."""
    starts = range(seen.first_new, len(seen.marks), _ROWS_AT_ONCE)
    for number, pairs in enumerate(in_parallel(starts, partial(_near, seen), context)):
        assert isinstance(pairs, np.ndarray)
        context.report(Progress(_WORDS, number + 1, len(starts)))
        if len(pairs):
            yield pairs


def _near(seen: _Looks, start: int) -> NDArray[np.int64]:
    """The candidates among the pictures before each of a block that begins at `start`."""
    block = seen.looks[start : start + _ROWS_AT_ONCE, None]
    # Written over for each tile: asking the system for new room takes longer than the comparing.
    room = np.empty((len(block), _COLUMNS_AT_ONCE), np.uint64)
    counts = np.empty(room.shape, np.uint8)
    most_bits = _BITS_APART
    found = [np.empty((0, 3), np.int64)]
    for column in range(0, start + len(block), _COLUMNS_AT_ONCE):
        others = seen.looks[None, column : column + _COLUMNS_AT_ONCE]
        different = np.bitwise_xor(block, others, out=room[:, : others.size])
        bits = np.bitwise_count(different, out=counts[:, : others.size])
        near = bits <= most_bits
        # Where nearly all look alike, only the nearest can be the same.
        while (hits := np.count_nonzero(near)) > _CANDIDATES_EACH * len(block) and most_bits:
            most_bits -= 1
            near = bits <= most_bits
        if hits:
            rows, places = np.nonzero(near)
            found.append(np.stack([rows + start, places + column, bits[rows, places]], axis=1))
    rows, places, bits = np.concatenate(found).T
    aspect = np.abs(seen.aspects[rows] - seen.aspects[places]) <= _ASPECT_APART
    kept = np.flatnonzero((places < rows) & aspect)
    kept = kept[np.lexsort((bits[kept], rows[kept]))]
    rank = np.arange(len(kept)) - np.searchsorted(rows[kept], rows[kept])
    kept = kept[rank < _CANDIDATES_EACH]
    return np.stack([rows[kept], places[kept]], axis=1)


def _in_chunks(parts: Iterable[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    """The same pairs in parts of one length, so that each step takes a moment and little room."""
    waiting: list[NDArray[np.int64]] = []
    count = 0
    for part in parts:
        waiting.append(part)
        count += len(part)
        if count >= _PAIRS_AT_ONCE:
            together = np.concatenate(waiting)
            whole = count - count % _PAIRS_AT_ONCE
            yield from np.split(together[:whole], whole // _PAIRS_AT_ONCE)
            waiting, count = [together[whole:]], count - whole
    if count:
        yield np.concatenate(waiting)


def _confirmed(
    seen: _Looks, pairs: NDArray[np.int64], tiny: LoadTiny, context: TaskContext
) -> list[tuple[str, str]]:
    context.checkpoint()
    places = np.unique(pairs)
    known = tiny([seen.marks[place] for place in places])
    pictures = np.zeros((len(places), TINY_SIZE), np.uint8)
    is_known = np.zeros(len(places), bool)
    for number, place in enumerate(places):
        picture = known.get(seen.marks[place])
        if picture is not None and picture.size == TINY_SIZE:
            pictures[number], is_known[number] = picture, True
    ones, others = (np.searchsorted(places, pairs[:, side]) for side in (0, 1))
    likely = is_known[ones] & is_known[others]
    likely[likely] = (
        correlations(pictures[ones[likely]], pictures[others[likely]]) >= _LEAST_CORRELATION
    )
    chosen = np.flatnonzero(likely)
    same: list[tuple[str, str]] = []
    for start in range(0, len(chosen), _LOOKED_AT_ONCE):
        context.checkpoint()
        part = chosen[start : start + _LOOKED_AT_ONCE]
        smallest = seen.sides_px[pairs[part]].min(axis=1)
        is_same = same_pictures(pictures[ones[part]], pictures[others[part]], smallest)
        same += [(seen.marks[one], seen.marks[other]) for one, other in pairs[part[is_same]]]
    return same


def _grouped(marks: Sequence[str], twins: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups around those with most twins, in the order of the marks."""
    place = {mark: number for number, mark in enumerate(marks)}
    near = {
        mark: [each for each in twins[mark] if each in place] for mark in marks if mark in twins
    }
    taken: set[str] = set()
    groups = []
    for mark in sorted(near, key=lambda each: (-len(near[each]), place[each])):
        others = [each for each in near[mark] if each not in taken]
        if mark not in taken and others:
            group = [mark, *sorted(others, key=place.__getitem__)]
            taken.update(group)
            groups.append(group)
    return sorted(groups, key=lambda group: min(place[mark] for mark in group))
