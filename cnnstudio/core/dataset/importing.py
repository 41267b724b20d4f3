"""Bringing pictures into a project: first the plan, then the copying, then one edit.

`plan_import` looks at what was dropped, `stage_import` copies it beside the project's pictures, and
`edits.add_imported` moves the copies into the class folders, all or none.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cnnstudio.core.dataset.images import UnreadablePicture, may_be_picture
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, kind_of, open_file
from cnnstudio.core.dataset.reading import new_fingerprint
from cnnstudio.core.dataset.scanning import (
    class_folders,
    picture_files,
    split_folders,
    subfolders,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import SPLITS, STATE_FOLDER, UNLABELLED_FOLDER, Project, Split
from cnnstudio.core.storage import incoming, split_book
from cnnstudio.core.storage.atomic import cannot_write

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class ImportItem:
    """One picture to bring in: a file, or bytes that were pasted or dropped by a browser.

    `class_title` None means without a class. `split` is the part it came in, where it had one.
    """

    source: Path | bytes
    file_name: str
    class_title: str | None = None
    split: Split | None = None

    @classmethod
    def pasted(cls, data: bytes, class_title: str | None, file_name: str = "") -> ImportItem:
        """Make one from bytes; without a name it gets one from the time of day."""
        name = Path(file_name.replace("\\", "/")).name
        return cls(data, name or time.strftime("pasted %Y-%m-%d %H.%M.%S.png"), class_title)


@dataclass(frozen=True)
class SkippedFile:
    """A file that is not brought in, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class ImportPlan:
    """What would be brought in. `class_titles` holds classes that have no pictures as well."""

    items: tuple[ImportItem, ...]
    class_titles: tuple[str, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()

    @cached_property
    def counts(self) -> dict[str | None, int]:
        """Pictures per class title; None counts those without a class."""
        return dict(Counter(item.class_title for item in self.items))


@dataclass(frozen=True)
class StagedPicture:
    """A copy that waits at `staged_path` (relative to the project) for its class folder."""

    staged_path: str
    file_name: str
    class_title: str | None
    split: Split | None
    size_bytes: int
    modified_ns: int
    fingerprint: str


@dataclass(frozen=True)
class ImportedPictures:
    """What was copied, ready for `edits.add_imported`."""

    pictures: tuple[StagedPicture, ...]
    class_titles: tuple[str, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()


@dataclass
class _Gathering:
    """What the sources turn out to hold, while they are looked at."""

    context: TaskContext
    items: list[ImportItem] = field(default_factory=list)
    titles: dict[str, None] = field(default_factory=dict)
    skipped: list[SkippedFile] = field(default_factory=list)

    def add_folder(self, folder: Path, title: str | None, split: Split | None = None) -> None:
        """Take the pictures of a folder and its sub-folders."""
        if title is not None:
            self.titles[title] = None
        found = picture_files(folder, self.context)
        self.items += [ImportItem(path, path.name, title, split) for path in found]

    def add_classes(self, folder: Path) -> None:
        """Take a folder of class folders, or of parts that hold class folders."""
        parts = split_folders(folder)
        for split, part in parts:
            for name in subfolders(folder / part):
                self.add_folder(folder / part / name, name, split)
        if not parts:
            for name in class_folders(folder):
                self.add_folder(folder / name, name)
        if (folder / UNLABELLED_FOLDER).is_dir():
            self.add_folder(folder / UNLABELLED_FOLDER, None)
        for path in sorted(folder.iterdir()):
            if path.is_file() and may_be_picture(path):
                self.items.append(ImportItem(path, path.name))


def plan_import(
    sources: Sequence[Path | ImportItem],
    project: Project,
    class_name: str | None,
    context: TaskContext | None = None,
) -> ImportPlan:
    """Look at what was dropped or chosen, and decide what becomes what.

    Files go to `class_name`, or stay without a class. A folder goes to `class_name`; when that is
    None it becomes a class of its own name, or, where it holds class folders (or train/, test/ and
    so on), each of these becomes one.

    Raises:
        StudioError: there is no such class, or a source lies in the project already.
        Cancelled: the user cancelled.
    """
    title = None if class_name is None else project.image_class(class_name).title
    gathering = _Gathering(context or TaskContext())
    for source in sources:
        gathering.context.checkpoint()
        if isinstance(source, ImportItem):
            gathering.items.append(replace(source, class_title=title or source.class_title))
            continue
        path = Path(os.path.abspath(source))  # noqa: PTH100 - a link stays a link
        if path.is_relative_to(project.root) or project.root.is_relative_to(path):
            raise StudioError(
                f"{path.name} is part of this project already.",
                "To give pictures another class, move them in the Images step.",
            )
        if path.is_dir():
            if title is None and class_folders(path):
                gathering.add_classes(path)
            elif title is None and path.name != UNLABELLED_FOLDER:
                gathering.add_folder(path, path.name)
            else:
                gathering.add_folder(path, title)
        elif not path.exists():
            gathering.skipped.append(SkippedFile(path, "there is no such file"))
        elif may_be_picture(path):
            gathering.items.append(ImportItem(path, path.name, title))
        else:
            gathering.skipped.append(SkippedFile(path, "this is not a picture"))
    return ImportPlan(tuple(gathering.items), tuple(gathering.titles), tuple(gathering.skipped))


def stage_import(plan: ImportPlan, project: Project) -> Task[ImportedPictures]:
    """Return the task that copies the planned pictures into the project's bin.

    From there `edits.add_imported` takes them. A picture that cannot be read is copied like any
    other and shown with its reason later; a file that cannot be opened is passed over with its
    reason. Cancelled or failed, the task leaves nothing behind. The task raises `StudioError`
    when the project cannot be written to.
    """

    def task(context: TaskContext) -> ImportedPictures:
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-import-{secrets.token_hex(3)}"
        draft = project.state_folder / incoming.FOLDER_NAME / name
        place = f"{STATE_FOLDER}/bin/{name}"
        try:
            draft.mkdir(parents=True)
            pictures, skipped = _copied(plan, draft, place, context)
            project.bin_folder.mkdir(exist_ok=True)
            if pictures:
                draft.rename(project.root / place)
        except OSError as error:
            raise cannot_write(project.root, error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _pin(project, pictures)
        return ImportedPictures(tuple(pictures), plan.class_titles, (*plan.skipped, *skipped))

    return task


def _copied(
    plan: ImportPlan, draft: Path, place: str, context: TaskContext
) -> tuple[list[StagedPicture], list[SkippedFile]]:
    pictures, skipped = [], []
    began, total = time.monotonic(), len(plan.items)
    for number, item in enumerate(plan.items):
        context.checkpoint()
        staged = draft / f"{number:06d}{Path(item.file_name).suffix[:16]}"
        try:
            fingerprint = _copy(item, staged, context)
        except UnreadablePicture as problem:
            staged.unlink(missing_ok=True)
            path = item.source if isinstance(item.source, Path) else Path(item.file_name)
            skipped.append(SkippedFile(path, problem.reason))
            continue
        facts = staged.stat()
        pictures.append(
            StagedPicture(
                f"{place}/{staged.name}",
                item.file_name,
                item.class_title,
                item.split,
                facts.st_size,
                facts.st_mtime_ns,
                fingerprint,
            )
        )
        done = number + 1
        left = (time.monotonic() - began) / done * (total - done)
        context.report(Progress("Copying pictures", done, total, left))
    return pictures, skipped


def _copy(item: ImportItem, target: Path, context: TaskContext) -> str:
    """Copy one picture and return its fingerprint; its bytes are read once."""
    digest = new_fingerprint()
    with target.open("xb") as stream:
        for piece in _pieces(item):
            context.checkpoint()
            digest.update(piece)
            stream.write(piece)
    return digest.hexdigest()


def _pieces(item: ImportItem) -> Iterator[bytes]:
    """Give the bytes piece by piece. Raises `UnreadablePicture` where they cannot be read."""
    if isinstance(item.source, bytes):
        if kind_of(item.source[:HEAD_BYTES]) is None:
            raise UnreadablePicture("this is not a picture", name=item.file_name)
        yield item.source
        return
    try:
        stream = open_file(item.source)
    except OSError as error:
        raise _not_copied(item, error) from error
    with stream:
        while True:
            try:
                piece = stream.read(_PIECE_BYTES)
            except OSError as error:
                raise _not_copied(item, error) from error
            if not piece:
                return
            yield piece


def _not_copied(item: ImportItem, error: OSError) -> UnreadablePicture:
    # An error of ours, such as for a pipe, has its own words and no number.
    reason = f"the file cannot be opened ({error.strerror or 'it is not a regular file'})"
    return UnreadablePicture(reason, name=item.file_name)


def _pin(project: Project, pictures: Sequence[StagedPicture]) -> None:
    """Note the parts that pictures came in; in a project of parts their folder says it."""
    if project.layout == "splits" or all(picture.split is None for picture in pictures):
        return
    book = split_book.load(project.root)
    pinned: dict[str, Split] = {}
    # A picture that came in two parts counts for the later one: it must not be learned.
    for split in SPLITS:
        pinned.update({each.fingerprint: split for each in pictures if each.split == split})
    split_book.save(project.root, replace(book, pinned={**pinned, **book.pinned}))
