"""Pinned pictures: up to six that every training of a project is asked about, epoch by epoch.

A pin is a copy of what the picture contains, in a folder among the project's own, so that it stays
whatever becomes of the file it came from. The list beside the copies says what they are called.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import fingerprint_of, read_bytes
from cnnstudio.core.errors import StudioError
from cnnstudio.core.predictions import GivenSource
from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.storage.atomic import write_bytes, write_text

MOST_PINS = 6

_FOLDER = "pins"
_LIST = "pins.json"
_TRIED_PX = 32


@dataclass(frozen=True)
class Pin:
    """A pinned picture: where it came from, the fingerprint of its content, and its copy."""

    name: str
    fingerprint: str
    file: Path

    @property
    def file_name(self) -> str:
        """What it is called on screen."""
        return Path(self.name).name


def load_pins(root: Path) -> tuple[Pin, ...]:
    """Return the pins of the project at `root`; none where the list is missing or damaged."""
    folder = root / STATE_FOLDER / _FOLDER
    pins = []
    try:
        rows = json.loads((folder / _LIST).read_bytes())["pins"]
        for row in rows[:MOST_PINS]:
            name, mark = str(row["name"]), str(row["fingerprint"])
            # It becomes the name of a file.
            if mark.isalnum() and (folder / mark).is_file():
                pins.append(Pin(name, mark, folder / mark))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()
    return tuple(pins)


def add_pins(root: Path, sources: Sequence[GivenSource]) -> tuple[Pin, ...]:
    """Pin pictures of the project at `root` or from elsewhere; one that is pinned already stays.

    Raises:
        StudioError: there would be more than six, one of them is no picture that can be read, or
            the disk refuses; the pins are as they were.
    """
    pins = {each.fingerprint: each for each in load_pins(root)}
    folder = root / STATE_FOLDER / _FOLDER
    contents: dict[str, bytes] = {}
    for source in sources:
        name, data = _content(source)
        mark = fingerprint_of(data)
        if mark not in pins:
            pins[mark] = Pin(name, mark, folder / mark)
            contents[mark] = data
        if len(pins) > MOST_PINS:
            raise StudioError(
                f"No more than {MOST_PINS} pictures can be pinned.",
                "Take one away in the Train step first.",
            )
    for mark, data in contents.items():
        write_bytes(folder / mark, data)
    return _keep(folder, tuple(pins.values()))


def remove_pin(root: Path, fingerprint: str) -> tuple[Pin, ...]:
    """Take a pin away and return the others.

    Raises:
        StudioError: the disk refuses.
    """
    folder = root / STATE_FOLDER / _FOLDER
    pins = load_pins(root)
    kept = _keep(folder, tuple(each for each in pins if each.fingerprint != fingerprint))
    for each in pins:
        if each.fingerprint == fingerprint:
            with contextlib.suppress(OSError):
                each.file.unlink()
    return kept


def _content(source: GivenSource) -> tuple[str, bytes]:
    name = str(source) if isinstance(source, Path) else source.name
    try:
        data = read_bytes(source) if isinstance(source, Path) else source.data
        read_array(data, _TRIED_PX, "crop")
    except UnreadablePicture as error:
        raise StudioError(
            f"{Path(name).name} cannot be pinned: {error.reason}.", "Pin another picture."
        ) from error
    return name, data


def _keep(folder: Path, pins: tuple[Pin, ...]) -> tuple[Pin, ...]:
    rows = [{"name": each.name, "fingerprint": each.fingerprint} for each in pins]
    # Names of files need not be UTF-8; JSON escapes what is not.
    write_text(folder / _LIST, json.dumps({"pins": rows}, indent=2) + "\n")
    return pins
