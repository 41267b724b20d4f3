"""Where what was found out about a run's layers is kept: beside the run's other files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from cnnstudio.core.runs import Run

_FOLDER = "inside"


def kept_file(run: Run, name: str, layer: str, ending: str) -> Path:
    """Return the file that holds `name` of a layer; names of layers may hold anything."""
    return run.folder / _FOLDER / f"{name}-{quote(layer, safe='')}{ending}"
