"""`cnnstudio evaluate RUN [FOLDER]`: how often a run is right about labelled pictures."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.file_places import check_file_place
from cnnstudio.commands.output import Output
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.ui.words import percent, pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnstudio.core.evaluation.curves import ClassCurves, Curve
    from cnnstudio.core.evaluation.evaluation import Evaluation
    from cnnstudio.core.evaluation.figures import Figures
    from cnnstudio.core.jobs import TaskContext
    from cnnstudio.core.runs import Run


@click.command(short_help="Say how often a run is right.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--part",
    type=click.Choice(["test", "validation"]),
    help="Which pictures of the run to judge by, where there is no FOLDER: test, if not said.",
)
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Save every answer: path, true, predicted, and the probability of each class.",
)
@json_option
@pass_services
def evaluate(
    services: Services,
    run: Path,
    folder: Path | None,
    part: Literal["test", "validation"] | None,
    predictions: Path | None,
) -> None:
    """Ask RUN about labelled pictures and say how often it is right.

    RUN is the folder of a run, a project (its newest run is taken), or a run's model.keras.
    FOLDER is like that of train; its class folders bear the names of the run's classes. Without it
    the run is judged by its own test part: the answers it kept, nothing is asked anew.
    """
    from cnnstudio.core.evaluation.asking import EvaluationNote
    from cnnstudio.core.evaluation.caution import load_caution
    from cnnstudio.core.evaluation.curves import class_curves
    from cnnstudio.core.evaluation.figure_words import LEARNED_ELSEWHERE
    from cnnstudio.core.evaluation.figures import figures_of
    from cnnstudio.core.evaluation.handing_back import handed_back
    from cnnstudio.core.jobs import TaskContext

    if folder is not None and part is not None:
        raise click.UsageError("--part is for the run's own pictures: leave FOLDER or --part out.")
    check_file_place(predictions, "--predictions")
    output = services.output
    loaded = chosen_run(run)
    notes: list[str] = []
    with progress_display(output) as display:

        def listen(event: Any) -> None:
            if isinstance(event, EvaluationNote):
                notes.append(event.words)
            display.report(event)

        context = TaskContext(listen)
        if folder is None:
            asked = _kept(loaded, part or "test", notes)
        else:
            asked = _asked(services, loaded, folder, context)
        if loaded.is_imported:
            notes.append(LEARNED_ELSEWHERE)
        figures = figures_of(asked)(context)
        curves = class_curves(asked)(context)
    caution = load_caution(loaded.folder)
    kept_back = None if caution is None else handed_back(loaded, asked, caution)
    if predictions is not None:
        _save(asked, predictions)
    for words in notes:
        output.note(words)
    if not output.is_json:
        _show(output, figures, curves)
        if kept_back is not None:
            output.say(kept_back.sentence)
    output.event(
        "finished",
        run=loaded.folder,
        **_plain_figures(figures, curves, asked),
        handed_back=None if kept_back is None else kept_back.to_dict(),
        notes=notes,
    )


def _asked(services: Services, run: Run, folder: Path, context: TaskContext) -> Evaluation:
    from cnnstudio.core.dataset.scanning import scan
    from cnnstudio.core.evaluation.asking import evaluate_run

    project = scan(folder, context, is_read_only=True)
    return evaluate_run(services.engine, run, project)(context)


def _kept(run: Run, part: Literal["test", "validation"], notes: list[str]) -> Evaluation:
    from cnnstudio.core.errors import StudioError
    from cnnstudio.core.evaluation.evaluation import kept_evaluation
    from cnnstudio.core.evaluation.figure_words import CHOSEN_BY_THESE

    asked = kept_evaluation(run, part)
    if not len(asked):
        raise StudioError(
            f"The run {run.name} has no {part} pictures.",
            "Name a folder of class folders that it has never seen.",
        )
    if part == "validation" and not run.is_imported:
        notes.append(CHOSEN_BY_THESE)
    return asked


def _save(asked: Evaluation, file: Path) -> None:
    """Write answers with as many digits as they have, so that every figure can be had from them."""
    from cnnstudio.core.file_names import LEGIBLE
    from cnnstudio.core.storage.atomic import write_bytes

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["path", "true", "predicted", *asked.class_names])
    names = asked.class_names
    rows = zip(asked.pictures, asked.true, asked.predicted, asked.probabilities, strict=True)
    for picture, true, predicted, answer in rows:
        shares = (f"{value:.9g}" for value in answer)
        writer.writerow([picture.path, names[true], names[predicted], *shares])
    write_bytes(file, text.getvalue().encode("utf-8", LEGIBLE))


def _plain_figures(
    figures: Figures, curves: Sequence[ClassCurves], asked: Evaluation
) -> dict[str, Any]:
    """Return all figures in JSON's own types."""
    return {
        "part": figures.part,
        "accuracy": figures.accuracy,
        "interval": figures.interval,
        "count": figures.count,
        "correct": figures.correct,
        "problems": figures.problems,
        "learned": int(asked.learned.sum()),
        "balanced_accuracy": figures.balanced_accuracy,
        "balanced_interval": figures.balanced_interval,
        "macro": dataclasses.asdict(figures.macro),
        "top": [dataclasses.asdict(each) for each in figures.top],
        "classes": {
            each.name: {
                "precision": each.precision,
                "recall": each.recall,
                "f1": each.f1,
                "support": each.support,
                "precision_interval": each.precision_interval if each.asked else None,
                "recall_interval": each.recall_interval if each.support else None,
                "roc_area": None if curve.roc is None else curve.roc.area,
                "average_precision": (
                    None if curve.precision_recall is None else curve.precision_recall.area
                ),
                "roc": _points(curve.roc, "false_positive_rate", "true_positive_rate"),
                "precision_recall": _points(curve.precision_recall, "recall", "precision"),
            }
            for each, curve in zip(figures.classes, curves, strict=True)
        },
        "confusion": figures.confusion,
        "confusion_by_row": figures.by_row().tolist(),
        "confusion_by_column": figures.by_column().tolist(),
        "class_names": asked.class_names,
        "calibration": {
            "expected_error": figures.calibration.error,
            "confidence": figures.calibration.confidence,
            "bins": [dataclasses.asdict(each) for each in figures.calibration.bins],
        },
    }


def _points(curve: Curve | None, x: str, y: str) -> dict[str, list[float]] | None:
    return None if curve is None else {x: curve.x.tolist(), y: curve.y.tolist()}


def _show(output: Output, figures: Figures, curves: Sequence[ClassCurves]) -> None:
    from rich import box
    from rich.table import Table

    from cnnstudio.core.evaluation.figure_words import (
        accuracy_words,
        calibration_words,
        interval_words,
    )

    output.say(f"{percent(figures.accuracy)} of {pictures(figures.count)} are right.")
    output.say(accuracy_words(figures))
    if figures.problems:
        output.say(f"{pictures(figures.problems)} could not be read and are not counted.")
    low, high = interval_words(figures.balanced_interval)
    output.say(
        f"Balanced accuracy (each class is worth the same): {percent(figures.balanced_accuracy)},"
        f" between {low} and {high}."
    )
    if figures.top:
        shares = ", ".join(f"{percent(each.share)} (first {each.size})" for each in figures.top)
        output.say(f"The true class is among its first answers: {shares}.")
    output.say(calibration_words(figures))
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Class")
    for heading in ("Precision", "Recall", "Recall, 95 % interval", "F1", "ROC area", "Pictures"):
        table.add_column(heading, justify="right")
    for each, curve in zip(figures.classes, curves, strict=True):
        low, high = interval_words(each.recall_interval)
        table.add_row(
            each.name,
            _share(each.precision),
            _share(each.recall),
            f"{low} to {high}" if each.support else "–",
            _share(each.f1),
            "–" if curve.roc is None else f"{curve.roc.area:.3f}",
            f"{each.support:,}",
        )
    table.add_section()
    macro = figures.macro
    means = (_share(macro.precision), _share(macro.recall), "", _share(macro.f1), "")
    table.add_row("mean of the classes", *means, f"{figures.count:,}")
    output.console.print(table)
    worst = figures.worst_confusions()
    if worst:
        output.say("Most often confused:")
    for mistake in worst:
        true, predicted = figures.classes[mistake.true], figures.classes[mistake.predicted]
        output.say(
            f"  {true.name} taken for {predicted.name}: {mistake.count:,} of {true.support:,}"
            f" ({percent(mistake.share)})"
        )


def _share(share: float | None) -> str:
    return "–" if share is None else percent(share)
