"""`cnnstudio run-sample SCRIPT`: how a frozen program runs the sample code of an export.

There is no Python beside a frozen program, but one in it.
"""

from __future__ import annotations

import io
import runpy
import sys
from pathlib import Path

import click

from cnnstudio.core.exporting.sample_process import RUN_SAMPLE


@click.command(RUN_SAMPLE, hidden=True)
@click.argument("script", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "is_json", is_flag=True)
def run_sample(script: Path, arguments: tuple[str, ...], is_json: bool) -> None:
    """Run SCRIPT, which an export has just written, as Python would."""
    # A frozen program passes over the environment that says so to Python.
    sys.dont_write_bytecode = True
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    sys.argv = [str(script), *(["--json"] if is_json else []), *arguments]
    sys.path.insert(0, str(script.parent))
    runpy.run_path(str(script), run_name="__main__")
