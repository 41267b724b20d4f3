"""Where imported pictures are gathered before they become part of the project."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from cnnstudio.core.project import STATE_FOLDER

FOLDER_NAME = "incoming"
_STALE_AFTER_S = 3600


def remove_stale(root: Path) -> None:
    """Remove what a killed import left behind; one that may still run is left alone."""
    with contextlib.suppress(OSError):
        for folder in (root / STATE_FOLDER / FOLDER_NAME).iterdir():
            # Every copied picture renews the folder's time.
            if time.time() - folder.stat().st_mtime > _STALE_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)
