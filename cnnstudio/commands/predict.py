"""`cnnstudio predict RUN PATH...`: what a run says about pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.file_places import check_file_place
from cnnstudio.commands.output import Output
from cnnstudio.commands.predict_table import refuse_nothing_read, sort_by_table, write_table
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.commands.sorting_options import check_sorting, sorting_options
from cnnstudio.core.events import PredictionMade
from cnnstudio.core.file_names import legible
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.words import percent

if TYPE_CHECKING:
    from cnnstudio.core.predictions import PictureProblem, Prediction
    from cnnstudio.core.runs import Run

_CLASSES_SHOWN = 3


@click.command(short_help="Ask a run about pictures.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    help="Give the N most probable classes of each picture.",
)
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also save the answers as a table with a column for each class.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a table row by row instead of showing the answers: for any number of pictures."
    " Cut off, the same command goes on.",
)
@click.option("--fresh", is_flag=True, help="Make the table of --out anew.")
@sorting_options
@json_option
@pass_services
def predict(
    services: Services,
    run: Path,
    paths: tuple[Path, ...],
    top: int | None,
    csv_file: Path | None,
    out: Path | None,
    fresh: bool,
    sort_folder: Path | None,
    moves: bool,
) -> None:
    """Ask RUN which class each picture belongs to.

    RUN is the folder of a run, a project (its newest run is taken), or a run's model.keras. Each
    PATH is a picture, a folder of pictures, an archive (ZIP, TAR), a table that names pictures
    (CSV) or a video. A file that cannot be read is listed with its reason. What the run is not sure
    about, by the choice kept with it, is said with the reason.
    """
    from cnnstudio.core.prediction_table import write_prediction_table
    from cnnstudio.core.predictions import PictureProblem

    output = services.output
    check_sorting(sort_folder, moves=moves)
    if csv_file is not None and (out is not None or sort_folder is not None):
        raise click.BadParameter(
            "Give --csv alone, or --out for the long table.", param_hint="--csv"
        )
    if fresh and out is None:
        raise click.BadParameter("Say which table: --out FILE.", param_hint="--fresh")
    check_file_place(out, "--out")
    check_file_place(csv_file, "--csv")
    if out is not None or sort_folder is not None:
        _ask_in_bulk(services, chosen_run(run), paths, top, out, sort_folder, fresh, moves)
        return
    loaded = chosen_run(run)
    answers = ask(services, loaded, paths, top)
    if csv_file is not None:
        write_prediction_table(csv_file, loaded.class_names, answers)
    if not output.is_json:
        show_answers(output, answers, top or _CLASSES_SHOWN)
        if csv_file is not None:
            output.say(f"Saved as {csv_file}.")
    problems = sum(isinstance(answer, PictureProblem) for answer in answers)
    refuse_nothing_read(len(answers), problems)
    output.event(
        "finished",
        run=loaded.folder,
        pictures=len(answers),
        predictions=len(answers) - problems,
        problems=problems,
        csv=csv_file,
    )


def _ask_in_bulk(
    services: Services,
    run: Run,
    paths: Sequence[Path],
    top: int | None,
    out: Path | None,
    sort_folder: Path | None,
    is_fresh: bool,
    moves: bool,
) -> None:
    """Answer into a table, which need not outlive the sorting by it."""
    from cnnstudio.core.storage.atomic import scratch_folder

    top = top or _CLASSES_SHOWN
    with scratch_folder() as scratch:
        table = out or scratch / "answers.csv"
        write_table(services, run, paths, table, top, is_fresh=is_fresh, is_kept=out is not None)
        if sort_folder is not None:
            sort_by_table(services, paths, table, sort_folder, moves=moves)


def ask(
    services: Services, run: Run, sources: Sequence[Path], top: int | None = None
) -> list[Prediction | PictureProblem]:
    """Ask a run about files and folders, writing JSON lines as the answers come, in order."""
    from cnnstudio.core.predicting import predict_pictures

    answers: list[Prediction | PictureProblem] = []
    with progress_display(services.output) as display:

        def report(event: Any) -> None:
            if isinstance(event, PredictionMade):
                answers.append(event.prediction)
                say_as_json(services.output, event.prediction, top)
            display.report(event)

        predict_pictures(services.engine, run, sources)(TaskContext(report))
    return answers


def show_answers(
    output: Output, answers: Sequence[Prediction | PictureProblem], classes_shown: int
) -> None:
    """Write a table with the most probable classes of each picture."""
    from rich import box
    from rich.table import Table

    from cnnstudio.core.predictions import PictureProblem

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Picture", overflow="fold")
    table.add_column("Class", overflow="fold")
    table.add_column("Probability", justify="right")
    most = max(
        (len(a.class_names) for a in answers if not isinstance(a, PictureProblem)), default=1
    )
    has_others = min(classes_shown, most) > 1
    if has_others:
        table.add_column("Then", overflow="fold")
    for answer in answers:
        if isinstance(answer, PictureProblem):
            table.add_row(legible(answer.source), f"not read: {answer.reason}")
            continue
        others = answer.ranked()[1:classes_shown]
        then = ", ".join(f"{name} {percent(share)}" for name, share in others)
        named = answer.predicted_class
        if answer.is_unsure:
            named = f"Not sure: {answer.reason()}"
        row = [legible(answer.source), named, percent(answer.probability)]
        table.add_row(*row, *([then] if has_others else []))
    output.console.print(table)


def say_as_json(output: Output, answer: Prediction | PictureProblem, top: int | None) -> None:
    """Write the JSON line of an answer, with its `top` most probable classes; None: with all."""
    from cnnstudio.core.predictions import PictureProblem

    if isinstance(answer, PictureProblem):
        output.event("problem", path=answer.source, reason=answer.reason)
        return
    output.event(
        "prediction",
        path=answer.source,
        predicted_class=answer.predicted_class,
        probability=answer.probability,
        not_sure=answer.is_unsure,
        reason=answer.reason(),
        probabilities=dict(answer.ranked()[:top]),
    )
