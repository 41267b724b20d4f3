"""The part of `cnnstudio predict` that writes a table of any length, and sorts by it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnstudio.commands.output import Output
from cnnstudio.commands.progress import progress_display
from cnnstudio.commands.services import Services
from cnnstudio.core.errors import StudioError
from cnnstudio.core.file_names import legible
from cnnstudio.core.jobs import TaskContext
from cnnstudio.ui.words import pictures

if TYPE_CHECKING:
    from cnnstudio.core.folder_prediction import TableWritten
    from cnnstudio.core.predictions import PictureProblem
    from cnnstudio.core.runs import Run


@dataclass(frozen=True)
class _Answer:
    """What a table says of a picture; without a class, `problem` says why."""

    class_name: str
    probability: float
    is_unsure: bool | None
    problem: str


_CAME_LATER = _Answer("", 0.0, None, "it came after the others were answered")


def refuse_nothing_read(count: int, problems: int) -> None:
    """Fail where there is nothing to answer; `problems` of `count` pictures could not be read.

    Raises:
        StudioError: these are all.
    """
    if problems == count:
        sentences = ("No picture found.", "The picture could not be read.")
        raise StudioError(
            sentences[count] if count < 2 else f"None of {pictures(count)} could be read.",
            "Give files or folders that hold pictures.",
        )


def write_table(
    services: Services,
    run: Run,
    paths: Sequence[Path],
    file: Path,
    top: int,
    *,
    is_fresh: bool,
    is_kept: bool,
) -> None:
    """Write the answers to all pictures into a table, and say how far it came when interrupted.

    Of a table that is not kept nothing is said.

    Raises:
        StudioError: see `predict_to_table`; there are no pictures, or none can be read.
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
            if is_kept:
                output.note(
                    "Stopped. What is answered so far is kept: the same command goes on from there."
                )
            raise
    if is_kept:
        _say_table(output, written)
    if written.first_problem is not None:
        count, first = written.problems_now, written.first_problem
        output.note(f"{pictures(count)} could not be read{_naming(count, first)}")
    if not written.was_finished:
        refuse_nothing_read(written.pictures, written.problems_now)


def _say_table(output: Output, written: TableWritten) -> None:
    if written.was_finished:
        output.note(
            f"{written.file} has all {pictures(written.pictures)} already."
            " With --fresh it is made anew."
        )
    elif written.pictures:
        is_first = written.answered_now == written.pictures
        new = "" if is_first else f", {written.answered_now:,} of them new"
        output.say(f"{pictures(written.pictures)} in {written.file}{new}.")
    output.event(
        "table",
        file=written.file,
        pictures=written.pictures,
        answered_now=written.answered_now,
        problems_now=written.problems_now,
        was_finished=written.was_finished,
    )


def _naming(count: int, first: PictureProblem) -> str:
    """The end of a sentence about so many pictures, with the first of them and its reason."""
    which = ", " if count == 1 else ", the first of them "
    return f"{which}{first.source}: {first.reason}."


def sort_by_table(
    services: Services, paths: Sequence[Path], table: Path, folder: Path, *, moves: bool
) -> None:
    """Put the pictures into folders of the classes that a table gives them.

    Raises:
        StudioError: see `core.sorting_out`; or some pictures have no answer and stayed where they
            are, while the others were sorted.
    """
    from cnnstudio.core.asked_pictures import look_into
    from cnnstudio.core.predictions import PictureProblem, name_of
    from cnnstudio.core.sorting_out import Sorted, copy_into_folders, move_into_folders
    from cnnstudio.core.storage.atomic import scratch_folder

    output = services.output
    verb = "moved" if moves else "copied"
    with scratch_folder() as scratch, progress_display(output) as display:
        context = TaskContext(display.report)
        answers = _answers_in(table)
        chosen: list[Sorted] = []
        left: list[PictureProblem] = []
        for asked in look_into(paths, scratch, context).unpacked(()):
            if isinstance(asked, PictureProblem):
                left.append(asked)
                continue
            name = name_of(asked)
            answer = answers.get(legible(name), _CAME_LATER)
            if answer.class_name:
                chosen.append(
                    Sorted(asked, answer.class_name, answer.probability, answer.is_unsure)
                )
            else:
                left.append(PictureProblem(name, answer.problem))
        refuse_nothing_read(len(chosen) + len(left), len(left))
        sort = move_into_folders if moves else copy_into_folders
        result = sort(chosen, folder)(context)
    output.say(f"{pictures(result.count)} {verb} into {folder}:")
    for name, count in result.counts.items():
        output.say(f"  {name}: {pictures(count)}")
    if result.table is not None:
        output.say(f"{result.table} says where each of them was.")
    output.event(
        "sorted",
        folder=folder,
        counts=result.counts,
        moved=moves,
        left=len(left),
        table=result.table,
    )
    if left:
        raise StudioError(f"{pictures(len(left))} could not be {verb}{_naming(len(left), left[0])}")


def _answers_in(table: Path) -> dict[str, _Answer]:
    """What a table says of each picture, by its name."""
    doubts = {"yes": True, "no": False}
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            return {
                row["path"]: _Answer(
                    row["class"],
                    float(row["probability"] or 0),
                    doubts.get(row["not_sure"]),
                    row["problem"],
                )
                for row in csv.DictReader(stream)
            }
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise StudioError(f"{table} cannot be read.", "Make it again with --fresh.") from error
