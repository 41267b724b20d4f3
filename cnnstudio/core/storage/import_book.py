"""What was brought in when: one small file for each import, by the content of its pictures.

An import that was undone leaves its file behind, which does no harm: no picture has its marks.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.storage.atomic import write_text

FOLDER_NAME = "imports"


@dataclass(frozen=True)
class Batch:
    """One import: `words` say where it came from; `groups` are marks of what belongs together.

    A group is the frames of one video, or the pictures of one burst.
    """

    id: str
    words: str
    made_at: datetime
    fingerprints: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ImportBook:
    """All imports, the newest first."""

    batches: tuple[Batch, ...] = ()
    _batch_of: Mapping[str, str] = field(default_factory=dict)
    _group_of: Mapping[str, str] = field(default_factory=dict)

    def batch_of(self, fingerprint: str) -> str | None:
        """Return the id of the newest import that brought this content in, None for none."""
        return self._batch_of.get(fingerprint)

    def group_of(self, fingerprint: str) -> str | None:
        """Return a name that only pictures taken together share; None for one that stands alone."""
        return self._group_of.get(fingerprint)


def note(
    root: Path,
    words: str,
    fingerprints: Iterable[str],
    groups: Iterable[Iterable[str]] = (),
) -> None:
    """Write an import down.

    Raises:
        StudioError: the project cannot be written to.
    """
    now = datetime.now().astimezone()
    content = {
        "words": words,
        "made_at": now.isoformat(timespec="seconds"),
        "fingerprints": list(fingerprints),
        "groups": [list(group) for group in groups],
    }
    name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}.json"
    write_text(root / STATE_FOLDER / FOLDER_NAME / name, json.dumps(content) + "\n")


def load(root: Path) -> ImportBook:
    """Read all imports of a project; damaged files are passed over."""
    folder = root / STATE_FOLDER / FOLDER_NAME
    try:
        paths = sorted(folder.glob("*.json"), reverse=True)
    except OSError:
        return ImportBook()
    batches = tuple(batch for path in paths if (batch := _read(path)) is not None)
    batch_of = {mark: each.id for each in reversed(batches) for mark in each.fingerprints}
    group_of = {
        mark: f"{each.id}/{number}"
        for each in reversed(batches)
        for number, group in enumerate(each.groups)
        for mark in group
    }
    return ImportBook(batches, batch_of, group_of)


def _read(path: Path) -> Batch | None:
    try:
        content = json.loads(path.read_bytes())
        moment = datetime.fromisoformat(content["made_at"]).replace(tzinfo=None)
        return Batch(
            path.stem,
            str(content["words"]),
            moment,
            _texts(content["fingerprints"]),
            tuple(map(_texts, content.get("groups", []))),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _texts(rows: Any) -> tuple[str, ...]:
    return tuple(row for row in rows if isinstance(row, str))
