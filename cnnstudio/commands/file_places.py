"""Where a command may write a file: beside others, into a folder that is there."""

from __future__ import annotations

import os.path
from pathlib import Path

import click


def check_file_place(file: Path | None, option: str) -> None:
    """Refuse a file that has no folder to go to, before anything is computed for it.

    A folder of that name is more often mistyped than wanted, so none is made. None is no file.

    Raises:
        BadParameter: it is a folder itself, or there is none; `option` is named.
    """
    if file is None:
        return
    # os.path, because Path.is_dir() raises for names that no folder can have.
    if os.path.isdir(file):  # noqa: PTH112
        raise click.BadParameter(f"{file} is a folder.", param_hint=option)
    if not file.absolute().parent.is_dir():
        raise click.BadParameter(
            f"There is no folder {file.absolute().parent}. Make it first.", param_hint=option
        )
