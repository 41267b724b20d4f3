"""The options of commands that can put answered pictures into folders of their classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def sorting_options(command: F) -> F:
    """Give a command --sort-into and --move, as `sort_folder` and `moves`; see `check_sorting`."""
    command = click.option(
        "--move", "moves", is_flag=True, help="Move the pictures there instead."
    )(command)
    return click.option(
        "--sort-into",
        "sort_folder",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        help="Copy each picture into a folder of its class there.",
    )(command)


def check_sorting(folder: Path | None, *, moves: bool) -> None:
    """Refuse to move pictures nowhere.

    Raises:
        click.BadParameter: --move was given without --sort-into.
    """
    if moves and folder is None:
        raise click.BadParameter("Say where to: --sort-into FOLDER.", param_hint="--move")
