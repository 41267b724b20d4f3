"""Asking a run about any number of pictures, into a table on the disk.

Memory holds the names of the pictures and a few lots of them, whatever their number. Killed at any
moment, the same question goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.answer_table import answered_names, drafted_table, table_header, table_row
from cnnstudio.core.asked_pictures import look_into
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.events import PredictionMade
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predicting import BATCH, PredictionPace, answers_to
from cnnstudio.core.predictions import NamedFile, PictureProblem
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import scratch_folder


@dataclass(frozen=True)
class GoingOn:
    """So many pictures were answered by earlier calls: reported first."""

    already: int


@dataclass(frozen=True)
class TableWritten:
    """A finished table: its pictures, how many of them were answered now, how many have a problem.

    `first_problem` is the first of these. `was_finished` says that it was there already and held
    all pictures. Without pictures there is no table.
    """

    file: Path
    pictures: int = 0
    answered_now: int = 0
    problems_now: int = 0
    first_problem: PictureProblem | None = None
    was_finished: bool = False


def predict_to_table(
    engine: Engine,
    run: Run,
    sources: Sequence[Path],
    file: Path,
    top: int = 3,
    *,
    is_fresh: bool = False,
    batch: int = BATCH,
) -> Task[TableWritten]:
    """Return the task that writes the answers to pictures into a CSV table, row by row.

    It reports `GoingOn` where there are answers already, then `Progress`. Cancelled or killed, the
    rows stay in a draft beside the table, and the same call goes on. Pictures that are in a
    finished table are not asked about again, unless `is_fresh`; others come to it. Where there are
    no pictures, no table is written.

    The task raises `StudioError` when the file is something else than such a table of the run,
    another program writes it, it cannot be written, or the model cannot be loaded; `Cancelled` when
    the user cancels.
    """

    def task(context: TaskContext) -> TableWritten:
        top_shown = min(top, len(run.class_names))
        header = table_header(top_shown)
        is_more = file.exists() and not is_fresh
        known = answered_names(file, header, run) if is_more else set[str]()
        with scratch_folder() as scratch:
            asked = look_into(sources, scratch, context)
            if asked.count(known) == 0:
                return TableWritten(file, len(known), was_finished=bool(known))
            question = _question(run, sources, top_shown)
            with drafted_table(file, question, header, is_fresh=is_fresh) as draft:
                if is_more:
                    draft.take_over(file)
                already = len(draft.names)
                if already:
                    context.report(GoingOn(already))
                left = asked.count(draft.names)
                total = None if left is None else already + left
                pace = PredictionPace(total, context, already)
                answered = problems = 0
                first_problem: PictureProblem | None = None
                unanswered = asked.unpacked(draft.names)
                for lot in answers_to(engine, run, unanswered, context, batch):
                    draft.append(table_row(made.prediction, top_shown, run) for made in lot)
                    answered += len(lot)
                    for made in lot:
                        if isinstance(made.prediction, PictureProblem):
                            problems += 1
                            first_problem = first_problem or made.prediction
                    _remove_unpacked(lot)
                    pace.add(len(lot))
                    context.checkpoint()
        return TableWritten(file, already + answered, answered, problems, first_problem)

    return task


def _remove_unpacked(lot: Sequence[PredictionMade]) -> None:
    for made in lot:
        if isinstance(made.source, NamedFile):
            made.source.path.unlink(missing_ok=True)


def _question(run: Run, sources: Sequence[Path], top: int) -> list[str]:
    """What tells this table from one of another run, or of other pictures."""
    model = run.model_file.absolute()
    try:
        state = model.stat()
    except OSError:
        return [str(model)]  # asking it says what is wrong
    places = [text for each in sources for text in (str(each), str(each.absolute()))]
    return [str(model), str(state.st_mtime_ns), str(state.st_size), str(top), *places]
