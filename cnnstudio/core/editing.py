"""Making edits for real: the files and the project file follow, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cnnstudio.core import changes
from cnnstudio.core.changes import Change
from cnnstudio.core.edits import NamedEdit
from cnnstudio.core.events import Progress
from cnnstudio.core.history import Step
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import STATE_FOLDER, Project
from cnnstudio.core.storage import file_moves, project_file
from cnnstudio.core.storage.file_moves import FileMove


def make(
    edit: NamedEdit, project: Project, context: TaskContext | None = None
) -> tuple[Project, Step]:
    """Make an edit; return the project afterwards and the step that takes it back.

    Raises:
        StudioError: it is not possible; nothing was changed.
    """
    result = edit(project)
    _count(result.project)
    change = changes.change_between(project, result.project, result.moves)
    moves = _with_folders(project, result.moves)
    _commit(project, result.project, change, moves, context)
    return result.project, Step(edit.words, change, moves)


def _with_folders(project: Project, moves: Sequence[FileMove]) -> tuple[FileMove, ...]:
    """Name the folders that the moves need, so that taking them back leaves none behind.

    Those of the bin go away by themselves.
    """
    ours = f"{STATE_FOLDER}/"
    return tuple(
        move
        for move in file_moves.with_parents(project.root, moves)
        if move.source is not None or move in moves or not f"{move.target}".startswith(ours)
    )


def undo(step: Step, project: Project, context: TaskContext | None = None) -> Project:
    """Take a step back; return the project afterwards.

    Raises:
        StudioError: another program has changed the same pictures; nothing was changed.
    """
    return _step(project, changes.reverse(step.change), file_moves.reverse(step.moves), context)


def redo(step: Step, project: Project, context: TaskContext | None = None) -> Project:
    """Make a step again; return the project afterwards.

    Raises:
        StudioError: another program has changed the same pictures; nothing was changed.
    """
    return _step(project, step.change, step.moves, context)


def _step(
    project: Project, change: Change, moves: Sequence[FileMove], context: TaskContext | None
) -> Project:
    after = changes.apply(change, project)
    _count(after)
    _commit(project, after, change, moves, context)
    return after


def _commit(
    before: Project,
    after: Project,
    change: Change,
    moves: Sequence[FileMove],
    context: TaskContext | None,
) -> None:
    report = None if context is None else _Progress(context)
    if not change.is_of_classes:
        file_moves.apply(before.root, moves, report)
        return
    # Whether a kill comes before the moves or after them: the file knows the classes of both.
    if moves:
        project_file.save(after, also=before.classes)
        try:
            file_moves.apply(before.root, moves, report)
        except BaseException:
            project_file.save(before)
            raise
    project_file.save(after)


def _count(project: Project) -> None:
    """Count here what the window asks for at once, and must not wait for."""
    _ = project.counts, project.sample_at


class _Progress:
    """Tells how many files are moved, and how long the rest takes."""

    def __init__(self, context: TaskContext) -> None:
        self._context = context
        self._began = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        left = (time.monotonic() - self._began) / done * (total - done)
        self._context.report(Progress("Moving pictures", done, total, left))
