"""Which of a project's runs answers, where somebody chose one; otherwise it is the newest."""

from __future__ import annotations

import json
from pathlib import Path

from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.storage.atomic import write_text

_FILE = "used_run.json"


def load_used_run(root: Path) -> str:
    """Return the name of the folder of the run that was chosen; "" for none, or a damaged file."""
    try:
        return str(json.loads((root / STATE_FOLDER / _FILE).read_bytes())["run"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def save_used_run(root: Path, folder_name: str) -> None:
    """Remember the run that was chosen.

    Raises:
        StudioError: the disk refuses.
    """
    write_text(root / STATE_FOLDER / _FILE, json.dumps({"run": folder_name}) + "\n")
