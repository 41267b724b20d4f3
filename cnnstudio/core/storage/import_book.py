"""Which pictures came into a project together: one small file for each import, and never changed.

It goes by the content of pictures, so it holds through renaming, moving and undoing; an import that
was undone only names pictures that are not there.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.storage.atomic import write_text

FOLDER_NAME = "imports"
SCHEMA_VERSION = 1
_NO_NAME_CHARACTER = re.compile(r"[^0-9A-Za-z-]")


@dataclass(frozen=True)
class Batch:
    """One import: `words` say of what ("shoes.zip"), `time` when, with its time zone.

    `groups` has the fingerprint of every picture, and with it the name of what it was taken with
    (a video, a burst), "" for pictures that stand alone.
    """

    batch_id: str
    words: str
    time: datetime
    groups: Mapping[str, str]

    @classmethod
    def of_now(cls, words: str, groups: Mapping[str, str]) -> Batch:
        """Make one of this moment."""
        now = datetime.now().astimezone()
        return cls(f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}", words, now, groups)


@dataclass(frozen=True)
class ImportBook:
    """All imports of a project, the newest first."""

    batches: tuple[Batch, ...] = ()

    def batch_of(self, fingerprint: str) -> Batch | None:
        """Return the last import that brought this picture; None for what came another way."""
        return self._newest.get(fingerprint)

    def group_of(self, fingerprint: str) -> str:
        """Return a name that only pictures taken together share; "" for one that stands alone."""
        batch = self.batch_of(fingerprint)
        group = batch.groups[fingerprint] if batch is not None else ""
        return f"{batch.batch_id}/{group}" if batch is not None and group else ""

    @cached_property
    def _newest(self) -> dict[str, Batch]:
        # The oldest first, so that newer ones take their place.
        return {mark: batch for batch in reversed(self.batches) for mark in batch.groups}


def note(root: Path, batch: Batch) -> None:
    """Write an import down in the project at `root`; one without pictures is not worth it.

    Raises:
        StudioError: the project cannot be written to.
    """
    if not batch.groups:
        return
    content = {
        "schema_version": SCHEMA_VERSION,
        "words": batch.words,
        "time": batch.time.isoformat(timespec="seconds"),
        "pictures": dict(batch.groups),
    }
    name = _NO_NAME_CHARACTER.sub("_", batch.batch_id)
    # Names of files may hold bytes that are no UTF-8; "\udcff" in the file stands for them.
    write_text(root / STATE_FOLDER / FOLDER_NAME / f"{name}.json", json.dumps(content) + "\n")


def load(root: Path) -> ImportBook:
    """Read all imports of the project at `root`; a file that is damaged is passed over."""
    try:
        paths = list((root / STATE_FOLDER / FOLDER_NAME).glob("*.json"))
    except OSError:
        return ImportBook()
    batches = [batch for batch in map(_read, paths) if batch is not None]
    return ImportBook(
        tuple(sorted(batches, key=lambda each: (each.time, each.batch_id), reverse=True))
    )


def _read(path: Path) -> Batch | None:
    try:
        content = json.loads(path.read_bytes())
        pictures = content["pictures"]
        if not all(isinstance(each, str) for pair in pictures.items() for each in pair):
            return None
        moment = datetime.fromisoformat(content["time"]).astimezone()
        return Batch(path.stem, str(content["words"]), moment, pictures)
    except (OSError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None
    except RecursionError:  # brackets in brackets in brackets
        return None
