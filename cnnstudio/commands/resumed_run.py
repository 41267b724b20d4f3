"""Which training that was cut off `train --resume` means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER

if TYPE_CHECKING:
    from cnnstudio.core.storage.unfinished_runs import UnfinishedRun

LAST = "last"


def unfinished_run(words: str, folder: Path | None) -> UnfinishedRun:
    """Return the training that was cut off and is meant by a folder, a name, or "last".

    Args:
        words: what was given: the folder that the run was to become, its draft, the name of either
            or of the run, or "last" for the newest.
        folder: the pictures it learns from; by default the current folder is searched.

    Raises:
        StudioError: there is none.
    """
    from cnnstudio.core.storage.unfinished_runs import list_unfinished

    place = Path(words).absolute()
    for each in list_unfinished(place.parent) if words != LAST else ():
        if place.resolve() in (each.folder.resolve(), each.target.resolve()):
            return each
    root = folder or Path.cwd()
    unfinished = list_unfinished(root / STATE_FOLDER / "runs")
    for each in unfinished:
        if words in (LAST, each.name, each.target.name, each.folder.name):
            return each
    if not unfinished:
        raise StudioError(
            f"No training of the pictures in {root} was cut off.",
            "Leave --resume away, or name the folder of the run."
            if folder is not None
            else "Name the folder of the pictures, or that of the run.",
        )
    known = ", ".join(each.target.name for each in unfinished)
    raise StudioError(f"No training {words} was cut off.", f"Those that were: {known}.")
