"""Where imported pictures are gathered before they become part of the project.

What is complete lies in the bin, from where an edit takes it, and where undo puts it back.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.storage.atomic import fresh_folder, remove_stale_drafts

FOLDER_NAME = "incoming"
_STALE_AFTER_S = 3600


@contextlib.contextmanager
def gathered(root: Path, kind: str) -> Iterator[tuple[Path, str]]:
    """Give a draft folder to write into, and where it will be (relative to the project) at the end.

    Whatever the block raises, nothing is left behind; a killed program's draft is removed when the
    project is opened next. `kind` is a word for the folder's name, such as "import".

    Raises:
        StudioError: the project cannot be written to.
    """
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{kind}-{secrets.token_hex(3)}"
    bin_folder = root / STATE_FOLDER / "bin"
    with fresh_folder(bin_folder / name) as draft:
        yield draft, f"{STATE_FOLDER}/bin/{name}"
    with contextlib.suppress(OSError):
        (bin_folder / name).rmdir()  # nothing was gathered


def remove_stale(root: Path) -> None:
    """Remove what a killed import left behind; one that may still run is left alone."""
    remove_stale_drafts(root / STATE_FOLDER / "bin")
    with contextlib.suppress(OSError):
        for folder in (root / STATE_FOLDER / FOLDER_NAME).iterdir():
            # Every copied picture renews the folder's time.
            if time.time() - folder.stat().st_mtime > _STALE_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)
