"""Bringing pictures into a project: first the plan, then the copying, then one edit.

`plan_import` looks at what was dropped, `stage_import` copies it beside the project's pictures, and
`edits.add_imported` moves the copies into the class folders, all or none. What can be dropped is
one module each in `importers`.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from cnnstudio.core.dataset.import_plan import (
    ImportedPictures,
    ImportItem,
    ImportPlan,
    SkippedFile,
    StagedPicture,
    VideoClip,
    VideoFacts,
    VideoSampling,
)
from cnnstudio.core.dataset.importers import (
    csv_table,
    folder,
    picture,
    tar_archive,
    video,
    zip_archive,
)
from cnnstudio.core.dataset.importers.copies import sifted
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.importers.layout import Place
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, PICTURE_SUFFIXES, open_file
from cnnstudio.core.dataset.staging import Staging, refuse_without_room
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import SPLITS, Project, Split
from cnnstudio.core.storage import import_book, incoming, split_book
from cnnstudio.core.storage.atomic import cannot_write

__all__ = [
    "KINDS",
    "SOURCE_SUFFIXES",
    "ImportItem",
    "ImportPlan",
    "ImportedPictures",
    "SkippedFile",
    "StagedPicture",
    "VideoClip",
    "VideoFacts",
    "VideoSampling",
    "needs_preview",
    "plan_import",
    "stage_import",
]


class ImportKind(Protocol):
    """What a module of `importers` offers for a kind of source that can be dropped."""

    def recognises(self, path: Path, head: bytes, /) -> bool:
        """Whether a source is of this kind, from its first bytes and its name."""
        ...

    def look(self, path: Path, gathering: Gathering, /) -> None:
        """Gather what is in it; nothing is copied yet."""
        ...


SOURCE_SUFFIXES = (
    PICTURE_SUFFIXES | video.VIDEO_SUFFIXES | csv_table.SUFFIXES | {".bz2", ".gz", ".tar"}
    | {".tbz", ".tbz2", ".tgz", ".txz", ".xz", ".zip"}
)  # fmt: skip
"""Endings of names, in lower case, of what a dialog for choosing files should show."""

KINDS: tuple[ImportKind, ...] = (folder, zip_archive, tar_archive, csv_table, video, picture)
"""In the order in which they are asked; the last takes whatever is left."""


def plan_import(
    sources: Sequence[Path | ImportItem],
    project: Project,
    class_name: str | None,
    context: TaskContext | None = None,
) -> ImportPlan:
    """Look at what was dropped or chosen, and decide what becomes what.

    Everything goes to `class_name`. When that is None, files have no class, a folder becomes a
    class of its own name or, where it holds class folders (or train/, test/ and so on), each of
    these becomes one, as in an archive; a table says the class of each picture itself.

    Raises:
        StudioError: there is no such class, or a source lies in the project already.
        Cancelled: the user cancelled.
    """
    context = context or TaskContext()
    title = None if class_name is None else project.image_class(class_name).title
    gathering = Gathering(project, context, title)
    if title is not None:
        gathering.add_class(title)
    for source in sources:
        context.checkpoint()
        if isinstance(source, ImportItem):
            gathering.add_picture(source, Place(source.class_title, source.split))
        else:
            _look(Path(os.path.abspath(source)), gathering)  # noqa: PTH100 - a link stays a link
    sorted_out = sifted(gathering.items, project, context)
    return ImportPlan(
        sorted_out.new,
        tuple(gathering.titles),
        (*gathering.skipped, *sorted_out.skipped),
        tuple(gathering.clips),
        known=sorted_out.known,
        name=_name_of(sources),
    ).counted()


def needs_preview(plan: ImportPlan, sources: Sequence[Path | ImportItem]) -> bool:
    """Whether the user sees first what would happen.

    Pictures that were dropped or chosen one by one, and all come in, are added at once: what
    happened stands in the status line, and undo takes it back. Whatever has to be looked into
    first (a folder, an archive, a table, a video), or leaves something out, is shown.
    """
    coming = {item.source for item in plan.items}
    return not plan.items or any(
        (source.source if isinstance(source, ImportItem) else Path(os.path.abspath(source)))  # noqa: PTH100
        not in coming
        for source in sources
    )


def stage_import(plan: ImportPlan, project: Project) -> Task[ImportedPictures]:
    """Return the task that copies the planned pictures into the project's bin.

    From there `edits.add_imported` takes them. A picture that cannot be read is copied like any
    other and shown with its reason later; a file that cannot be opened is passed over with its
    reason. Cancelled or failed, the task leaves nothing behind. The task raises `StudioError`
    when the project cannot be written to, has no room, or a source is gone.
    """

    def task(context: TaskContext) -> ImportedPictures:
        refuse_without_room(plan, project.root)
        try:
            with incoming.gathered(project.root, "import") as (draft, place):
                staging = Staging(draft, place, plan, context)
                staging.copy_all()
        except OSError as error:
            raise cannot_write(project.root, error) from error
        _note(project, plan, staging.pictures)
        return ImportedPictures(
            tuple(staging.pictures), plan.class_titles, (*plan.skipped, *staging.skipped)
        )

    return task


def _look(path: Path, gathering: Gathering) -> None:
    root = gathering.project.root
    if path.is_relative_to(root) or root.is_relative_to(path):
        raise StudioError(
            f"{path.name} is part of this project already.",
            "To give pictures another class, move them in the Images step.",
        )
    if not os.path.lexists(path):
        gathering.skip(path, "there is no such file")
        return
    head = _head(path)
    kind = next(each for each in KINDS if each.recognises(path, head))
    kind.look(path, gathering)


def _head(path: Path) -> bytes:
    """The first bytes of a file; none of what is no file, or cannot be opened."""
    try:
        with open_file(path) as stream:
            return stream.read(HEAD_BYTES)
    except OSError:
        return b""


def _name_of(sources: Sequence[Path | ImportItem]) -> str:
    """What was dropped, in a few words."""
    if not sources:
        return ""
    first = sources[0]
    name = first.file_name if isinstance(first, ImportItem) else first.name or str(first)
    return name if len(sources) == 1 else f"{name} and {len(sources) - 1:,} more"


def _note(project: Project, plan: ImportPlan, pictures: Sequence[StagedPicture]) -> None:
    """Write down what came together, and the parts it came in."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in pictures:
        if each.group:
            groups[each.group].append(each.fingerprint)
    if pictures:
        marks = (each.fingerprint for each in pictures)
        import_book.note(project.root, plan.name, marks, groups.values())
    # In a project of parts their folder says it.
    if project.layout == "splits" or all(picture.split is None for picture in pictures):
        return
    book = split_book.load(project.root)
    pinned: dict[str, Split] = {}
    # A picture that came in two parts counts for the later one: it must not be learned.
    for split in SPLITS:
        pinned.update({each.fingerprint: split for each in pictures if each.split == split})
    split_book.save(project.root, replace(book, pinned={**pinned, **book.pinned}))
