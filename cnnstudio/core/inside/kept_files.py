"""Where what was found out about a run's layers is kept: beside the run's other files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from cnnstudio.core.runs import Run

_FOLDER = "inside"


def folder_inside(run: Run) -> Path:
    """Return the folder of all that was found out."""
    return run.folder / _FOLDER


def kept_file(run: Run, name: str, layer: str, ending: str, epoch: int | None) -> Path:
    """Return the file that holds `name` of a layer at an epoch, None for the network as kept.

    Names of layers may hold anything.
    """
    when = "" if epoch is None else f"-epoch-{epoch}"
    return folder_inside(run) / f"{name}{when}-{quote(layer, safe='')}{ending}"
