"""The edits of classes: made, renamed, merged, split, removed, put in order, and described."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from cnnstudio.core.class_folders import (
    below,
    class_folders,
    folders_in_use,
    free_title,
    new_class,
    same_title,
)
from cnnstudio.core.dataset.scanning import in_project_order
from cnnstudio.core.edits import (
    EditFunction,
    EditResult,
    NamedEdit,
    labelled,
    pictures_words,
    place_in_bin,
    samples_at,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project, folder_name_for
from cnnstudio.core.storage.file_moves import FileMove


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
        checked = free_title(others, title)
        taken = folders_in_use(project) - {name}
        # A folder that already bears the title's name keeps it, whatever its spelling.
        folder = name if checked == image_class.name else folder_name_for(checked, taken)
        renamed = replace(image_class, name=folder, title=checked)
        classes = tuple(renamed if each.name == name else each for each in project.classes)
        if folder == name:
            return EditResult(replace(project, classes=classes))
        moves = tuple(
            FileMove(place, str(PurePosixPath(place).with_name(folder)))
            for place in class_folders(project, name)
        )
        samples = [
            replace(sample, path=below(sample.path, moves), class_name=folder)
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
        place = place_in_bin()
        moves = tuple(
            FileMove(folder, f"{place}/{folder}") for folder in class_folders(project, name)
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


def move_class(name: str, steps: int) -> NamedEdit:
    """Put a class so many places further down, or up; it stops at the ends."""

    def edit(project: Project) -> EditResult:
        names = [each.name for each in project.classes if each.name != name]
        names.insert(max(0, project.class_index(name) + steps), name)
        return reorder_classes(names)(project)

    return NamedEdit(f"Move class {name} {'down' if steps > 0 else 'up'}", edit)


def place_class(name: str, before: str | None) -> NamedEdit:
    """Put a class before another one, or at the end."""

    def edit(project: Project) -> EditResult:
        names = [each.name for each in project.classes if each.name != name]
        names.insert(names.index(before) if before in names else len(names), name)
        return reorder_classes(names)(project)

    return NamedEdit(f"Move class {name}", edit)


def merge_class(name: str, into: str) -> NamedEdit:
    """Give all pictures of a class another one; what else its folder holds goes to the bin."""

    def edit(project: Project) -> EditResult:
        if name == into:
            raise StudioError("A class cannot be merged with itself.", "Choose another one.")
        project.image_class(name)
        project.image_class(into)
        moving = [each for each in project.samples if each.class_name == name]
        result = labelled(project, moving, into)
        place = place_in_bin()
        folders = tuple(
            FileMove(folder, f"{place}/{folder}") for folder in class_folders(project, name)
        )
        classes = tuple(each for each in project.classes if each.name != name)
        return EditResult(replace(result.project, classes=classes), (*result.moves, *folders))

    return NamedEdit(f"Merge class {name} into {into}", edit)


def label_as(paths: Iterable[str], title: str) -> NamedEdit:
    """Give pictures the class of that title; it is made when there is none.

    So a class is split: some of its pictures get a new one.
    """
    chosen = tuple(dict.fromkeys(paths))

    def edit(project: Project) -> EditResult:
        known = {same_title(text): c.name for c in project.classes for text in (c.name, c.title)}
        name = known.get(same_title(title))
        moves: tuple[FileMove, ...] = ()
        if name is None:
            image_class = new_class(project, title)
            project = replace(project, classes=(*project.classes, image_class))
            name = image_class.name
            moves = (FileMove(None, project.folder_for(name)),)
        result = labelled(project, samples_at(project, chosen), name)
        return EditResult(result.project, (*moves, *result.moves))

    return NamedEdit(f"Move {pictures_words(len(chosen))} to {title.strip()}", edit)


def set_class_colour(name: str, colour: int) -> NamedEdit:
    """Give a class a place in the palette, from 0."""
    return NamedEdit(f"Change the colour of {name}", _described(name, colour=colour))


def set_class_note(name: str, note: str) -> NamedEdit:
    """Write down what belongs into a class."""
    return NamedEdit(f"Change the note of {name}", _described(name, note=note.strip()))


def switch_class(name: str, *, is_on: bool) -> NamedEdit:
    """Let training learn a class, or leave it out; its pictures stay either way."""
    words = f"Switch {name} {'on' if is_on else 'off'}"
    return NamedEdit(words, _described(name, is_switched_on=is_on))


def set_class_key(name: str, key: str) -> NamedEdit:
    """Give a class a letter on the keyboard, "" for none; another class that has it loses it.

    The edit raises `StudioError` for what is no single letter.
    """
    letter = key.strip().casefold()

    def edit(project: Project) -> EditResult:
        if letter and not (len(letter) == 1 and letter.isalpha()):
            raise StudioError("A class is given by one letter.", "Type a single letter, such as f.")
        project.image_class(name)
        classes = tuple(
            replace(each, key=letter)
            if each.name == name
            else replace(each, key="")
            if letter and each.key == letter
            else each
            for each in project.classes
        )
        return EditResult(replace(project, classes=classes))

    words = f"Give {name} the key {letter}" if letter else f"Take the key of {name} away"
    return NamedEdit(words, edit)


def _described(name: str, **changes: Any) -> EditFunction:
    def edit(project: Project) -> EditResult:
        project.image_class(name)
        classes = tuple(
            replace(each, **changes) if each.name == name else each for each in project.classes
        )
        return EditResult(replace(project, classes=classes))

    return edit
