"""Exact copies among what is to come in: of pictures of the project, and of one another.

Only pictures of the same length can be copies, so only those are read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cnnstudio.core.dataset.images import UnreadablePicture, fingerprint
from cnnstudio.core.dataset.import_plan import ArchiveMember, ImportItem, SkippedFile
from cnnstudio.core.dataset.importers import zip_archive
from cnnstudio.core.dataset.importers.archive import ArchiveRefused
from cnnstudio.core.dataset.reading import fingerprint_of, new_fingerprint
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.storage.index import Index

_WORDS = "Looking for pictures that are there already"


@dataclass(frozen=True)
class Sifted:
    """What is new, what the project has already, and what came twice."""

    new: tuple[ImportItem, ...]
    known: tuple[ImportItem, ...]
    skipped: tuple[SkippedFile, ...]


def sifted(items: Sequence[ImportItem], project: Project, context: TaskContext) -> Sifted:
    """Tell new pictures from copies.

    The same picture in two classes, or two parts, comes in twice: which of them is right is not
    for an import to decide, and the health check asks.

    Raises:
        Cancelled: the user cancelled.
    """
    in_project: dict[int, list[Sample]] = defaultdict(list)
    for sample in project.samples:
        in_project[sample.size_bytes].append(sample)
    sizes = Counter(item.size_bytes for item in items)
    asked = [
        item
        for item in items
        if item.size_bytes is not None
        and (item.size_bytes in in_project or sizes[item.size_bytes] > 1)
    ]
    marks = _fingerprints(asked, context)
    theirs = {item.size_bytes for item in asked} & in_project.keys()
    candidates = [sample for size in theirs if size is not None for sample in in_project[size]]
    there = _fingerprints_in_project(project, candidates, context)
    return _sorted_out(items, marks, there)


def _sorted_out(items: Sequence[ImportItem], marks: dict[int, str], there: set[str]) -> Sifted:
    new: list[ImportItem] = []
    known: list[ImportItem] = []
    skipped: list[SkippedFile] = []
    seen: set[tuple[object, ...]] = set()
    for item in items:
        mark = marks.get(id(item), "")
        key = (mark, item.class_title, item.split)
        if mark and key in seen:
            skipped.append(SkippedFile(item.place, "the same picture is there twice"))
            continue
        seen.add(key)
        marked = replace(item, fingerprint=mark) if mark else item
        (known if mark in there else new).append(marked)
    return Sifted(tuple(new), tuple(known), tuple(skipped))


def _fingerprints(items: Sequence[ImportItem], context: TaskContext) -> dict[int, str]:
    """The fingerprints by the items' `id`; without those that cannot be read."""
    marks = {id(item): item.fingerprint for item in items if item.fingerprint}
    unknown = [item for item in items if not item.fingerprint]
    clock = ProgressClock(_WORDS, len(unknown), context)
    for number, (item, mark) in enumerate(_read(unknown, context), 1):
        if mark:
            marks[id(item)] = mark
        clock.report(number)
    return marks


def _read(items: Sequence[ImportItem], context: TaskContext) -> Iterator[tuple[ImportItem, str]]:
    zipped: dict[Path, list[ImportItem]] = defaultdict(list)
    for item in items:
        context.checkpoint()
        if isinstance(item.source, ArchiveMember):
            zipped[item.source.archive].append(item)
        elif isinstance(item.source, bytes):
            yield item, fingerprint_of(item.source)
        else:
            yield item, _of_file(item.source)
    for archive, members in zipped.items():
        yield from _of_members(archive, members, context)


def _fingerprints_in_project(
    project: Project, samples: Sequence[Sample], context: TaskContext
) -> set[str]:
    if not samples:
        return set()
    with Index.of(project) as index:
        known = index.find(samples)
    marks = set()
    for sample in samples:
        context.checkpoint()
        row = known.get(sample.path)
        marks.add(row.fingerprint if row is not None else _of_file(project.absolute(sample)))
    return marks - {""}


def _of_file(path: Path) -> str:
    try:
        return fingerprint(path)
    except UnreadablePicture:
        return ""


def _of_members(
    archive: Path, items: Sequence[ImportItem], context: TaskContext
) -> Iterator[tuple[ImportItem, str]]:
    """Members of a ZIP; those of a TAR have their fingerprints already."""
    try:
        for item, pieces in zip_archive.contents(archive, items, context):
            digest = new_fingerprint()
            try:
                for piece in pieces:
                    digest.update(piece)
            except UnreadablePicture:
                continue
            yield item, digest.hexdigest()
    except ArchiveRefused:
        return  # whoever copies them says why
