"""Which training that was cut off `train --resume` means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER

if TYPE_CHECKING:
    from cnnstudio.core.runs import Run
    from cnnstudio.core.storage.unfinished_runs import UnfinishedRun

LAST = "last"


def unfinished_run(words: str, folder: Path | None) -> UnfinishedRun:
    """Return the training that was cut off and is meant by a folder, a name, or "last".

    Args:
        words: what was given: the folder that the run was to become, its draft, the name of either
            or of the run, or "last" for the newest.
        folder: the pictures it learns from; by default the current folder is searched.

    Raises:
        StudioError: there is none; the words say whether it has ended or never was.
    """
    from cnnstudio.core.storage.unfinished_runs import list_unfinished

    place = Path(words).absolute()
    for each in list_unfinished(place.parent) if words != LAST else ():
        if place.resolve() in (each.folder.resolve(), each.target.resolve()):
            return each
    root = folder or Path.cwd()
    runs = root / STATE_FOLDER / "runs"
    unfinished = list_unfinished(runs)
    for each in unfinished:
        if words in (LAST, each.name, each.target.name, each.folder.name):
            return each
    if ended := _ended_run(words, place, runs):
        raise StudioError(
            f"The training {ended.name} has ended: there is nothing to go on with, and its run is"
            f" in {ended.folder}.",
            "To train anew, leave --resume away.",
        )
    if unfinished:
        known = ", ".join(each.target.name for each in unfinished)
        raise StudioError(
            f"There is no training {words}, neither one that was cut off nor a run.",
            f"Those that were cut off: {known}.",
        )
    if words == LAST:
        raise StudioError(
            f"No training of the pictures in {root} was cut off, and none has ended.",
            "Leave --resume away to begin one."
            if folder is not None
            else "Name the folder of the pictures, or that of the run.",
        )
    raise StudioError(
        f"There is no training {words}, neither one that was cut off nor a run.",
        f"In {runs} none was cut off. Check the name, or leave --resume away to begin a training:"
        " fast start keeps nothing to go on with.",
    )


def _ended_run(words: str, place: Path, runs: Path) -> Run | None:
    """Return the run that is meant and whose training has come to its end, if there is one."""
    from cnnstudio.core.runs import list_runs

    ended = list_runs(runs)
    if words == LAST:
        return ended[0] if ended else None
    if place.parent.is_dir():
        ended += list_runs(place.parent)
    for each in ended:
        is_folder = each.folder.resolve() == place.resolve()
        if is_folder or words in (each.name, each.folder.name):
            return each
    return None
