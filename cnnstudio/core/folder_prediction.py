"""Asking a run about any number of pictures, into a table on the disk.

Memory holds the names of the pictures and a few lots of them, whatever their number. Killed at any
moment, the same question goes on where it was.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.answer_table import drafted_table, is_answer_table, table_header, table_row
from cnnstudio.core.asked_pictures import look_into
from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import PredictionMade
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predicting import BATCH, PredictionPace, answers_to
from cnnstudio.core.predictions import NamedFile, PictureProblem
from cnnstudio.core.runs import Run


@dataclass(frozen=True)
class GoingOn:
    """So many pictures were answered by an earlier call, which was cut off: reported first."""

    already: int


@dataclass(frozen=True)
class TableWritten:
    """A finished table: its pictures, how many of them were answered now, how many have a problem.

    `was_finished` says that it was there already and nothing was done.
    """

    file: Path
    pictures: int = 0
    answered_now: int = 0
    problems_now: int = 0
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

    It reports `GoingOn` where an earlier call was cut off, then `Progress`. Cancelled or killed,
    the rows stay in a draft beside the table, and the same call goes on. A table that is finished
    is left as it is, unless `is_fresh`.

    The task raises `StudioError` when the file is something else than such a table, another program
    writes it, it cannot be written, or the model cannot be loaded; `Cancelled` when the user
    cancels.
    """

    def task(context: TaskContext) -> TableWritten:
        if file.exists() and not is_fresh:
            if not is_answer_table(file):
                raise StudioError(
                    f"There is another file at {file}.", "Give the table another name."
                )
            return TableWritten(file, was_finished=True)
        top_shown = min(top, len(run.class_names))
        with (
            tempfile.TemporaryDirectory(prefix="cnnstudio-") as scratch,
            drafted_table(
                file, _question(run, sources, top_shown), table_header(top_shown), is_fresh=is_fresh
            ) as draft,
        ):
            already = len(draft.names)
            if already:
                context.report(GoingOn(already))
            asked = look_into(sources, Path(scratch), context)
            pace = PredictionPace(asked.count, context, already)
            answered = problems = 0
            unanswered = asked.unpacked(draft.names)
            for lot in answers_to(engine, run, unanswered, context, batch):
                draft.append(table_row(made.prediction, top_shown) for made in lot)
                answered += len(lot)
                problems += sum(isinstance(made.prediction, PictureProblem) for made in lot)
                _remove_unpacked(lot)
                pace.add(len(lot))
                context.checkpoint()
        return TableWritten(file, already + answered, answered, problems)

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
