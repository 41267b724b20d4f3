"""Opening a project from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnstudio.core.events import Warned
from cnnstudio.core.jobs import TaskContext

if TYPE_CHECKING:
    from cnnstudio.commands.output import Output
    from cnnstudio.core.project import Project


def opened_project(output: Output, folder: Path) -> Project:
    """Read a folder of pictures to work with it, and say what had to be put right.

    Raises:
        StudioError: there is no such folder, or it cannot be read.
    """
    from cnnstudio.core.dataset.scanning import scan

    def tell(event: object) -> None:
        if isinstance(event, Warned):
            output.note(str(event))

    return scan(folder, TaskContext(tell))
