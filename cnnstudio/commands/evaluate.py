"""`cnnstudio evaluate RUN FOLDER`: how often a run is right about labelled pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.output import Output
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.words import percent, pictures

if TYPE_CHECKING:
    from cnnstudio.core.metrics import EvaluationReport


@click.command(short_help="Say how often a run is right.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@pass_services
def evaluate(services: Services, run: Path, folder: Path) -> None:
    """Ask RUN about the labelled pictures in FOLDER and say how often it is right.

    RUN is the folder of a run, a project (its newest run is taken), or a run's model.keras.
    FOLDER is like that of train; its class folders bear the names of the run's classes.
    """
    from cnnstudio.core.dataset.scanning import scan
    from cnnstudio.core.evaluation.asking import EvaluationNote, evaluate_run
    from cnnstudio.core.evaluation.caution import load_caution
    from cnnstudio.core.evaluation.handing_back import handed_back
    from cnnstudio.core.metrics import evaluation_report

    output = services.output
    loaded = chosen_run(run)
    notes: list[str] = []
    with progress_display(output) as display:

        def listen(event: Any) -> None:
            if isinstance(event, EvaluationNote):
                notes.append(event.words)
            display.report(event)

        context = TaskContext(listen)
        project = scan(folder, context, is_read_only=True)
        asked = evaluate_run(services.engine, loaded, project)(context)
    report = evaluation_report(asked.true, asked.predicted, asked.class_names, asked.problems)
    caution = load_caution(loaded.folder)
    kept_back = None if caution is None else handed_back(loaded, asked, caution)
    for words in notes:
        output.note(words)
    names = [each.name for each in report.classes]
    if not output.is_json:
        _show(output, report)
        if kept_back is not None:
            output.say(kept_back.sentence)
    output.event(
        "finished",
        run=loaded.folder,
        accuracy=report.accuracy,
        interval=report.interval,
        count=report.count,
        correct=report.correct,
        problems=report.problems,
        handed_back=None if kept_back is None else kept_back.to_dict(),
        classes={
            each.name: {
                "precision": each.precision,
                "recall": each.recall,
                "f1": each.f1,
                "support": each.support,
            }
            for each in report.classes
        },
        confusion=report.confusion,
        class_names=names,
        notes=notes,
    )


def accuracy_words(correct: int, count: int, interval: tuple[float, float]) -> str:
    """Return an accuracy with what it is worth, as a sentence."""
    return (
        f"{percent(correct / count if count else 0.0)} of {pictures(count)} are right"
        f" ({correct:,} of {count:,}). On other pictures of the same kind, expect between"
        f" {percent(interval[0])} and {percent(interval[1])} (95 % interval)."
    )


def _show(output: Output, report: EvaluationReport) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Class")
    for heading in ("Precision", "Recall", "F1", "Pictures"):
        table.add_column(heading, justify="right")
    for each in report.classes:
        shares = (each.precision, each.recall, each.f1)
        figures = ["–" if share is None else percent(share) for share in shares]
        table.add_row(each.name, *figures, f"{each.support:,}")
    output.say(accuracy_words(report.correct, report.count, report.interval))
    if report.problems:
        output.say(f"{pictures(report.problems)} could not be read and are not counted.")
    output.console.print(table)
