"""Names and folders of classes: which a new one may take, which one has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import (
    UNLABELLED_FOLDER,
    ImageClass,
    Project,
    checked_title,
    folder_name_for,
    free_colour,
)
from cnnstudio.core.storage.file_moves import FileMove


def new_class(project: Project, title: str) -> ImageClass:
    """Return a class with that title that the project could take in.

    Raises:
        StudioError: the title is empty, too long, or there is such a class.
    """
    checked = free_title(project.classes, title)
    name = folder_name_for(checked, folders_in_use(project))
    return ImageClass(name, checked, free_colour(project.classes))


def class_folders(project: Project, name: str) -> list[str]:
    """Return the folders of a class: one, or one in each part that has it."""
    if project.layout == "classes":
        return [name]
    places = [f"{part}/{name}" for _, part in project.split_folders]
    return [place for place in places if (project.root / place).is_dir()]


def folders_in_use(project: Project) -> set[str]:
    """Return the names that no new class folder can have."""
    taken = {each.name for each in project.classes} | {UNLABELLED_FOLDER}
    parts = [project.root]
    if project.layout == "splits":
        parts = [project.root / part for _, part in project.split_folders]
    for part in parts:
        if part.is_dir():
            taken |= {path.name for path in part.iterdir()}
    return taken


def below(path: str, moves: Sequence[FileMove]) -> str:
    """Return where a file is after the folders around it were moved."""
    for move in moves:
        if move.source is not None and path.startswith(f"{move.source}/"):
            return f"{move.target}{path[len(move.source) :]}"
    return path


def free_title(classes: Iterable[ImageClass], title: str) -> str:
    """Return a title as it is kept.

    Raises:
        StudioError: it is empty, too long, or one of `classes` has it.
    """
    checked = checked_title(title)
    for each in classes:
        if same_title(checked) in (same_title(each.title), same_title(each.name)):
            raise StudioError(f"There is a class {each.title} already.", "Choose another name.")
    return checked


def same_title(title: str) -> str:
    """Return what two titles share that people would take for the same."""
    return " ".join(unicodedata.normalize("NFC", title).split()).casefold()
