"""Single files: pictures as they are, and the reason for what is none. Comes last of all kinds."""

from __future__ import annotations

from pathlib import Path

from cnnstudio.core.dataset.images import may_be_picture
from cnnstudio.core.dataset.import_plan import ImportItem
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.importers.layout import Place
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, not_a_picture_because, open_file

_NOT_A_PICTURE = "this is not a picture"


def recognises(path: Path, head: bytes) -> bool:
    """Whatever no other kind recognises is a picture, or nothing."""
    return True


def look(path: Path, gathering: Gathering) -> None:
    """Gather one file, if its name or its first bytes are those of a picture."""
    if not may_be_picture(path):
        gathering.skip(path, _reason(path))
        return
    try:
        size = path.stat().st_size
    except OSError:
        size = None  # whoever copies it says why
    gathering.add_picture(ImportItem(path, path.name, size_bytes=size), Place())


def _reason(path: Path) -> str:
    try:
        with open_file(path) as stream:
            what, advice = not_a_picture_because(stream.read(HEAD_BYTES))
    except OSError:
        return _NOT_A_PICTURE
    if what.startswith(_NOT_A_PICTURE):
        return _NOT_A_PICTURE
    return f"{what}; {advice[:1].lower()}{advice[1:].rstrip('.')}" if advice else what
