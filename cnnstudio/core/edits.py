"""The edits of pictures: each computes the project afterwards and the moves that lead there.

Those of classes are in `class_edits.py`; `editing.py` makes them for real. An edit looks at the
disk only to find free names and never changes it. Every edit can be taken back, because removing
is moving to the bin.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from cnnstudio.core.class_folders import new_class, same_title
from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.dataset.scanning import in_project_order
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER, Project, Sample, Split
from cnnstudio.core.storage.file_moves import FileMove
from cnnstudio.core.storage.free_names import FreeNames


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


def label_samples(paths: Iterable[str], class_name: str | None) -> NamedEdit:
    """Give pictures a class, or None: they move into its folder."""
    chosen = tuple(dict.fromkeys(paths))

    def edit(project: Project) -> EditResult:
        if class_name is not None:
            project.image_class(class_name)
        return labelled(project, samples_at(project, chosen), class_name)

    target = "unlabelled" if class_name is None else class_name
    return NamedEdit(f"Move {pictures_words(len(chosen))} to {target}", edit)


def label_each(class_of: Mapping[str, str | None], words: str) -> NamedEdit:
    """Give each picture a class of its own; `class_of` are class names by path."""

    def edit(project: Project) -> EditResult:
        moves: list[FileMove] = []
        groups: dict[str | None, list[Sample]] = defaultdict(list)
        for sample in samples_at(project, class_of):
            groups[class_of[sample.path]].append(sample)
        for class_name, samples in groups.items():
            if class_name is not None:
                project.image_class(class_name)
            result = labelled(project, samples, class_name)
            project = result.project
            moves += result.moves
        return EditResult(project, tuple(moves))

    return NamedEdit(words, edit)


def labelled(project: Project, samples: Iterable[Sample], class_name: str | None) -> EditResult:
    """Return the project with these of its samples in a class, and their moves."""
    names = FreeNames(project.root)
    moves, changed = [], {}
    for sample in samples:
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
    arranged = in_project_order(kept, project.classes, changed.values())
    return EditResult(replace(project, samples=arranged), tuple(moves))


def remove_samples(paths: Iterable[str]) -> NamedEdit:
    """Move pictures to the bin."""
    chosen = tuple(dict.fromkeys(paths))

    def edit(project: Project) -> EditResult:
        place = place_in_bin()
        removed = samples_at(project, chosen)
        gone = {sample.path for sample in removed}
        samples = tuple(sample for sample in project.samples if sample.path not in gone)
        moves = tuple(FileMove(each.path, f"{place}/{each.path}") for each in removed)
        return EditResult(replace(project, samples=samples), moves)

    return NamedEdit(f"Remove {pictures_words(len(chosen))}", edit)


def restore_samples(binned: Iterable[Sample]) -> NamedEdit:
    """Bring pictures of the bin back, as `bin_contents.binned_samples` gives them.

    They return to the folder they came from; a class that is gone is made anew.
    """
    chosen = tuple(binned)

    def edit(project: Project) -> EditResult:
        names = FreeNames(project.root)
        titles = (each.class_name for each in chosen if each.class_name is not None)
        project, known, making = _with_classes(project, dict.fromkeys(titles))
        moves = list(making)
        restored: list[Sample] = []
        for sample in chosen:
            name = None if sample.class_name is None else known[same_title(sample.class_name)]
            folder, split = _folder_and_part(project, name, sample.pinned_split)
            target = names.take(folder, sample.file_name)
            moves.append(FileMove(sample.path, target))
            restored.append(replace(sample, path=target, class_name=name, pinned_split=split))
        samples = in_project_order(project.samples, project.classes, restored)
        return EditResult(replace(project, samples=samples), tuple(moves))

    return NamedEdit(f"Restore {pictures_words(len(chosen))}", edit)


def add_imported(staged: ImportedPictures) -> NamedEdit:
    """Take pictures that were copied into the bin by `stage_import` into the project.

    Undoing puts them back there, so that redoing finds them.
    """

    def edit(project: Project) -> EditResult:
        names = FreeNames(project.root)
        project, known, making = _with_classes(project, staged.class_titles)
        moves = list(making)
        added: list[Sample] = []
        for picture in staged.pictures:
            title = picture.class_title
            name = None if title is None else known[same_title(title)]
            folder, split = _folder_and_part(project, name, picture.split)
            target = names.take(folder, picture.file_name)
            moves.append(FileMove(picture.staged_path, target))
            added.append(Sample(target, name, picture.size_bytes, picture.modified_ns, split))
        samples = in_project_order(project.samples, project.classes, added)
        return EditResult(replace(project, samples=samples), tuple(moves))

    what = pictures_words(len(staged.pictures))
    if not staged.pictures and staged.class_titles:
        what = ", ".join(staged.class_titles)  # folders that hold no pictures yet
    return NamedEdit(f"Add {what}", edit)


def remove_run(folder_name: str) -> NamedEdit:
    """Move the run in that folder of the project's runs to the bin."""

    def edit(project: Project) -> EditResult:
        if PurePosixPath(folder_name).name != folder_name:
            raise StudioError(f"{folder_name} is no run of this project.")
        run = f"{STATE_FOLDER}/runs/{folder_name}"
        return EditResult(project, (FileMove(run, f"{place_in_bin()}/.runs/{folder_name}"),))

    return NamedEdit("Remove run", edit)


def samples_at(project: Project, paths: Iterable[str]) -> list[Sample]:
    """Return the samples at these paths.

    Raises:
        StudioError: one of them is not in the project.
    """
    found = [project.sample_at.get(path) for path in paths]
    if any(sample is None for sample in found):
        raise StudioError("Some of these pictures are no longer in the project.", "Select again.")
    return [sample for sample in found if sample is not None]


def _with_classes(
    project: Project, titles: Iterable[str]
) -> tuple[Project, dict[str, str], list[FileMove]]:
    """Add the classes that are missing; also return the class name for each title's `same_title`.

    The moves make the folders of the new classes.
    """
    known = {same_title(each.name): each.name for each in project.classes}
    known.update({same_title(each.title): each.name for each in project.classes})
    moves = []
    for title in titles:
        if same_title(title) not in known:
            fresh = new_class(project, title)
            project = replace(project, classes=(*project.classes, fresh))
            known[same_title(title)] = fresh.name
            moves.append(FileMove(None, project.folder_for(fresh.name)))
    return project, known, moves


def _folder_and_part(
    project: Project, class_name: str | None, split: Split | None
) -> tuple[str, Split | None]:
    """Where a picture goes that comes with a part of its own, and the part it then has."""
    if class_name is None or project.layout != "splits":
        return project.folder_for(class_name), None
    folders = dict(reversed(project.split_folders))
    part = split if split is not None and split in folders else "train"
    return f"{folders.get(part, part)}/{class_name}", part


def _folder_in_same_part(project: Project, sample: Sample, class_name: str | None) -> str:
    if project.layout == "splits" and sample.pinned_split is not None and class_name is not None:
        return f"{sample.path.partition('/')[0]}/{class_name}"
    return project.folder_for(class_name)


def place_in_bin() -> str:
    """Return a new folder of the bin, relative to the project."""
    return f"{STATE_FOLDER}/bin/{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def pictures_words(count: int) -> str:
    """Return "1 picture", "3,068 pictures"."""
    return "1 picture" if count == 1 else f"{count:,} pictures"
