"""A training on the terminal, with its progress and Ctrl-C, shared by `train` and `demo`."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnstudio.commands.interrupts import Interrupts
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.events import TrainingBegan
from cnnstudio.core.jobs import NOTHING_LEARNED, TaskContext
from cnnstudio.core.project import Project, Split
from cnnstudio.core.training_members import SEE_HEALTH_CHECK
from cnnstudio.ui.words import counted, duration, percent, pictures

if TYPE_CHECKING:
    from cnnstudio.core.runs import Run
    from cnnstudio.core.storage.unfinished_runs import UnfinishedRun


def run_training(
    services: Services,
    project: Project,
    *,
    out: Path | None = None,
    extra_parts: Mapping[Split, Project] | None = None,
    write_project: bool = True,
    unfinished: UnfinishedRun | None = None,
) -> tuple[Run, bool]:
    """Train with the project's settings, or go on with what was cut off, showing progress.

    Returns:
        The saved run, and whether the user interrupted it, so that only its first epochs are there.

    Raises:
        Cancelled: the user interrupted twice, or before anything was learned; nothing was kept.
        StudioError: see `train_project` and `resume_training`.
    """
    from cnnstudio.core.resuming import resume_training
    from cnnstudio.core.training import train_project

    output = services.output
    output.outlives_its_reader = True  # no run is lost because nobody reads the rest
    context = TaskContext()
    with (
        progress_display(output) as display,
        Interrupts(context, display.announce) as interrupts,
    ):
        folder = (unfinished.pictures if unfinished is not None else project.root).absolute()
        context.listen(lambda event: display.report(_in_the_terminal(event, folder)))
        if unfinished is not None:
            task = resume_training(services.engine, unfinished, project, write_project)
        else:
            task = train_project(
                services.engine,
                project,
                out=out,
                write_project=write_project,
                extra_parts=extra_parts,
            )
        try:
            return task(context), interrupts.count > 0
        except (Exception, KeyboardInterrupt) as error:
            # Where the interrupt hit, anything may have become of it.
            if interrupts.count and context.has_kept:
                raise Cancelled("Interrupted: the run is saved all the same.") from error
            if interrupts.count and not context.has_learned:
                raise Cancelled(NOTHING_LEARNED) from error
            raise


def _in_the_terminal(event: Any, folder: Path) -> Any:
    """Return an event with the name that the health check has on the command line."""
    if not isinstance(event, TrainingBegan):
        return event
    command = f"cnnstudio check {shlex.quote(str(folder))} lists all of them."
    warnings = (each.replace(SEE_HEALTH_CHECK, command) for each in event.warnings)
    return dataclasses.replace(event, warnings=tuple(warnings))


def finished_fields(run: Run) -> dict[str, Any]:
    """Return what the last JSON line says about a run."""
    return {
        "run": run.folder,
        "name": run.name,
        "preset": run.config.preset,
        "status": run.status,
        "epochs": run.epochs,
        "best_epoch": run.best_epoch,
        "validation_accuracy": run.validation_accuracy,
        "test_accuracy": run.test_accuracy,
        "test_interval": _test_interval(run),
        "cross_check": None if run.cross_check is None else run.cross_check.to_dict(),
        "images_per_second": run.images_per_second,
        "seconds": run.seconds,
        "device": run.device,
        "precision": run.precision,
        "warnings": run.warnings,
    }


def result_words(run: Run) -> str:
    """Return what a run came to, a line or two for people."""
    kept = f"Epoch {run.best_epoch}"
    if not run.best_epoch:
        kept = "No epoch was better than the start, the network as it was taken over, which"
    ending = "Stopped" if run.status == "stopped" else "Finished"
    words = (
        f"{ending} after {counted(run.epochs, 'epoch')} in {duration(run.seconds)} on"
        f" {run.device} ({run.precision}, {run.images_per_second:.0f} pictures/s). {kept} is kept:"
        f" {percent(run.validation_accuracy)} of the validation pictures are right."
    )
    interval = _test_interval(run)
    if run.test_accuracy is not None and interval is not None:
        words += (
            f"\nTest: {percent(run.test_accuracy)} of {pictures(run.counts['test'])} are right"
            f" (95 % interval {percent(interval[0])} to {percent(interval[1])})."
        )
    if run.cross_check is not None:
        words += f"\nWithout the test pictures, which are few: {run.cross_check.sentence}"
    return words


def _test_interval(run: Run) -> tuple[float, float] | None:
    from cnnstudio.core.metrics import wilson_interval

    count = run.counts.get("test", 0)
    if run.test_accuracy is None or not count:
        return None
    return wilson_interval(round(run.test_accuracy * count), count)
