"""Putting answered pictures into a folder for each class: copies, or the pictures themselves.

All of it or nothing: copies are made in a draft, and whatever is then moved is moved as the files
of a project are (`storage/file_moves.py`). Nothing is ever written over.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.file_names import LEGIBLE
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import (
    NamedBytes,
    PictureSource,
    Prediction,
    name_of,
    unsure_word,
)
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.project import STATE_FOLDER
from cnnstudio.core.storage import file_moves
from cnnstudio.core.storage.atomic import (
    DRAFT_PREFIX,
    cannot_write,
    remove_stale_drafts,
    write_bytes,
)
from cnnstudio.core.storage.file_moves import FileMove
from cnnstudio.core.storage.free_names import FreeNames

# A folder that was trained in place has no project file, but what the training found out.
_SIGNS_OF_A_PROJECT = ("project.json", "split.json", "index.sqlite", "runs")
NOT_SURE_FOLDER = "_not sure"
TABLE_NAME = "_sorted.csv"

_NO_NAME = "picture"


@dataclass(frozen=True)
class Sorted:
    """A picture and the class it goes to, its probability (0 to 1), and whether that is doubted."""

    source: PictureSource
    class_name: str
    probability: float
    is_unsure: bool | None = None

    @classmethod
    def of(cls, source: PictureSource, answer: Prediction) -> Self:
        """Make one from the answer to a picture."""
        return cls(source, answer.predicted_class, answer.probability, answer.is_unsure)

    @property
    def folder(self) -> str:
        """The folder it goes to."""
        return NOT_SURE_FOLDER if self.is_unsure else self.class_name


@dataclass(frozen=True)
class SortedOut:
    """What was put where: pictures by folder, with the moves below `root` that undo takes back.

    `table` says of each picture where it was. `made` are the folders that were made to put them
    in, the innermost first: `folder` and those around it, where they were missing.
    """

    folder: Path
    counts: Mapping[str, int]
    table: Path | None
    root: Path
    moves: tuple[FileMove, ...] = ()
    made: tuple[Path, ...] = ()

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(self.counts.values())


def copy_into_folders(
    pictures: Sequence[Sorted], folder: Path, *, with_table: bool = True
) -> Task[SortedOut]:
    """Return the task that copies pictures into folders of their classes, below `folder`.

    A table of what went where lies beside them, unless that is not wanted. The task raises
    `StudioError` when a picture is gone or the folder cannot be written, `Cancelled` when the user
    cancels; nothing is left then.
    """

    def task(context: TaskContext) -> SortedOut:
        with _draft_in(folder) as draft:
            names, moves, targets = FreeNames(folder), [], []
            clock = ProgressClock("Copying pictures", len(pictures), context)
            for number, each in enumerate(pictures):
                context.checkpoint()
                copy = draft / f"{number:07d}"
                _copy(each.source, copy)
                targets.append(names.take(each.folder, _file_name(each.source)))
                moves.append(FileMove(f"{draft.name}/{copy.name}", targets[-1]))
                clock.report(number + 1)
            table = _drafted_table(pictures, targets, draft, names) if with_table else None
            _apply(folder, moves if table is None else [*moves, table], context)
        place = None if table is None else folder / f"{table.target}"
        return SortedOut(folder, _counts(pictures), place, folder)

    return task


def move_into_folders(
    pictures: Sequence[Sorted], folder: Path, *, with_table: bool = True
) -> Task[SortedOut]:
    """Return the task that moves pictures into folders of their classes, below `folder`.

    `take_back` undoes it. The task raises `StudioError`, and nothing is changed, when a picture
    belongs to a project, is no file of its own, or lies on another disk; `Cancelled` when the user
    cancels.
    """

    def task(context: TaskContext) -> SortedOut:
        places = [_movable(each.source) for each in pictures]
        for parent in {place.parent for place in places}:
            _refuse_project(parent)
        root = _common_root(folder, places)
        file_moves.recover(root)
        made = _missing(folder)
        with _draft_in(folder) as draft:
            names, moves, targets = FreeNames(folder), [], []
            below = _relative(folder, root)
            for each, place in zip(pictures, places, strict=True):
                context.checkpoint()
                targets.append(names.take(each.folder, place.name))
                moves.append(FileMove(_relative(place, root), _joined(below, targets[-1])))
            steps = file_moves.with_parents(root, moves)
            table = _drafted_table(pictures, targets, draft, names) if with_table else None
            _apply(root, steps if table is None else [*steps, _below(below, table)], context)
        written = None if table is None else folder / f"{table.target}"
        return SortedOut(folder, _counts(pictures), written, root, tuple(steps), made)

    return task


def take_back(result: SortedOut) -> Task[SortedOut]:
    """Return the task that puts moved pictures back where they were.

    The task raises `StudioError`, and nothing is changed, when one was moved or changed since.
    """

    def task(context: TaskContext) -> SortedOut:
        _apply(result.root, file_moves.reverse(result.moves), context)
        if result.table is not None:
            result.table.unlink(missing_ok=True)
        _remove_empty(result.made)
        return result

    return task


@contextmanager
def _draft_in(folder: Path) -> Iterator[Path]:
    """Give a folder inside `folder` for what is not finished.

    It goes at the end, and if nothing comes of it, whatever was made for it.
    """
    _refuse_project(folder)
    made = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_stale_drafts(folder)
        file_moves.recover(folder)
        draft = Path(tempfile.mkdtemp(prefix=DRAFT_PREFIX, dir=folder))
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        _remove_empty(made)


def _missing(folder: Path) -> tuple[Path, ...]:
    """A folder and those around it that are not there, the innermost first."""
    return tuple(each for each in (folder, *folder.parents) if not each.exists())


def _remove_empty(folders: Iterable[Path]) -> None:
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()  # only when it is empty


def _apply(root: Path, moves: Sequence[FileMove], context: TaskContext) -> None:
    def report(done: int, total: int) -> None:
        context.report(Progress("Moving pictures", done, total))

    try:
        file_moves.apply(root, moves, report)
    finally:
        with suppress(OSError):
            (root / STATE_FOLDER).rmdir()  # the journal's, where there is no project


def _copy(source: PictureSource, target: Path) -> None:
    try:
        if isinstance(source, NamedBytes):
            target.write_bytes(source.data)
        else:
            shutil.copy2(source if isinstance(source, Path) else source.path, target)
    except OSError as error:
        raise StudioError(
            f"{name_of(source)} could not be copied: {error.strerror or error}.",
            "Nothing was changed. Check that it is still there and that the disk has free space.",
        ) from error


def _drafted_table(
    pictures: Sequence[Sorted], targets: Iterable[str], draft: Path, names: FreeNames
) -> FileMove:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "class", "probability", "not_sure", "before"])
    for each, target in zip(pictures, targets, strict=True):
        unsure = unsure_word(each.is_unsure)
        share = f"{each.probability:.6f}"
        writer.writerow([target, each.class_name, share, unsure, name_of(each.source)])
    write_bytes(draft / TABLE_NAME, text.getvalue().encode("utf-8", LEGIBLE))
    return FileMove(f"{draft.name}/{TABLE_NAME}", names.take("", TABLE_NAME))


def _counts(pictures: Iterable[Sorted]) -> dict[str, int]:
    return dict(sorted(Counter(each.folder for each in pictures).items()))


def _file_name(source: PictureSource) -> str:
    name = PurePosixPath(name_of(source).replace(os.sep, "/")).name or _NO_NAME
    if isinstance(source, NamedBytes) and not PurePosixPath(name).suffix:
        name += ".png"
    return name


def _movable(source: PictureSource) -> Path:
    if not isinstance(source, Path):
        raise StudioError(
            f"{name_of(source)} is no file of its own, so it cannot be moved.",
            "Copy the pictures into folders instead.",
        )
    return Path(os.path.abspath(source))  # noqa: PTH100 - a link stays a link


def _refuse_project(folder: Path) -> None:
    """Refuse a folder of a project, whose pictures only its own edits may move."""
    place = folder.absolute()
    for parent in (place, *place.parents):
        if any((parent / STATE_FOLDER / name).exists() for name in _SIGNS_OF_A_PROJECT):
            raise StudioError(
                f"{folder} belongs to the project {parent.name}.",
                "Choose a folder outside of it, or give its pictures their classes in the window.",
            )


def _common_root(folder: Path, places: Sequence[Path]) -> Path:
    parents = {str(place.parent) for place in places} | {str(folder.absolute())}
    try:
        root = Path(os.path.commonpath(parents))
    except ValueError:  # other drives of Windows
        root = Path(folder.anchor)
    if root == Path(root.anchor):
        raise StudioError(
            "The pictures and the folder lie too far apart to be moved all or none.",
            "Choose a folder beside the pictures, or copy them.",
        )
    return root


def _relative(path: Path, root: Path) -> str:
    text = os.path.relpath(path.absolute(), root).replace(os.sep, "/")
    return "" if text == "." else text


def _below(folder: str, move: FileMove) -> FileMove:
    """The same move, seen from a folder further up."""
    return FileMove(_joined(folder, f"{move.source}"), _joined(folder, f"{move.target}"))


def _joined(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
