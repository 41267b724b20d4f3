"""One pass over the pictures of a training: what they are, their features, the pictures themselves.

Each file is read once at most, and not at all where the index knows what is wanted of it. While a
batch of features is computed, the next pictures are read and decoded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import in_parallel, look_at, read_bytes, room_for
from cnnstudio.core.engine_api import Engine, FeatureKind, Pictures
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.project import Sample
from cnnstudio.core.storage.index import Index, IndexedPicture
from cnnstudio.core.training_members import Member

BATCH = 32
LARGE_PX = 48
"""Features of pictures with a shorter side say little that pixels do not."""

_ROWS_BETWEEN_STORES = 500

Features = npt.NDArray[np.float16]
"""Half the memory and disk of float32: features lie between 0 and some tens, and what 11 bits leave
out of them is far below what a compressed picture adds."""


@dataclass(frozen=True)
class Wanted:
    """What is needed of pictures: features of all of them or of large ones, the pictures."""

    features: Literal["all", "large"]
    pictures: bool


@dataclass(frozen=True)
class Gathered:
    """The pictures that could be read.

    `kept` says which of the members they are, counted from 0, in rising order; `rows`, what the
    index says of them, and `pictures`, shape (n, size, size, 3), belong to the same. `features` has
    a row, shape (length,), by fingerprint. `problems` has the reason for each member that is
    missing.
    """

    kept: list[int]
    rows: list[IndexedPicture]
    problems: dict[int, str]
    features: dict[str, Features]
    pictures: Pictures | None

    @property
    def marks(self) -> list[str]:
        """The fingerprints of the pictures."""
        return [row.fingerprint for row in self.rows]


@dataclass
class _Seen:
    """What reading a file gave: `picture`, of the backbone's size, where features are missing."""

    row: IndexedPicture
    tiny: npt.NDArray[np.uint8] | None = None
    picture: Pictures | None = None
    features: Features | None = None


def feature_name(kind: FeatureKind, config: RunConfig) -> str:
    """Return what features are called in the index; how pictures are made square matters."""
    return f"{kind.name}-{config.training.resize_mode}"


def gather(
    engine: Engine,
    members: Sequence[Member],
    config: RunConfig,
    wanted: Wanted,
    index: Index,
    context: TaskContext,
    in_memory_at_most_bytes: int | None = None,
) -> Gathered:
    """Read what a training needs of its pictures.

    Args:
        engine: computes features.
        members: whose files are read.
        config: names the backbone, the network's picture size, and how pictures are made square.
        wanted: what is needed.
        index: knows fingerprints and features, and keeps them batch by batch.
        context: progress and cancelling.
        in_memory_at_most_bytes: larger arrays of pictures are kept in a temporary file that
            vanishes with the array; by default a quarter of the free memory.

    Raises:
        StudioError: neither memory nor disk has room for the pictures, or the backbone's weights
            are missing.
        Cancelled: the user cancelled; what was computed until then is in the index.
    """
    room = None
    if wanted.pictures:
        room = room_for(len(members), config.training.image_size, in_memory_at_most_bytes)
    passing = _Pass(engine, members, config, wanted, index, room)
    kept: list[int] = []
    problems: dict[int, str] = {}
    to_read = [number for number in range(len(members)) if passing.must_read(number)]
    is_read = set(to_read)
    clock = ProgressClock("Looking closely at the pictures", len(to_read), context)
    # While a batch is computed, the next two are read.
    results = zip(itertools.count(1), in_parallel(to_read, passing.read, context, ahead=2 * BATCH))
    try:
        for number in range(len(members)):
            if number in is_read:
                done, seen = next(results)
                clock.report(done)
                if isinstance(seen, UnreadablePicture):
                    problems[number] = seen.reason
                    continue
                passing.note(number, seen)
                if seen.row.problem:
                    problems[number] = seen.row.problem
                    continue
            # Rows of pictures that cannot be read are closed up; the row above is finished by now.
            if room is not None and len(kept) != number:
                room[len(kept)] = room[number]
            kept.append(number)
        passing.compute()
    finally:
        passing.store_rows()
    pictures = None if room is None else room[: len(kept)]
    rows = [passing.rows[number] for number in kept]
    return Gathered(kept, rows, problems, passing.features, pictures)


class _Pass:
    """What is known before, what threads read, and what is computed from it."""

    def __init__(
        self,
        engine: Engine,
        members: Sequence[Member],
        config: RunConfig,
        wanted: Wanted,
        index: Index,
        room: Pictures | None,
    ) -> None:
        self._engine = engine
        self._members = members
        self._backbone = config.transfer.backbone
        self._mode = config.training.resize_mode
        self._size_px = config.training.image_size
        self._wanted = wanted
        self._index = index
        self._room = room
        self._kind = engine.feature_kind(self._backbone)
        self._name = feature_name(self._kind, config)
        known = index.find(member.sample for member in members)
        self.rows = {
            number: known[member.path]
            for number, member in enumerate(members)
            if member.path in known and not known[member.path].problem
        }
        self.features = self._kept({row.fingerprint for row in self.rows.values()})
        self._new_rows: dict[Sample, IndexedPicture] = {}
        self._tiny: dict[str, npt.NDArray[np.uint8]] = {}
        self._pending: dict[str, Pictures] = {}

    def must_read(self, number: int) -> bool:
        """Whether the index does not know all that is wanted of a picture."""
        if self._wanted.pictures or number not in self.rows:
            return True
        return self._lacks_features(self.rows[number])

    def read(self, number: int) -> _Seen:
        """Read one file; called from several threads.

        Raises:
            UnreadablePicture: it is no picture.
        """
        data = read_bytes(self._members[number].place)
        row, tiny = self.rows.get(number), None
        if row is None:
            row, tiny = look_at(data)
            if row.problem:
                return _Seen(row)
        picture = None
        if self._room is not None:
            picture = self._room[number] = read_array(data, self._size_px, self._mode)
        if not self._lacks_features(row):
            return _Seen(row, tiny)
        mark = row.fingerprint
        if kept := self._kept({mark}):
            return _Seen(row, tiny, features=kept[mark])
        if picture is None or self._size_px != self._kind.size_px:
            picture = read_array(data, self._kind.size_px, self._mode)
        return _Seen(row, tiny, picture)

    def note(self, number: int, seen: _Seen) -> None:
        """Take in what was read, and compute features once there is a batch."""
        mark = seen.row.fingerprint
        if number not in self.rows:
            self.rows[number] = seen.row
            self._new_rows[self._members[number].sample] = seen.row
        if seen.tiny is not None:
            self._tiny[mark] = seen.tiny
        if len(self._new_rows) >= _ROWS_BETWEEN_STORES:
            self.store_rows()
        if seen.features is not None:
            self.features[mark] = seen.features
        if seen.picture is not None and mark not in self.features:
            self._pending[mark] = seen.picture  # of copies one is looked at
        if len(self._pending) >= BATCH:
            self.compute()

    def compute(self) -> None:
        """Compute and keep the features of the pictures that wait for it."""
        if not self._pending:
            return
        rows = self._engine.features(np.stack(list(self._pending.values())), self._backbone)
        found = dict(zip(self._pending, rows.astype(np.float16), strict=True))
        self._index.store_features(self._name, found)
        self.features.update(found)
        self._pending.clear()

    def store_rows(self) -> None:
        """Keep what was found out about the files."""
        self._index.store_features(TINY, self._tiny)  # first: who finds a row relies on them
        self._index.store(self._new_rows)
        self._tiny.clear()
        self._new_rows.clear()

    def _lacks_features(self, row: IndexedPicture) -> bool:
        is_wanted = self._wanted.features == "all" or min(row.width, row.height) >= LARGE_PX
        return is_wanted and row.fingerprint not in self.features

    def _kept(self, marks: set[str]) -> dict[str, Features]:
        return known_features(self._index, self._name, self._kind, marks)


def known_features(
    index: Index, name: str, kind: FeatureKind, marks: Iterable[str]
) -> dict[str, Features]:
    """Return the features of a kind that the index knows, by fingerprint."""
    return {
        mark: row.astype(np.float16)
        for mark, row in index.find_features(name, marks).items()
        if row.shape == (kind.length,)
    }
