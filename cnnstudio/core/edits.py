"""The edits: each computes the project afterwards and the moves of files that lead there.

An edit looks at the disk only to find free names and never changes it. Every edit can be taken
back by `file_moves.reverse`, because removing is moving to the bin.
"""

from __future__ import annotations

import os
import secrets
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.dataset.scanning import in_project_order
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import (
    STATE_FOLDER,
    UNLABELLED_FOLDER,
    ImageClass,
    Project,
    Sample,
    checked_title,
    folder_name_for,
)
from cnnstudio.core.storage.file_moves import FileMove


@dataclass(frozen=True)
class EditResult:
    """The project after an edit, and the moves of files that make it true."""

    project: Project
    moves: tuple[FileMove, ...] = ()


EditFunction = Callable[[Project], EditResult]


@dataclass(frozen=True)
class NamedEdit:
    """An edit with its words for the undo menu, such as "Move 12 pictures to cats".

    `function` raises `StudioError` when the edit is not possible.
    """

    words: str
    function: EditFunction

    def __call__(self, project: Project) -> EditResult:
        """Compute the edit."""
        return self.function(project)


def add_class(title: str) -> NamedEdit:
    """Add an empty class with its folder."""

    def edit(project: Project) -> EditResult:
        image_class = new_class(project, title)
        project = replace(project, classes=(*project.classes, image_class))
        return EditResult(project, (FileMove(None, project.folder_for(image_class.name)),))

    return NamedEdit(f"Add class {title.strip()}", edit)


def rename_class(name: str, title: str) -> NamedEdit:
    """Give a class another title; its folder follows, in every part."""

    def edit(project: Project) -> EditResult:
        image_class = project.image_class(name)
        others = [each for each in project.classes if each.name != name]
        checked = _free_title(others, title)
        taken = _folders_in_use(project) - {name}
        # A folder that already bears the title's name keeps it, whatever its spelling.
        folder = name if checked == image_class.name else folder_name_for(checked, taken)
        renamed = ImageClass(folder, checked)
        classes = tuple(renamed if each.name == name else each for each in project.classes)
        if folder == name:
            return EditResult(replace(project, classes=classes))
        moves = tuple(
            FileMove(place, str(PurePosixPath(place).with_name(folder)))
            for place in _class_folders(project, name)
        )
        samples = [
            replace(sample, path=_below(sample.path, moves), class_name=folder)
            if sample.class_name == name
            else sample
            for sample in project.samples
        ]
        return EditResult(
            replace(project, classes=classes, samples=in_project_order(samples, classes)), moves
        )

    return NamedEdit(f"Rename class {name} to {title.strip()}", edit)


def remove_class(name: str) -> NamedEdit:
    """Move a class with all its pictures to the bin."""

    def edit(project: Project) -> EditResult:
        project.image_class(name)
        place = _place_in_bin()
        moves = tuple(
            FileMove(folder, f"{place}/{folder}") for folder in _class_folders(project, name)
        )
        return EditResult(
            replace(
                project,
                classes=tuple(each for each in project.classes if each.name != name),
                samples=tuple(each for each in project.samples if each.class_name != name),
            ),
            moves,
        )

    return NamedEdit(f"Remove class {name}", edit)


def reorder_classes(names: Sequence[str]) -> NamedEdit:
    """Put the classes in this order; `names` holds every class once."""

    def edit(project: Project) -> EditResult:
        if sorted(names) != sorted(each.name for each in project.classes):
            raise StudioError("The classes have changed meanwhile.", "Put them in order again.")
        classes = tuple(project.image_class(name) for name in names)
        samples = in_project_order(project.samples, classes)
        return EditResult(replace(project, classes=classes, samples=samples))

    return NamedEdit("Change the order of the classes", edit)


def label_samples(paths: Iterable[str], class_name: str | None) -> NamedEdit:
    """Give pictures a class, or None: they move into its folder."""
    chosen = tuple(dict.fromkeys(paths))

    def edit(project: Project) -> EditResult:
        if class_name is not None:
            project.image_class(class_name)
        names = _FreeNames(project)
        moves, changed = [], {}
        for sample in _samples_at(project, chosen):
            if sample.class_name == class_name:
                continue
            folder = _folder_in_same_part(project, sample, class_name)
            target = names.take(folder, sample.file_name)
            moves.append(FileMove(sample.path, target))
            # Without a class a picture is in no part; with one, its new folder decides.
            split = None
            if class_name is not None and project.layout == "splits":
                split = sample.pinned_split or "train"
            changed[sample.path] = replace(
                sample, path=target, class_name=class_name, pinned_split=split
            )
        kept = [sample for sample in project.samples if sample.path not in changed]
        samples = in_project_order(kept, project.classes, changed.values())
        return EditResult(replace(project, samples=samples), tuple(moves))

    target = "unlabelled" if class_name is None else class_name
    return NamedEdit(f"Move {_pictures(len(chosen))} to {target}", edit)


def remove_samples(paths: Iterable[str]) -> NamedEdit:
    """Move pictures to the bin."""
    chosen = tuple(dict.fromkeys(paths))

    def edit(project: Project) -> EditResult:
        place = _place_in_bin()
        removed = _samples_at(project, chosen)
        gone = {sample.path for sample in removed}
        samples = tuple(sample for sample in project.samples if sample.path not in gone)
        moves = tuple(FileMove(each.path, f"{place}/{each.path}") for each in removed)
        return EditResult(replace(project, samples=samples), moves)

    return NamedEdit(f"Remove {_pictures(len(chosen))}", edit)


def add_imported(staged: ImportedPictures) -> NamedEdit:
    """Take pictures that were copied into the bin by `stage_import` into the project.

    Undoing puts them back there, so that redoing finds them.
    """

    def edit(project: Project) -> EditResult:
        moves: list[FileMove] = []
        classes = {_same(each.name): each for each in project.classes}
        classes.update({_same(each.title): each for each in project.classes})
        for title in staged.class_titles:
            if _same(title) not in classes:
                fresh = new_class(project, title)
                project = replace(project, classes=(*project.classes, fresh))
                classes[_same(title)] = fresh
                moves.append(FileMove(None, project.folder_for(fresh.name)))
        names = _FreeNames(project)
        folders = dict(reversed(project.split_folders))
        added: list[Sample] = []
        for picture in staged.pictures:
            name = None
            if picture.class_title is not None:
                name = classes[_same(picture.class_title)].name
            folder, split = project.folder_for(name), None
            if name is not None and project.layout == "splits":
                split = picture.split if picture.split in folders else "train"
                folder = f"{folders[split]}/{name}" if split in folders else folder
            target = names.take(folder, picture.file_name)
            moves.append(FileMove(picture.staged_path, target))
            added.append(Sample(target, name, picture.size_bytes, picture.modified_ns, split))
        samples = in_project_order(project.samples, project.classes, added)
        return EditResult(replace(project, samples=samples), tuple(moves))

    what = _pictures(len(staged.pictures))
    if not staged.pictures and staged.class_titles:
        what = ", ".join(staged.class_titles)  # folders that hold no pictures yet
    return NamedEdit(f"Add {what}", edit)


def remove_run(folder_name: str) -> NamedEdit:
    """Move the run in that folder of the project's runs to the bin."""

    def edit(project: Project) -> EditResult:
        if PurePosixPath(folder_name).name != folder_name:
            raise StudioError(f"{folder_name} is no run of this project.")
        run = f"{STATE_FOLDER}/runs/{folder_name}"
        return EditResult(project, (FileMove(run, f"{_place_in_bin()}/runs/{folder_name}"),))

    return NamedEdit("Remove run", edit)


def new_class(project: Project, title: str) -> ImageClass:
    """Return a class with that title that the project could take in.

    Raises:
        StudioError: the title is empty, too long, or there is such a class.
    """
    checked = _free_title(project.classes, title)
    return ImageClass(folder_name_for(checked, _folders_in_use(project)), checked)


class _FreeNames:
    """Hands out paths that nothing else has, without regard to upper and lower case."""

    def __init__(self, project: Project) -> None:
        self._root = project.root
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = defaultdict(lambda: 2)

    def take(self, folder: str, file_name: str) -> str:
        """Return a free path in `folder`: the name itself, or "x (2).jpg" and so on."""
        stem, suffix = os.path.splitext(file_name)  # noqa: PTH122
        candidate = f"{folder}/{file_name}"
        while not self._is_free(candidate):
            number = self._numbers[f"{folder}/{file_name}"]
            self._numbers[f"{folder}/{file_name}"] += 1
            ending = f" ({number}){suffix}"
            candidate = f"{folder}/{_shortened(stem, ending)}{ending}"
        self._taken.add(candidate.casefold())
        return candidate

    def _is_free(self, path: str) -> bool:
        return path.casefold() not in self._taken and not os.path.lexists(self._root / path)


def _shortened(stem: str, ending: str) -> str:
    """Cut a name so that it fits a file system together with its ending."""
    room = 250 - len(ending.encode("utf-8", "surrogateescape"))
    encoded = stem.encode("utf-8", "surrogateescape")
    return stem if len(encoded) <= room else encoded[:room].decode("utf-8", "ignore")


def _samples_at(project: Project, paths: Iterable[str]) -> list[Sample]:
    found = [project.sample_at.get(path) for path in paths]
    if any(sample is None for sample in found):
        raise StudioError("Some of these pictures are no longer in the project.", "Select again.")
    return [sample for sample in found if sample is not None]


def _folder_in_same_part(project: Project, sample: Sample, class_name: str | None) -> str:
    if project.layout == "splits" and sample.pinned_split is not None and class_name is not None:
        return f"{sample.path.partition('/')[0]}/{class_name}"
    return project.folder_for(class_name)


def _class_folders(project: Project, name: str) -> list[str]:
    """The folders of a class: one, or one in each part that has it."""
    if project.layout == "classes":
        return [name]
    places = [f"{part}/{name}" for _, part in project.split_folders]
    return [place for place in places if (project.root / place).is_dir()]


def _folders_in_use(project: Project) -> set[str]:
    """The names that no new class folder can have."""
    taken = {each.name for each in project.classes} | {UNLABELLED_FOLDER}
    parts = [project.root]
    if project.layout == "splits":
        parts = [project.root / part for _, part in project.split_folders]
    for part in parts:
        if part.is_dir():
            taken |= {path.name for path in part.iterdir()}
    return taken


def _below(path: str, moves: Sequence[FileMove]) -> str:
    """Where a file is after the folders around it were moved."""
    for move in moves:
        if move.source is not None and path.startswith(f"{move.source}/"):
            return f"{move.target}{path[len(move.source) :]}"
    return path


def _free_title(classes: Iterable[ImageClass], title: str) -> str:
    checked = checked_title(title)
    for each in classes:
        if _same(checked) in (_same(each.title), _same(each.name)):
            raise StudioError(f"There is a class {each.title} already.", "Choose another name.")
    return checked


def _same(title: str) -> str:
    return " ".join(unicodedata.normalize("NFC", title).split()).casefold()


def _place_in_bin() -> str:
    return f"{STATE_FOLDER}/bin/{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"
