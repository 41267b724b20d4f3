"""Which run a RUN argument means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER

if TYPE_CHECKING:
    from cnnstudio.core.runs import Run


def chosen_run(path: Path) -> Run:
    """Return the run that a path means: a run's folder, its model file, or a project's newest.

    Raises:
        StudioError: there is no run, or it is damaged.
    """
    from cnnstudio.core.runs import list_runs, load_run

    if not path.exists():
        raise StudioError(
            f"There is no run at {path}.", "Give the folder of a run, as `cnnstudio train` says it."
        )
    if path.is_file():
        return load_run(path.parent)
    if (path / STATE_FOLDER).is_dir():
        runs = list_runs(path / STATE_FOLDER / "runs")
        if not runs:
            raise StudioError(
                f"The project {path} has no run yet.", f"Train one: cnnstudio train {path}"
            )
        return runs[0]
    return load_run(path)
