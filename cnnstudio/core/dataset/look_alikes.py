"""Finding pictures that belong together, so that none of them is tested on what others taught.

Two kinds of evidence. Certain: frames of one video or burst, near twins, and pictures that follow
one another in a numbered series and look alike. Likely: strangers whose features are nearly equal,
such as two garments on one hanger in one evening. How sure that is was measured on 3,409 photos of
clothes, see the constants.

Times of files are no evidence: an archive or a copy gives all of them the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.dataset.feature_neighbours import cosines, directions, near_pairs
from cnnstudio.core.dataset.health.likeness import correlations
from cnnstudio.core.dataset.health.measuring import TINY_SIZE
from cnnstudio.core.dataset.health.twins import LoadTiny, TwinSearch
from cnnstudio.core.dataset.joining import join
from cnnstudio.core.dataset.series import series_neighbours
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.natural_order import natural_text, sorted_rows
from cnnstudio.core.storage.index import IndexedPicture

Reason = Literal["copies", "taken together", "series", "near copies", "look-alikes"]

# Cosines of features without their mean. Of 5.8 million pairs of photos of clothes 64 have 0.85 and
# more, all but one (a copy) two garments in one room before one camera; of 200 drawn micrographs,
# 200 textures and 600 digits, whose strangers reach 0.99 before the mean is taken out, 1 in 370
# pairs has at most. Frames of a video that follow one another have 0.87 and more in 19 of 20 cases.
_ALIKE = 0.85
# Together with pixels that agree: copies cut, saved small or in another light.
_ALIKE_IN_PIXELS_TOO = 0.78
_PIXELS_AGREE = 0.9
# Of pictures below 48 px: strangers among signs and digits reach 0.90.
_ALIKE_SMALL = 0.92
# In a series: 99 of 100 frames have 0.83 and more beside the next one.
_ALIKE_IN_SERIES = 0.8
_PIXELS_AGREE_IN_SERIES = 0.97
_LEAST_CONTRAST = 4.0  # features of blank pictures are all the same, and so are their pixels
_SMALL_PX = 48  # features of smaller pictures are features of blocks
_LARGE_SHARE = 0.1
_PAIRS_AT_ONCE = 4096


def _alone(mark: str) -> str | None:
    return None


@dataclass(frozen=True)
class Album:
    """What is known of pictures; `paths`, `labels` and `rows` have an item for each of them.

    `tiny` loads tiny pictures by fingerprint. `features` may lack some, or all. `taken_with` gives
    a name that pictures of one video or burst share, by fingerprint (`ImportBook.group_of`).
    """

    paths: Sequence[str]
    labels: Sequence[int]
    rows: Sequence[IndexedPicture]
    tiny: LoadTiny
    features: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    taken_with: Callable[[str], str | None] = _alone


@dataclass(frozen=True)
class LookAlikes:
    """`group_of` has for each picture a number that those share which belong together.

    `counts` says how many files have an other file in their group for a reason. `divided` are
    the classes that belong together as a whole, and so had to be divided all the same.
    """

    group_of: tuple[int, ...]
    counts: Mapping[Reason, int] = field(default_factory=dict)
    divided: tuple[int, ...] = ()


def are_features_telling(rows: Sequence[IndexedPicture]) -> bool:
    """Return whether features are wanted to find look-alikes, whatever network is trained.

    The same pictures shall be dealt alike for every preset, or runs could not be compared. Of
    digits and icons (nine of ten pictures with a side below 48 px) pixels say more.
    """
    large = sum(min(row.width, row.height) >= _SMALL_PX for row in rows)
    return large > _LARGE_SHARE * len(rows)


def small_pictures_words(rows: Sequence[IndexedPicture]) -> str:
    """Return what is not found among pictures so small that features say little; "" for others.

    Strangers among them, such as two digits, are as alike as two frames of one video.
    """
    if not rows or are_features_telling(rows):
        return ""
    return (
        f"Pictures below {_SMALL_PX} px all look much alike, so only copies, numbered series and"
        " frames of an imported video are kept on one side. Were others of them taken in one go,"
        " the figures will be too good."
    )


def find_look_alikes(album: Album, context: TaskContext) -> LookAlikes:
    """Group pictures that belong together; the order in which they are given does not matter.

    Raises:
        Cancelled: the user cancelled.
    """
    first_of: dict[str, int] = {}
    for at in sorted_rows([natural_text(path) for path in album.paths], context):
        first_of.setdefault(album.rows[at].fingerprint, at)
    marks = list(first_of)
    label_of: dict[str, int] = {}
    for row, label in zip(album.rows, album.labels, strict=True):
        label_of[row.fingerprint] = min(label, label_of.get(row.fingerprint, label))
    evidence = _Evidence(album, [first_of[mark] for mark in marks], marks, context)
    certain: dict[Reason, NDArray[np.int64]] = {
        "taken together": evidence.taken_together(),
        "series": evidence.series(),
        "near copies": evidence.near_copies(),
    }
    likely = evidence.alike()
    groups, divided = join(
        [label_of[mark] for mark in marks], np.concatenate(list(certain.values())), likely, context
    )
    place_of = {mark: place for place, mark in enumerate(marks)}
    places = np.array([place_of[row.fingerprint] for row in album.rows], np.int64)
    copies = np.bincount(places, minlength=len(marks))
    counts: dict[Reason, int] = {"copies": int(copies[copies > 1].sum())}
    for reason, pairs in {**certain, "look-alikes": likely}.items():
        kept = pairs[groups[pairs[:, 0]] == groups[pairs[:, 1]]]
        counts[reason] = int(copies[np.unique(kept)].sum())
    return LookAlikes(
        tuple(groups[places].tolist()),
        {reason: count for reason, count in counts.items() if count},
        tuple(divided),
    )


class _Evidence:
    """Pairs of different pictures, as places in `marks`, that belong together, by reason."""

    def __init__(
        self, album: Album, at: Sequence[int], marks: Sequence[str], context: TaskContext
    ) -> None:
        self._album = album
        self._marks = marks
        self._context = context
        self._paths = [album.paths[each] for each in at]
        self._rows = [album.rows[each] for each in at]
        sides = np.array([min(row.width, row.height) for row in self._rows], np.int64)
        has_contrast = np.array([row.contrast >= _LEAST_CONTRAST for row in self._rows], bool)
        self._has_contrast = has_contrast & (sides > 0)
        self._is_large = sides >= _SMALL_PX
        known = [
            place
            for place, mark in enumerate(marks)
            if self._has_contrast[place] and mark in album.features
        ]
        # Rows of features belong to `known`; `row_of` is -1 where there are none.
        self._known = np.array(known, np.int64)
        self._row_of = np.full(len(marks), -1, np.int64)
        self._row_of[self._known] = np.arange(len(known))
        self._units = directions([album.features[marks[place]] for place in known], context)

    def taken_together(self) -> NDArray[np.int64]:
        """Frames of one video or burst, each with the next."""
        last: dict[str, int] = {}
        pairs = []
        for place, mark in enumerate(self._marks):
            name = self._album.taken_with(mark)
            if name is not None:
                if name in last:
                    pairs.append((last[name], place))
                last[name] = place
        return np.array(pairs, np.int64).reshape(-1, 2)

    def series(self) -> NDArray[np.int64]:
        """Those that follow one another by number, and look it."""
        pairs = series_neighbours(self._paths)
        is_alike = self._cosines(pairs) >= _ALIKE_IN_SERIES
        is_alike[~is_alike] = self._agreement(pairs[~is_alike]) >= _PIXELS_AGREE_IN_SERIES
        return pairs[is_alike]

    def near_copies(self) -> NDArray[np.int64]:
        """Near twins, as the health check finds them."""
        rows = {row.fingerprint: row for row in self._rows}
        place_of = {mark: place for place, mark in enumerate(self._marks)}
        pairs = TwinSearch().pairs(rows, self._album.tiny, self._context)
        places = sorted((place_of[one], place_of[other]) for one, other in pairs)
        return np.array(places, np.int64).reshape(-1, 2)

    def alike(self) -> NDArray[np.int64]:
        """Strangers with nearly equal features, the most alike first."""
        rows, scores = near_pairs(self._units, _ALIKE_IN_PIXELS_TOO, self._context)
        pairs = self._known[rows]
        are_large = self._is_large[pairs].all(axis=1)
        is_alike = scores >= np.where(are_large, _ALIKE, _ALIKE_SMALL)
        in_doubt = are_large & ~is_alike
        is_alike[in_doubt] = self._agreement(pairs[in_doubt]) >= _PIXELS_AGREE
        order = np.argsort(-scores[is_alike], kind="stable")
        return pairs[is_alike][order]

    def _cosines(self, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        rows = self._row_of[pairs]
        found = np.full(len(pairs), -1, np.float32)
        has_both = (rows >= 0).all(axis=1)
        found[has_both] = cosines(self._units, rows[has_both], self._context)
        return found

    def _agreement(self, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        """How the pixels of tiny pictures go together, -1 to 1; -1 for blank ones."""
        found = np.full(len(pairs), -1, np.float32)
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            self._context.checkpoint()
            part = pairs[start : start + _PAIRS_AT_ONCE]
            places, where = np.unique(part, return_inverse=True)
            known = self._album.tiny([self._marks[place] for place in places])
            tiny = np.zeros((len(places), TINY_SIZE), np.uint8)
            is_known = np.zeros(len(places), bool)
            for number, place in enumerate(places):
                picture = known.get(self._marks[place])
                if picture is not None and picture.size == TINY_SIZE and self._has_contrast[place]:
                    tiny[number], is_known[number] = picture, True
            one, other = where.reshape(-1, 2).T
            has_both = is_known[one] & is_known[other]
            found[start : start + _PAIRS_AT_ONCE][has_both] = correlations(
                tiny[one[has_both]], tiny[other[has_both]]
            )
        return found
