"""Where the files that ship with the program are: icons, styles, the sample pictures.

They stand in `resources/` at the top of a checkout, in `cnnstudio/resources/` of an installed
wheel, and in the bundle folder of a frozen application.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cnnstudio.core.errors import StudioError


def resource_path(*parts: str) -> Path:
    """Return the absolute path of a shipped file or folder.

    Args:
        parts: Its path below `resources`, for example `"icons", "undo.svg"`. None gives the folder
            of all resources.

    Raises:
        StudioError: When it is not there, because the installation is damaged.
    """
    for folder in _resource_folders():
        candidate = folder.joinpath(*parts)
        if candidate.exists():
            return candidate
    name = "/".join(("resources", *parts))
    raise StudioError(
        f"The file {name} that belongs to CNN Studio is missing.",
        "Install CNN Studio again.",
    )


def _resource_folders() -> list[Path]:
    package = Path(__file__).resolve().parent.parent
    folders = [package / "resources", package.parent / "resources"]
    bundle = getattr(sys, "_MEIPASS", None)  # set by PyInstaller in a frozen application
    if bundle is not None:
        folders.insert(0, Path(bundle) / "cnnstudio" / "resources")
    return folders
