"""`cnnstudio train FOLDER`: a run from a folder of pictures."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnstudio.commands.interrupts import INTERRUPTED
from cnnstudio.commands.opened_project import opened_project
from cnnstudio.commands.output import Output
from cnnstudio.commands.resumed_run import unfinished_run
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.commands.settings import refuse_idle, with_assignments, with_file, with_value
from cnnstudio.commands.training_run import finished_fields, result_words, run_training
from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER, Project, Split

if TYPE_CHECKING:
    from cnnstudio.core.runs import Run
    from cnnstudio.core.storage.unfinished_runs import UnfinishedRun

_NOT_TO_BE_WRITTEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)

_SHORT_OPTIONS = {
    "epochs": "training.epochs",
    "size": "training.image_size",
    "batch": "training.batch_size",
    "seed": "training.seed",
}


@click.command(short_help="Train a network on a folder of pictures.")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--preset",
    type=click.Choice([preset.key for preset in TRAINING_PRESETS]),
    help="The way of training; a project's own settings are passed over.  [default: fast]",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE.json",
    help="Settings from a file, such as the config.json of a run.",
)
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change a setting, such as variants=2, rotation=10 or network.blocks.1.filters=32.",
)
@click.option(
    "--validation",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Class folders of pictures that choose the best epoch.",
)
@click.option(
    "--test",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Class folders of pictures kept apart for the final figure.",
)
@click.option("--epochs", type=int, metavar="N", help="How often every picture is seen.")
@click.option(
    "--size",
    type=int,
    metavar="N",
    help="Picture width and height in pixels; fast start has its own.",
)
@click.option("--batch", type=int, metavar="N", help="Pictures in one step of learning.")
@click.option("--seed", type=int, metavar="N", help="The same seed repeats the same training.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="RUN_DIR",
    help="Where the run goes.  [default: the runs folder of the project]",
)
@click.option(
    "--resume",
    metavar="RUN",
    help="Go on with a training that was cut off: its folder, its name, or last.",
)
@json_option
@pass_services
def train(
    services: Services,
    /,
    folder: Path | None,
    preset: str | None,
    config_file: Path | None,
    assignments: tuple[str, ...],
    validation: Path | None,
    test: Path | None,
    out: Path | None,
    resume: str | None,
    **short: int | None,
) -> int:
    """Train a network on the pictures in FOLDER and save it as a run.

    FOLDER is a project, a folder of class folders, or one that holds train, validation and test
    folders, which are then used as the split. Ctrl-C stops early and keeps the best epoch. A
    training that was killed is gone on with by --resume, with the settings it was begun with;
    FOLDER may then be left away where RUN is the folder of a run.
    """
    from cnnstudio.core.storage import project_file

    unfinished = None
    if resume is not None:
        given = (preset, config_file, *assignments, validation, test, out, *short.values())
        if any(each is not None for each in given):
            raise click.UsageError("--resume keeps the settings and pictures of its training.")
        unfinished = unfinished_run(resume, folder)
        folder = folder or unfinished.pictures
    if folder is None:
        raise click.UsageError("Name the FOLDER that holds the pictures.")
    if out is not None:
        _refuse_run_among_classes(out, folder)
    has_settings = project_file.exists(folder)
    project = opened_project(services.output, folder)
    if unfinished is not None:
        return _go_on(services, project, unfinished, has_settings)
    config = training_preset(preset or TRAINING_PRESETS[0].key).config
    if preset is None and has_settings:
        config = project.config
    if config_file is not None:
        config = with_file(config, config_file)
    config = with_assignments(config, assignments)
    refuse_idle(config, assignments)
    for name, value in short.items():
        if value is not None:
            config = with_value(config, _SHORT_OPTIONS[name], value, f"--{name}")
    parts: dict[Split, Path | None] = {"validation": validation, "test": test}
    output = services.output
    if short["size"] is not None and training_preset(config.preset).footing == "features":
        output.note("Fast start looks at pictures in a size of its own: --size is passed over.")
    extra_parts = {
        split: _part(output, place, split) for split, place in parts.items() if place is not None
    }
    with contextlib.nullcontext() if out is not None else _offering_another_place():
        run, is_interrupted = run_training(
            services,
            dataclasses.replace(project, config=config),
            out=out and out.absolute(),
            extra_parts=extra_parts,
            write_project=out is None or has_settings,
        )
    return _finished(output, run, is_interrupted)


def _go_on(
    services: Services, project: Project, unfinished: UnfinishedRun, has_settings: bool
) -> int:
    is_own = unfinished.folder.parent.resolve() == project.runs_folder.resolve()
    run, is_interrupted = run_training(
        services, project, unfinished=unfinished, write_project=is_own or has_settings
    )
    return _finished(services.output, run, is_interrupted)


def _finished(output: Output, run: Run, is_interrupted: bool) -> int:
    output.say(result_words(run))
    output.say(f"Saved in {run.folder}")
    output.event("finished", **finished_fields(run))
    return INTERRUPTED if is_interrupted else 0


@contextlib.contextmanager
def _offering_another_place() -> Iterator[None]:
    """Name --out where the pictures' folder takes no runs: read-only, or somebody else's."""
    try:
        yield
    except StudioError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in _NOT_TO_BE_WRITTEN:
            hint = "Name a place where you may write with --out RUN_DIR."
            raise StudioError(error.sentence, hint) from error
        raise


def _refuse_run_among_classes(out: Path, folder: Path) -> None:
    """Refuse a run folder that would be taken for a class of the pictures.

    Raises:
        BadParameter: it lies in the folder of pictures and is not hidden there.
    """
    from cnnstudio.core.dataset.images import is_junk_folder

    place, root = out.absolute().resolve(), folder.absolute().resolve()
    if place != root and place.is_relative_to(root):
        first = place.relative_to(root).parts[0]
        if not is_junk_folder(first):
            raise click.BadParameter(
                f"In {folder} the folder {first} would be taken for a class. Choose a place"
                f" outside, or leave --out away: runs then go to {STATE_FOLDER}/runs.",
                param_hint="--out",
            )


def _part(output: Output, folder: Path, split: Split) -> Project:
    """Read a folder that was given as one part of the split; of one with parts, take that part.

    Raises:
        StudioError: it holds no pictures in class folders, or has parts, but not this one.
    """
    from cnnstudio.core.dataset.scanning import scan

    part = scan(folder, is_read_only=True)
    if part.layout == "splits":
        own = tuple(sample for sample in part.samples if sample.pinned_split == split)
        if not own:
            raise StudioError(
                f"{folder} has parts, but no pictures in a {split} folder.",
                "Give the folder that holds the class folders.",
            )
        output.note(
            f"{part.title} has parts: only the {len(own):,} {split} pictures are used as {split}."
        )
        return dataclasses.replace(part, samples=own)
    if not any(sample.class_name is not None for sample in part.samples):
        raise StudioError(
            f"{folder} holds no pictures in class folders.",
            "Give a folder whose sub-folders are classes.",
        )
    return part
