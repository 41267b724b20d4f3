"""`cnnstudio export RUN --format KEY --out FOLDER`: a model for other programs, proved first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.output import Output
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.catalog.export_formats import EXPORT_FORMATS
from cnnstudio.core.jobs import TaskContext
from cnnstudio.folders import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnstudio.core.exporting.exported import Exported


@click.command(short_help="Write a run's model for other programs, and prove it.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    type=click.Choice([each.key for each in EXPORT_FORMATS]),
    multiple=True,
    required=True,
    help="In which format; may be given more than once.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="FOLDER",
    help="Where to: a folder RUN-FORMAT is made in it. What is there is never written over.",
)
@click.option(
    "--bundle", is_flag=True, help="Pack each into one archive, with the run's report card."
)
@click.option(
    "--anyway",
    is_flag=True,
    help="Hand it over even where it does not answer as the run does, or that cannot be seen.",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="FOLDER",
    help="The project that the run was made from, where the run lies elsewhere.",
)
@json_option
@pass_services
def export(
    services: Services,
    run: Path,
    formats: tuple[str, ...],
    out: Path,
    bundle: bool,
    anyway: bool,
    pictures: Path | None,
) -> None:
    """Write the model of RUN for other programs, with sample code that asks it.

    RUN is the folder of a run, a project (its newest run is taken), or a run's model.keras. Each
    export is asked about up to 200 test pictures in a process of its own, by that sample code, and
    handed over only where it answers as the run does; otherwise the exit code is 1.
    """
    from cnnstudio.core.exporting.export_run import export_run

    if not out.absolute().parent.is_dir():
        raise click.BadParameter(
            f"There is no folder {out.absolute().parent}. Make it first.", param_hint="--out"
        )
    loaded = chosen_run(run)
    output = services.output
    with progress_display(output) as display:
        task = export_run(
            services.engine,
            loaded,
            formats,
            out,
            root=pictures,
            is_bundle=bundle,
            anyway=anyway,
            cache=cache_folder(),
        )
        exports = task(TaskContext(display.report))
    for each in exports:
        _show(output, each)
        each.discard()  # nobody can be asked any more
    output.event("finished", run=loaded.folder, exports=[_plain(each) for each in exports])
    _refuse_held_back(exports)


def _show(output: Output, export: Exported) -> None:
    label = export.format.label
    if not export.is_handed_over:
        output.say(f"{label}: {'' if export.problem else 'not handed over. '}{export.words}")
        return
    output.say(f"{label}: {export.target}")
    output.say(f"  {export.words}")
    output.say(f"  {export.facts}")


def _refuse_held_back(exports: Sequence[Exported]) -> None:
    from cnnstudio.core.errors import StudioError

    failed = [each.format.label for each in exports if not each.is_handed_over]
    if failed:
        is_held_back = any(not each.problem and not each.is_handed_over for each in exports)
        raise StudioError(
            f"Not handed over: {', '.join(failed)}.",
            "With --anyway it is, whatever the comparison says." if is_held_back else "",
        )


def _plain(export: Exported) -> dict[str, object]:
    parity = export.parity
    return {
        "format": export.format.key,
        "path": export.target if export.is_handed_over else None,
        "handed_over": export.is_handed_over,
        "words": export.words,
        "problem": export.problem,
        "part": parity and parity.part,
        "pictures": parity and parity.count,
        "agreed": parity and parity.agreed,
        "largest_difference": parity and parity.largest_difference,
        "accuracy_before": parity and parity.accuracy_before,
        "accuracy_after": parity and parity.accuracy_after,
        "is_proved": export.is_proved,
        "size_bytes": export.size_bytes,
        "parameters": export.parameters,
        "milliseconds": export.milliseconds,
        "phone_milliseconds_estimated": export.phone_milliseconds,
    }
