"""`cnnstudio search FOLDER`: which of a handful of settings for Fast start does best."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnstudio.commands.interrupts import INTERRUPTED, Interrupts
from cnnstudio.commands.opened_project import opened_project
from cnnstudio.commands.output import Output
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.commands.settings import refuse_idle, with_assignments
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.search_variants import as_fast_start, assignments_between
from cnnstudio.core.setting_words import has_effect
from cnnstudio.ui.words import duration, percent

if TYPE_CHECKING:
    from cnnstudio.core.searching import SearchResult, Trial


@click.command(short_help="Try a handful of settings.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--limit",
    type=click.IntRange(2, 16),
    default=12,
    show_default=True,
    metavar="N",
    help="Try at most so many.",
)
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change a setting to start from, such as transfer.variants=2.",
)
@json_option
@pass_services
def search(services: Services, folder: Path, limit: int, assignments: tuple[str, ...]) -> int:
    """Try a handful of settings for Fast start on the pictures in FOLDER.

    They are compared by the validation pictures; the test pictures are left for the training that
    follows. No run is kept. Ctrl-C stops early and says what was found until then.
    """
    from cnnstudio.core.searching import VariantTried, search_settings
    from cnnstudio.core.storage import project_file

    output = services.output
    project = opened_project(output, folder)
    has_settings = project_file.exists(folder)
    config = project.config if has_settings else training_preset("fast").config
    config = with_assignments(as_fast_start(config), assignments)
    refuse_idle(config, assignments)
    project = dataclasses.replace(project, config=config)
    context = TaskContext()
    with (
        progress_display(output) as display,
        Interrupts(context, display.announce) as interrupts,
    ):

        def listen(event: Any) -> None:
            if isinstance(event, VariantTried):
                output.event("variant", **_fields(event.trial), done=event.done, total=event.total)
            display.report(event)

        context.listen(listen)
        task = search_settings(services.engine, project, limit, write_project=has_settings)
        result = task(context)
    if not output.is_json:
        _show(output, result, folder)
    output.event(
        "finished",
        best=_fields(result.trials[0]),
        trials=[_fields(each) for each in result.trials],
        planned=result.planned,
        is_complete=result.is_complete,
        validation_count=result.validation_count,
        words=result.words,
        warning=result.warning,
    )
    return INTERRUPTED if interrupts.count else 0


def _fields(trial: Trial) -> dict[str, Any]:
    """Return what a JSON line says about a trial; `set` is what `cnnstudio train --set` takes."""
    return {
        "label": trial.label,
        "accuracy": trial.accuracy,
        "loss": trial.loss,
        "best_epoch": trial.best_epoch,
        "seconds": trial.seconds,
        "gain": trial.gain,
        "gain_error": trial.gain_error,
        "set": list(trial.assignments),
    }


def _show(output: Output, result: SearchResult, folder: Path) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Settings")
    for heading in ("Validation", "Points against now", "Took"):
        table.add_column(heading, justify="right")
    for each in result.trials:
        table.add_row(
            each.label,
            percent(each.accuracy),
            "" if each is result.present else each.gain_words,
            duration(each.seconds),
        )
    output.console.print(table)
    output.say(result.words)
    if result.warning:
        output.say(result.warning)
    best, what = (result.trials[0], "best") if result.is_any_better else (result.present, "present")
    output.say(f"To train with the {what} settings: {_command(best.config, folder)}")


def _command(config: RunConfig, folder: Path) -> str:
    """Return what trains the pictures in a folder with these settings, whatever its project's."""
    preset = training_preset("fast")
    options = [
        f"--set {shlex.quote(each)}"
        for each in assignments_between(preset.config, config)
        if has_effect(config, each.partition("=")[0])
    ]
    command = ["cnnstudio train", shlex.quote(str(folder)), f"--preset {preset.key}", *options]
    return " ".join(command)
