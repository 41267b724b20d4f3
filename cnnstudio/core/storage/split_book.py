"""Which part each picture belongs to, by content, so that it keeps its side from run to run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnstudio.core.project import SPLITS, STATE_FOLDER, Split
from cnnstudio.core.storage.atomic import set_aside, write_text
from cnnstudio.core.storage.migrations import version_of

SCHEMA_VERSION = 1
FILE_NAME = "split.json"


@dataclass(frozen=True)
class SplitBook:
    """Sides by fingerprint.

    `sides` were dealt with this seed and these shares (0 to 1); `pinned` were given with the
    pictures (an imported test folder, say) and hold whatever the seed and shares.
    """

    seed: int = 0
    validation_share: float = 0.0
    test_share: float = 0.0
    sides: Mapping[str, Split] = field(default_factory=dict)
    pinned: Mapping[str, Split] = field(default_factory=dict)


def save(root: Path, book: SplitBook) -> None:
    """Write the split of the project at `root`; a damaged one is set aside, not written over.

    Raises:
        StudioError: the folder cannot be written to.
    """
    path = root / STATE_FOLDER / FILE_NAME
    if is_unusable(root):
        set_aside(path)
    write_text(path, json.dumps(to_plain(book), indent=0) + "\n")


def load(root: Path) -> SplitBook:
    """Read the split of the project at `root`; an empty one when there is none or it is damaged."""
    return _read(root / STATE_FOLDER / FILE_NAME) or SplitBook()


def is_unusable(root: Path) -> bool:
    """Whether there is a split that cannot be read, or is of a version that is not known."""
    path = root / STATE_FOLDER / FILE_NAME
    return os.path.isfile(path) and _read(path) is None  # noqa: PTH113 - never raises


def to_plain(book: SplitBook) -> dict[str, Any]:
    """Return a split as plain JSON types."""
    return {
        "schema_version": SCHEMA_VERSION,
        "seed": book.seed,
        "validation_share": book.validation_share,
        "test_share": book.test_share,
        "sides": dict(sorted(book.sides.items())),
        "pinned": dict(sorted(book.pinned.items())),
    }


def from_plain(content: Any) -> SplitBook:
    """Return the split that `to_plain` made plain.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is something else.
    """
    if version_of(content, SCHEMA_VERSION) > SCHEMA_VERSION:
        raise ValueError("a newer version")
    return SplitBook(
        int(content["seed"]),
        float(content["validation_share"]),
        float(content["test_share"]),
        _sides(content["sides"]),
        _sides(content["pinned"]),
    )


def _read(path: Path) -> SplitBook | None:
    try:
        return from_plain(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _sides(plain: Any) -> dict[str, Split]:
    return {key: side for key, side in plain.items() if side in SPLITS}
