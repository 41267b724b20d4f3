"""`cnnstudio watch RUN FOLDER`: answers pictures as they arrive in a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.file_places import check_file_place
from cnnstudio.commands.predict import say_as_json
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.commands.sorting_options import check_sorting, sorting_options
from cnnstudio.ui.words import percent, pictures

if TYPE_CHECKING:
    from cnnstudio.core.answer_table import AnswerDraft
    from cnnstudio.core.events import PredictionMade
    from cnnstudio.core.runs import Run


@click.command(short_help="Answer pictures as they arrive in a folder.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Add a row for each picture to a table; those that are in it are not asked about again.",
)
@click.option(
    "--top",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    metavar="N",
    help="Give the N most probable classes of each picture in the table.",
)
@sorting_options
@json_option
@pass_services
def watch(
    services: Services,
    run: Path,
    folder: Path,
    out: Path | None,
    top: int,
    sort_folder: Path | None,
    moves: bool,
) -> None:
    """Ask RUN about the pictures in FOLDER, and about each that arrives, until Ctrl-C.

    That is its usual end: the exit code is 0.
    A picture is looked at once its file is complete: a second after it was last written to.
    """
    check_sorting(sort_folder, moves=moves)
    check_file_place(out, "--out")
    watcher = _Watcher(services, chosen_run(run), folder, top, sort_folder, moves=moves)
    with contextlib.suppress(KeyboardInterrupt):
        watcher.watch(out)
    services.output.say(f"Watched {folder}: {pictures(watcher.answered)} answered.")
    services.output.event("finished", folder=folder, pictures=watcher.answered)


class _Watcher:
    def __init__(
        self,
        services: Services,
        run: Run,
        folder: Path,
        top: int,
        sort_folder: Path | None,
        *,
        moves: bool,
    ) -> None:
        self.answered = 0
        self._services = services
        self._run = run
        self._folder = folder
        self._top = min(top, len(run.class_names))
        self._sort_folder = sort_folder
        self._moves = moves

    def watch(self, out: Path | None) -> None:
        """Answer until somebody presses Ctrl-C."""
        from cnnstudio.core.answer_table import growing_table, table_header
        from cnnstudio.core.arrivals import arrivals
        from cnnstudio.core.file_names import legible
        from cnnstudio.core.jobs import TaskContext
        from cnnstudio.core.predicting import answers_to

        output, context = self._services.output, TaskContext()
        with contextlib.ExitStack() as stack:
            table: AnswerDraft | None = None
            if out is not None:
                table = stack.enter_context(growing_table(out, table_header(self._top)))
            output.note(f"Watching {self._folder}. Ctrl-C ends it.")
            for lot in arrivals(self._folder, context, self._sort_folder):
                known = set() if table is None else table.names
                new = [path for path in lot if legible(str(path)) not in known]
                for answers in answers_to(self._services.engine, self._run, new, context):
                    self._take(answers, table)

    def _take(self, answers: Sequence[PredictionMade], table: AnswerDraft | None) -> None:
        from cnnstudio.core.answer_table import table_row

        self.answered += len(answers)
        if table is not None:
            table.append(table_row(made.prediction, self._top, self._run) for made in answers)
        for made in answers:
            self._say(made.prediction)
        if self._sort_folder is not None:
            self._sort(answers, self._sort_folder)

    def _say(self, answer: Any) -> None:
        from cnnstudio.core.predictions import Prediction

        output = self._services.output
        say_as_json(output, answer, self._top)
        if not isinstance(answer, Prediction):
            output.say(f"{answer.source}: not read, {answer.reason}")
            return
        unsure = f", not sure: {answer.reason()}" if answer.is_unsure else ""
        share = percent(answer.probability)
        output.say(f"{answer.source}: {answer.predicted_class}, {share}{unsure}")

    def _sort(self, answers: Sequence[PredictionMade], folder: Path) -> None:
        from cnnstudio.core.jobs import TaskContext
        from cnnstudio.core.predictions import Prediction
        from cnnstudio.core.sorting_out import Sorted, copy_into_folders, move_into_folders

        chosen = [
            Sorted.of(made.source, made.prediction)
            for made in answers
            if isinstance(made.prediction, Prediction)
        ]
        if chosen:
            sort = move_into_folders if self._moves else copy_into_folders
            sort(chosen, folder, with_table=False)(TaskContext())
