"""`cnnstudio import-model FILE`: a run from a model that was made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnstudio.commands.opened_project import opened_project
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.catalog.scalings import SCALINGS
from cnnstudio.ui.words import percent, pictures

if TYPE_CHECKING:
    from cnnstudio.commands.output import Output
    from cnnstudio.core.config import ResizeMode
    from cnnstudio.core.foreign.choices import ImportChoices
    from cnnstudio.core.foreign.found_model import FoundModel
    from cnnstudio.core.foreign.trying import ScalingTrial
    from cnnstudio.core.jobs import TaskContext
    from cnnstudio.core.project import Project
    from cnnstudio.core.runs import Run


@click.command("import-model", short_help="Use a model that somebody else has trained.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="PROJECT",
    help="The project among whose runs it goes; its pictures judge it where class names agree.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="RUN_DIR",
    help="Where the run goes, in the place of --into.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Names of the classes, one in each line.  [default: those in the file or beside it]",
)
@click.option(
    "--scaling",
    type=click.Choice([each.key for each in SCALINGS]),
    help="How the values of pictures go in.  [default: what the file says, what is right most often"
    " on the project's pictures, or a guess]",
)
@click.option(
    "--size",
    type=click.IntRange(8, 1024),
    metavar="N",
    help="Picture width and height in pixels, for a model that takes any.  [default: 224]",
)
@click.option(
    "--resize",
    type=click.Choice(["crop", "pad", "stretch"]),
    help="How pictures are brought to that size.  [default: crop]",
)
@click.option("--name", metavar="NAME", help="What the run is called.  [default: the file's name]")
@json_option
@pass_services
def import_model(
    services: Services,
    file: Path,
    into: Path | None,
    out: Path | None,
    labels: Path | None,
    scaling: str | None,
    size: int | None,
    resize: ResizeMode | None,
    name: str | None,
) -> None:
    """Make a run of FILE, an image classifier that ends with .keras, .tflite or .onnx.

    The run can be used like any other: predict, evaluate, explain. Nothing in the file is run as
    code: models with layers or operations of their own are refused.
    """
    from dataclasses import replace

    from cnnstudio.core.foreign.choices import guessed_choices
    from cnnstudio.core.foreign.importing import import_model as importing
    from cnnstudio.core.foreign.labels import read_labels
    from cnnstudio.core.jobs import TaskContext

    if (into is None) == (out is None):
        raise click.UsageError("Say where the run goes: --into PROJECT or --out RUN_DIR.")
    output = services.output
    names = None if labels is None else read_labels(labels)
    project = None if into is None else opened_project(output, into)
    trial = None
    with progress_display(output) as display:
        context = TaskContext(display.report)
        found = services.engine.inspect_model(file, context)
        choices = guessed_choices(file, found)
        if labels is not None and names is not None:
            choices = choices.with_names(names, labels.name)
        feeding = found.feeding(size or choices.feeding.size_px, choices.feeding.scaling)
        choices = replace(
            choices,
            name=name or choices.name,
            resize_mode=resize or choices.resize_mode,
            feeding=feeding,
        )
        if scaling is not None:
            choices = replace(choices, feeding=replace(feeding, scaling=scaling))
        elif project is not None and not (choices.is_exported or found.is_certain):
            trial = _tried(services, file, found, choices, project, context)
            best = trial.best_or(feeding.scaling)
            choices = replace(choices, feeding=replace(feeding, scaling=best))
        run = importing(services.engine, file, found, choices, project, out)(context)
    _show(output, run, found, choices, trial)


def _tried(
    services: Services,
    file: Path,
    found: FoundModel,
    choices: ImportChoices,
    project: Project,
    context: TaskContext,
) -> ScalingTrial:
    from cnnstudio.core.foreign.trying import try_scalings

    return try_scalings(
        services.engine,
        file,
        found,
        choices.titles,
        choices.feeding.size_px,
        choices.resize_mode,
        project,
    )(context)


def _show(
    output: Output, run: Run, found: FoundModel, choices: ImportChoices, trial: ScalingTrial | None
) -> None:
    from cnnstudio.core.foreign.trying_words import doubt_words, scaling_words, tried_words

    feeding = choices.feeding
    output.say(f"{len(run.class_names):,} classes, pictures of {feeding.size_px} px.")
    if choices.labels_from:
        output.say(f"Names of the classes: {choices.labels_words}")
    else:
        output.note("Nothing names the classes: they are numbered. Give a list with --labels.")
    output.say(scaling_words(found, choices, trial))
    if trial is not None and trial.labelled:
        for words in tried_words(trial):
            output.say(f"  {words}")
    if doubt := doubt_words(trial):
        output.note(f"{doubt} Say with --scaling how values go in, if you know.")
    for words in run.warnings:
        output.note(words)
    if run.accuracy is not None:
        count = run.counts["test"] or run.counts["validation"]
        output.say(f"{percent(run.accuracy)} of {pictures(count)} of the project are right.")
    output.say(f"Saved in {run.folder}")
    output.event(
        "finished",
        run=run.folder,
        name=run.name,
        kind=found.kind,
        class_names=run.class_names,
        class_titles=run.class_titles,
        labels_from=choices.labels_from,
        size=feeding.size_px,
        scaling=feeding.scaling,
        answers=feeding.answers,
        resize=choices.resize_mode,
        tried=(
            None
            if trial is None
            else {
                "labelled": trial.labelled,
                "right": {each.key: each.right for each in trial.tried if not each.problem},
                "may_be_chance": trial.rival() is not None,
            }
        ),
        counts=dict(run.counts),
        test_accuracy=run.test_accuracy,
        warnings=run.warnings,
    )
