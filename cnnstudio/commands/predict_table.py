"""The part of `cnnstudio predict` that writes a table of any length, and sorts by it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services
from cnnstudio.core.errors import StudioError
from cnnstudio.core.file_names import legible
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.words import pictures

if TYPE_CHECKING:
    from cnnstudio.core.folder_prediction import TableWritten
    from cnnstudio.core.runs import Run
    from cnnstudio.core.sorting_out import Sorted


def write_table(
    services: Services, run: Run, paths: Sequence[Path], file: Path, top: int, *, is_fresh: bool
) -> TableWritten:
    """Write the answers to all pictures into a table, and say how far it came when interrupted.

    Raises:
        StudioError: see `predict_to_table`.
    """
    from cnnstudio.core.folder_prediction import GoingOn, predict_to_table

    output = services.output
    task = predict_to_table(services.engine, run, paths, file, top, is_fresh=is_fresh)
    with progress_display(output) as display:

        def report(event: Any) -> None:
            if isinstance(event, GoingOn):
                output.note(f"Going on: {pictures(event.already)} were answered before.")
            display.report(event)

        try:
            written = task(TaskContext(report))
        except KeyboardInterrupt:
            output.note(
                "Stopped. What is answered so far is kept: the same command goes on from there."
            )
            raise
    if written.was_finished:
        output.note(f"{file} is finished already. With --fresh it is made anew.")
    else:
        problems = f" {pictures(written.problems_now)} could not be read." * bool(
            written.problems_now
        )
        output.say(f"{pictures(written.pictures)} in {file}.{problems}")
    output.event(
        "table",
        file=file,
        pictures=written.pictures,
        answered_now=written.answered_now,
        problems_now=written.problems_now,
        was_finished=written.was_finished,
    )
    return written


def sort_by_table(
    services: Services, paths: Sequence[Path], table: Path, folder: Path, *, moves: bool
) -> None:
    """Put the pictures into folders of the classes that a table gives them.

    Raises:
        StudioError: see `core.sorting_out`; or a picture is not in the table.
    """
    import tempfile

    from cnnstudio.core.asked_pictures import look_into
    from cnnstudio.core.predictions import PictureProblem
    from cnnstudio.core.sorting_out import copy_into_folders, move_into_folders

    output = services.output
    with (
        tempfile.TemporaryDirectory(prefix="cnnstudio-") as scratch,
        progress_display(output) as display,
    ):
        context = TaskContext(display.report)
        answers = _answers_in(table)
        chosen: list[Sorted] = []
        for asked in look_into(paths, Path(scratch), context).unpacked(()):
            if not isinstance(asked, PictureProblem):
                chosen += _sorted(asked, answers)
        sort = move_into_folders if moves else copy_into_folders
        result = sort(chosen, folder)(context)
    verb = "moved" if moves else "copied"
    output.say(f"{pictures(result.count)} {verb} into {folder}:")
    for name, count in result.counts.items():
        output.say(f"  {name}: {pictures(count)}")
    if result.table is not None:
        output.say(f"{result.table} says where each of them was.")
    output.event("sorted", folder=folder, counts=result.counts, moved=moves, table=result.table)


def _answers_in(table: Path) -> dict[str, tuple[str, float, bool | None]]:
    """Class, probability and doubt of each picture that was answered, by its name."""
    doubts = {"yes": True, "no": False}
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            return {
                row["path"]: (row["class"], float(row["probability"]), doubts.get(row["not_sure"]))
                for row in csv.DictReader(stream)
                if row["class"]
            }
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise StudioError(f"{table} cannot be read.", "Make it again with --fresh.") from error


def _sorted(asked: Any, answers: dict[str, tuple[str, float, bool | None]]) -> list[Sorted]:
    from cnnstudio.core.predictions import name_of
    from cnnstudio.core.sorting_out import Sorted

    answer = answers.get(legible(name_of(asked)))
    return [] if answer is None else [Sorted(asked, *answer)]
