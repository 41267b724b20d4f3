"""`cnnstudio work-apart FOLDER`: what the program asks of a process of its own."""

from __future__ import annotations

from pathlib import Path

import click

from cnnstudio.core.own_process import WORK_APART


@click.command(WORK_APART, hidden=True)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def work_apart(folder: Path) -> None:
    """Do what the request in FOLDER asks for."""
    from cnnstudio.engine import apart_work

    apart_work.work_apart(folder)
