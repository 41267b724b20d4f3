"""`FreeNames`: names for files that come into a folder, so that nothing is written over."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path


class FreeNames:
    """Hands out paths below `root` that nothing else has, upper and lower case being one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = defaultdict(lambda: 2)

    def take(self, folder: str, file_name: str) -> str:
        """Return a free path in `folder`: the name itself, or "x (2).jpg" and so on."""
        stem, suffix = os.path.splitext(file_name)  # noqa: PTH122
        candidate = f"{folder}/{file_name}" if folder else file_name
        place = candidate
        while not self._is_free(candidate):
            number = self._numbers[place]
            self._numbers[place] += 1
            ending = f" ({number}){suffix}"
            name = f"{_shortened(stem, ending)}{ending}"
            candidate = f"{folder}/{name}" if folder else name
        self._taken.add(candidate.casefold())
        return candidate

    def _is_free(self, path: str) -> bool:
        return path.casefold() not in self._taken and not os.path.lexists(self._root / path)


def _shortened(stem: str, ending: str) -> str:
    """Cut a name so that it fits a file system together with its ending."""
    room = 250 - len(ending.encode("utf-8", "surrogateescape"))
    encoded = stem.encode("utf-8", "surrogateescape")
    return stem if len(encoded) <= room else encoded[:room].decode("utf-8", "ignore")
