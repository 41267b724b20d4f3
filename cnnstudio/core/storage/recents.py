"""The projects opened last, kept in a folder of the user's settings."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage.atomic import write_text

FILE_NAME = "recent_projects.json"
MOST = 12


def load(folder: Path) -> list[Path]:
    """Return the projects opened last, newest first, those that still exist."""
    return [path for path in _read(folder) if path.is_dir()]


def add(folder: Path, root: Path) -> None:
    """Put a project first in the list. A list that cannot be written is no reason to fail."""
    root = Path(os.path.abspath(root))  # noqa: PTH100 - resolve() would show the target of a link
    # Projects on a drive that is not plugged in stay in the list for another day.
    _write(folder, [root, *(path for path in _read(folder) if path != root)])


def remove(folder: Path, root: Path) -> None:
    """Take a project off the list; the project itself stays as it is."""
    _write(folder, [path for path in _read(folder) if path != root])


def _read(folder: Path) -> list[Path]:
    try:
        content = json.loads((folder / FILE_NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(content, list):
        return []
    return [Path(each) for each in content if isinstance(each, str) and "\0" not in each]


def _write(folder: Path, roots: list[Path]) -> None:
    with contextlib.suppress(StudioError):
        write_text(folder / FILE_NAME, json.dumps([str(root) for root in roots[:MOST]], indent=2))
