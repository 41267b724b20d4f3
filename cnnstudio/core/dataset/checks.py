"""What is wrong or doubtful about the pictures of a folder, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from cnnstudio.core.dataset.images import PICTURE_SUFFIXES, may_be_picture
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import STATE_FOLDER, Project, Sample, lacks_train_folder
from cnnstudio.core.storage import file_moves, project_file, split_book
from cnnstudio.core.storage.atomic import is_damaged
from cnnstudio.core.storage.index import Index, IndexedPicture

FEWEST_PER_CLASS = 10
IMBALANCE = 5
"""How many times as large the largest class may be as the smallest."""

Kind = Literal[
    "damaged settings",
    "unfinished move",
    "no pictures",
    "too few classes",
    "no train folder",
    "unreadable",
    "duplicate",
    "two classes",
    "two parts",
    "empty class",
    "small class",
    "imbalance",
    "ignored",
    "wrong ending",
]

_ENDINGS = {
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"},
    "MPO": {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"},
    "PNG": {".png", ".apng"},
    "GIF": {".gif"},
    "WEBP": {".webp"},
    "BMP": {".bmp", ".dib"},
    "TIFF": {".tif", ".tiff"},
    "AVIF": {".avif", ".avifs"},
}


@dataclass(frozen=True)
class Finding:
    """One finding: what it is, why it matters, and the pictures concerned (project paths)."""

    kind: Kind
    words: str
    why: str
    paths: tuple[str, ...] = ()


def check_folder(project: Project, context: TaskContext) -> list[Finding]:
    """Look at every picture and return what is found, the gravest first.

    Nothing in the folder is changed, not even its cache.

    Raises:
        Cancelled: the user cancelled.
    """
    with Index(None) as index:
        rows = index_samples(project, project.samples, index, context)
    return [
        *_state(project),
        *_too_little(project, rows),
        *_unreadable(rows),
        *_copies(project, rows),
        *_class_sizes(project, rows),
        *_ignored(project),
        *_wrong_endings(rows),
    ]


def _state(project: Project) -> Iterator[Finding]:
    """What is wrong with our own files."""
    for name in (project_file.FILE_NAME, split_book.FILE_NAME):
        if is_damaged(project.state_folder / name):
            path = f"{STATE_FOLDER}/{name}"
            yield Finding(
                "damaged settings",
                f"{path} is damaged.",
                "What it says is lost. It is set aside when the project is opened or trained.",
                (path,),
            )
    if (project.state_folder / file_moves.JOURNAL_NAME).is_file():
        yield Finding(
            "unfinished move",
            "Files were being moved when a program ended, or are being moved now.",
            "The moves are taken back when the project is opened or trained.",
        )


def _too_little(project: Project, rows: Mapping[str, IndexedPicture]) -> Iterator[Finding]:
    labelled = [sample for sample in project.samples if sample.class_name is not None]
    filled = {sample.class_name for sample in labelled if not rows[sample.path].problem}
    if not filled:
        readable = " that can be read" if labelled else ""
        yield Finding(
            "no pictures",
            f"There are no pictures{readable} in class folders.",
            "There is nothing to learn from.",
        )
    elif len(filled) < 2:
        yield Finding(
            "too few classes",
            "Fewer than two classes have pictures that can be read.",
            "A network learns to tell classes apart.",
        )
    if filled and lacks_train_folder(project):
        yield Finding(
            "no train folder",
            "There are validation or test pictures, but there is no train folder.",
            "There is nothing to learn from.",
        )


def _unreadable(rows: Mapping[str, IndexedPicture]) -> Iterator[Finding]:
    for path, row in rows.items():
        if row.problem:
            yield Finding(
                "unreadable",
                f"{path} cannot be read: {row.problem}.",
                "It is never learned from.",
                (path,),
            )


def _copies(project: Project, rows: Mapping[str, IndexedPicture]) -> Iterator[Finding]:
    same: dict[str, list[Sample]] = defaultdict(list)
    for sample in project.samples:
        row = rows[sample.path]
        if row.fingerprint and not row.problem:
            same[row.fingerprint].append(sample)
    copied = [samples for samples in same.values() if len(samples) > 1]
    for samples in copied:
        paths = tuple(sample.path for sample in samples)
        classes = {each.class_name for each in samples if each.class_name is not None}
        parts = {each.pinned_split for each in samples if each.pinned_split is not None}
        if len(classes) > 1:
            yield Finding(
                "two classes",
                f"The same picture is in {_listed(sorted(classes))}.",
                "One of the labels is wrong, and the network cannot learn both.",
                paths,
            )
        if len(parts) > 1:
            yield Finding(
                "two parts",
                f"The same picture is in {_listed(sorted(parts))}.",
                "A test on what was learned says nothing; the earlier one is not trained on.",
                paths,
            )
    for samples in copied:
        by_class: dict[str | None, list[str]] = defaultdict(list)
        for sample in samples:
            by_class[sample.class_name].append(sample.path)
        for places in by_class.values():
            if len(places) > 1:
                yield Finding(
                    "duplicate",
                    f"{places[0]} is there {len(places)} times: also as {', '.join(places[1:4])}.",
                    "Copies count several times in training.",
                    tuple(places),
                )


def _class_sizes(project: Project, rows: Mapping[str, IndexedPicture]) -> Iterator[Finding]:
    counts = {each.title: 0 for each in project.classes}
    titles = {each.name: each.title for each in project.classes}
    for sample in project.samples:
        if sample.class_name is not None and not rows[sample.path].problem:
            counts[titles[sample.class_name]] += 1
    for title, count in counts.items():
        if count == 0:
            yield Finding(
                "empty class",
                f"{title} has no pictures.",
                "A class without pictures is left out of training.",
            )
        elif count < FEWEST_PER_CLASS:
            pictures = "1 picture" if count == 1 else f"{count} pictures"
            yield Finding(
                "small class",
                f"{title} has only {pictures}.",
                f"With fewer than {FEWEST_PER_CLASS} a class is hardly learned, nor tested.",
            )
    filled = {title: count for title, count in counts.items() if count}
    if len(filled) > 1:
        most, fewest = max(filled, key=filled.__getitem__), min(filled, key=filled.__getitem__)
        if filled[most] > IMBALANCE * filled[fewest]:
            yield Finding(
                "imbalance",
                f"{most} has {filled[most]} pictures, {fewest} only {filled[fewest]}.",
                "Large classes are preferred in doubt; keep Balance classes switched on.",
            )


def _ignored(project: Project) -> Iterator[Finding]:
    """Pictures that lie beside the class folders instead of in one."""
    places = [""]
    if project.layout == "splits":
        places += [f"{folder}/" for _, folder in project.split_folders]
    paths = tuple(
        f"{place}{path.name}"
        for place in places
        for path in sorted((project.root / place).iterdir())
        if path.is_file() and may_be_picture(path)
    )
    if paths:
        pictures = "1 picture lies" if len(paths) == 1 else f"{len(paths)} pictures lie"
        yield Finding(
            "ignored",
            f"{pictures} beside the class folders, such as {paths[0]}.",
            "Only pictures inside a class folder are used.",
            paths,
        )


def _wrong_endings(rows: Mapping[str, IndexedPicture]) -> Iterator[Finding]:
    for path, row in rows.items():
        suffix = PurePosixPath(path).suffix.casefold()
        right = _ENDINGS.get(row.format)
        if right is not None and suffix in PICTURE_SUFFIXES and suffix not in right:
            yield Finding(
                "wrong ending",
                f"{path} is really a {row.format} picture.",
                "It is read all the same here; other programs may refuse it.",
                (path,),
            )


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
