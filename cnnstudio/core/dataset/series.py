"""Pictures that follow one another by the numbers in their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LAST_NUMBER = re.compile(r"(.*?)([0-9]+)([^0-9]*)", re.DOTALL)
_NEIGHBOURS = 3
"""So many after each are compared: one blurred frame does not end a series."""


def series_neighbours(paths: Sequence[str]) -> NDArray[np.int64]:
    """Return pairs of places, shape (n, 2), of paths near each other in one numbered series.

    A series has one folder and one name but for its last number, as `00012_00003.ppm` and
    `00012_00004.ppm` or `frame_017.jpg`. That two pictures follow one another says nothing yet:
    a camera numbers whatever it sees.
    """
    series: dict[tuple[str, str], list[tuple[int, str, int]]] = defaultdict(list)
    for place, path in enumerate(paths):
        folder, _, name = path.rpartition("/")
        found = _LAST_NUMBER.fullmatch(name.rpartition(".")[0] or name)
        if found is not None:
            before, number, after = found.groups()
            series[f"{folder}/{before}", after].append((int(number), path, place))
    pairs = [
        (members[at][2], members[at + step][2])
        for _, members in sorted((key, sorted(found)) for key, found in series.items())
        for at in range(len(members))
        for step in range(1, min(_NEIGHBOURS, len(members) - 1 - at) + 1)
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)
