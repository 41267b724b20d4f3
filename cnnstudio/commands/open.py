"""`cnnstudio [PROJECT]`: the window."""

from __future__ import annotations

from pathlib import Path

import click

from cnnstudio.commands.services import Services, pass_services
from cnnstudio.core.errors import StudioError


@click.command("open", short_help="Open the window, as without a command.")
@click.argument("project", required=False, type=click.Path(path_type=Path))
@pass_services
def open_project(services: Services, project: Path | None) -> int:
    """Open the window, on the folder PROJECT if one is given.

    This is what `cnnstudio` and `cnnstudio PROJECT` do.
    """
    if project is not None and not project.is_dir():
        raise StudioError(f"There is no folder {project}.", "Give a folder of class folders.")
    reason = why_no_window()
    if reason is not None:
        raise StudioError(reason, "Every command but this one works without a window.")
    return services.open_window(project, False)


def why_no_window() -> str | None:
    """Return why the window cannot open on this computer, as a sentence, or None when it can."""
    from cnnstudio.display import missing_qt_libraries, reason_without_window

    return reason_without_window() or missing_qt_libraries()
