"""Which rows of the grid are selected, as one value that costs 1 byte for each picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cnnstudio.core.arranging import Arrangement
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Sample

Mask = npt.NDArray[np.bool_]

_LOT = 5000


def _none() -> Mask:
    return np.zeros(0, np.bool_)


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows selected.

    `mask` is True for each selected row, shape (rows,), read-only; `current` is the row that keys
    act from, -1 for none.
    """

    mask: Mask = field(default_factory=_none)
    current: int = -1

    @property
    def count(self) -> int:
        """How many rows are selected."""
        return int(np.count_nonzero(self.mask))

    def of(self, samples: Sequence[Sample]) -> list[Sample]:
        """Return the selected ones of the samples in these rows, in order."""
        return list(itertools.compress(samples, self.mask.tolist()))


def selected_again(
    before: Arrangement,
    selection: Selection,
    after: Arrangement,
    moved: Mapping[str, str | None],
    context: TaskContext,
) -> Selection:
    """Return the selection that means the same pictures in another arrangement.

    Where none of them is shown any more, the next picture is selected, so that whoever labels one
    after the other keeps the place.

    Args:
        before: what the selection was made in.
        selection: what was selected.
        after: what will be shown.
        moved: for paths that are gone, the ones their pictures have now, None for none.
        context: asked every few milliseconds whether to go on.

    Raises:
        Cancelled: a newer wish came.
    """
    if not moved and before.rows is after.rows:
        return selection
    rows = np.flatnonzero(selection.mask)
    mask = np.zeros(len(after.samples), np.bool_)

    def row_after(row: int) -> int:
        path = before.samples[row].path
        return after.rows.get(moved.get(path, path) or "", -1)

    for at in range(0, len(rows), _LOT):
        context.checkpoint()
        places = map(row_after, rows[at : at + _LOT].tolist())
        mask[[place for place in places if place >= 0]] = True
    current = row_after(selection.current) if selection.current >= 0 else -1
    if mask.any():
        current = current if current >= 0 and mask[current] else int(mask.argmax())
    elif len(rows) and len(mask):
        current = min(int(rows[0]), len(mask) - 1)
        mask[current] = True
    mask.flags.writeable = False
    return Selection(mask, current)


def next_row(samples: Sequence[Sample], row: int, is_wanted: Callable[[Sample], bool]) -> int:
    """Return the first row after `row` whose sample is wanted, -1 when there is none.

    After the last row it goes on at the top, up to `row` itself.
    """
    around = itertools.chain(range(row + 1, len(samples)), range(min(row + 1, len(samples))))
    return next((each for each in around if is_wanted(samples[each])), -1)
