"""A map as it was laid out once, in a file, by what it was made of."""

from __future__ import annotations

import contextlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.tsne import Places
from cnnstudio.core.storage.atomic import replaced_file


@dataclass(frozen=True, eq=False)
class KeptMap:
    """Coordinates of m pictures by PCA, shape (m, k), and by t-SNE, shape (m, 2), where known.

    `key` stands for what they were made of.
    """

    key: str
    components: Places
    spread: Places | None = None


def read_kept_map(file: Path, key: str, count: int) -> KeptMap | None:
    """Return the map of that key with `count` pictures; None where none is, or a damaged one."""
    try:
        with np.load(file) as kept:
            if str(kept["key"]) != key:
                return None
            components = kept["components"]
            places = kept["places"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if components.ndim != 2 or len(components) != count or components.dtype != np.float32:
        return None
    is_whole = places.shape == (count, 2) and places.dtype == np.float32
    return KeptMap(key, components, places if is_whole else None)


def keep_map(file: Path, kept: KeptMap) -> None:
    """Write a map, in the place of that which was there.

    A cache that cannot be written is no reason to lose what was computed: it is left out then. Nor
    is a run or project brought back that was removed meanwhile.
    """
    if not file.parent.parent.is_dir():
        return
    places = np.zeros((0, 2), np.float32) if kept.spread is None else kept.spread
    with contextlib.suppress(StudioError), replaced_file(file) as stream:
        np.savez(stream, key=np.array(kept.key), components=kept.components, places=places)
