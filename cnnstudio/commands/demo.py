"""`cnnstudio demo`: the whole way on a sample, in the window or in the terminal."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnstudio import folders
from cnnstudio.commands.interrupts import INTERRUPTED
from cnnstudio.commands.open import why_no_window
from cnnstudio.commands.opened_project import opened_project
from cnnstudio.commands.predict import ask, show_answers
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.commands.settings import with_value
from cnnstudio.commands.training_run import finished_fields, result_words, run_training
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext

if TYPE_CHECKING:
    from cnnstudio.core.project import Project

_PREDICTIONS = 5


@click.command(short_help="Train on a sample, then predict.")
@click.option("--headless", is_flag=True, help="Stay in the terminal.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the sample project goes.  [default: the folder that info names]",
)
@click.option("--epochs", type=int, metavar="N", help="How often every picture is seen.")
@json_option
@pass_services
def demo(services: Services, headless: bool, folder: Path | None, epochs: int | None) -> int:
    """Train on a sample of 1,797 handwritten digits, then predict some.

    The window opens where there is a display; without one, or with --headless or --json, the same
    happens in the terminal. No download is needed.
    """
    output = services.output
    reason = None if headless or output.is_json else why_no_window()
    if reason is not None:
        output.note(f"{reason} The demo goes on in the terminal.")
    folder = folder or folders.sample_project_folder()
    _make_sample(services, folder)
    project = opened_project(output, folder)
    if epochs is not None:
        config = with_value(project.config, "training.epochs", epochs, "--epochs")
        project = dataclasses.replace(project, config=config)
    if headless or output.is_json or reason is not None:
        return _in_the_terminal(services, project)
    return services.open_window(project.root, True)


def _make_sample(services: Services, folder: Path) -> None:
    from cnnstudio.core.dataset.scanning import class_folders
    from cnnstudio.core.sample import write_sample_project
    from cnnstudio.core.storage import project_file

    # Somebody may have deleted the settings of the sample: those are made again.
    digits = {str(digit) for digit in range(10)}
    is_other = folder.is_dir() and any(folder.iterdir()) and not project_file.exists(folder)
    if is_other and not digits & set(class_folders(folder)):
        raise StudioError(
            f"The folder {folder} holds something else than the sample.",
            "Choose an empty folder, or one that does not exist yet.",
        )
    with progress_display(services.output) as display:
        context = TaskContext(display.report)
        write_sample_project(
            folder,
            lambda done, total: context.report(
                Progress("Writing the sample pictures", done, total)
            ),
        )


def _in_the_terminal(services: Services, project: Project) -> int:
    from cnnstudio.core.runs import read_samples

    output = services.output
    run, is_interrupted = run_training(services, project)
    output.say(result_words(run))
    tested = [sample for sample in read_samples(run) if sample.split == "test"]
    # Spread over the classes: the list is in their order.
    shown = tested[:: max(1, len(tested) // _PREDICTIONS)][:_PREDICTIONS]
    if shown and not is_interrupted:
        output.say("\nFive pictures that it was not trained on:")
        answers = ask(services, run, [project.root / sample.path for sample in shown])
        if not output.is_json:
            show_answers(output, answers, 2)
    output.say(f"The pictures are in {project.root}")
    output.say(f"The run is in {run.folder}")
    output.say(f"To see it in the window: cnnstudio {shlex.quote(str(project.root))}")
    output.event("finished", project=project.root, **finished_fields(run))
    return INTERRUPTED if is_interrupted else 0
