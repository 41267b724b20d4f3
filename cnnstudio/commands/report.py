"""`cnnstudio report RUN --out FILE`: how far to trust a run, on one sheet."""

from __future__ import annotations

from pathlib import Path

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.file_places import check_file_place
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.jobs import TaskContext


@click.command(short_help="Write a run's report card, as HTML or PDF.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write; its ending, .html or .pdf, says as what.",
)
@json_option
@pass_services
def report(services: Services, run: Path, out: Path) -> None:
    """Write the report card of RUN: figures with their worth, curves, mistakes, limits, settings.

    RUN is the folder of a run, a project (its newest run is taken), or a run's model.keras. An
    existing file is replaced.
    """
    from cnnstudio.ui.report_file import write_report

    check_file_place(out, "--out")
    loaded = chosen_run(run)
    output = services.output
    with progress_display(output) as display:
        write_report(loaded, out)(TaskContext(display.report))
    if not output.is_json:
        output.say(f"The report card of {loaded.name} is in {out}.")
    output.event("finished", run=loaded.folder, out=out)
