"""What an edit changes about a project, small enough to be kept for as long as the window is open.

A project of 100,000 samples is not kept once for each step: a change holds the samples that came
and went, and the rest is what the project says at the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cnnstudio.core.dataset.scanning import in_project_order
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import STATE_FOLDER, ImageClass, Project, Sample
from cnnstudio.core.storage.file_moves import FileMove


@dataclass(frozen=True)
class Change:
    """The samples that an edit took out and put in, and what it did to the classes.

    `moved` says for every sample taken out the path it has now, None when it left the project.
    """

    removed: tuple[Sample, ...]
    added: tuple[Sample, ...]
    classes_before: tuple[ImageClass, ...]
    classes_after: tuple[ImageClass, ...]
    ignored_before: frozenset[str]
    ignored_after: frozenset[str]
    moved: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def is_of_classes(self) -> bool:
        """Whether the project file says something else afterwards."""
        return (self.classes_before, self.ignored_before) != (
            self.classes_after,
            self.ignored_after,
        )


def change_between(before: Project, after: Project, moves: Sequence[FileMove]) -> Change:
    """Return what leads from one value of a project to another, by the moves of an edit."""
    if before.samples is after.samples:
        removed: tuple[Sample, ...] = ()
        added: tuple[Sample, ...] = ()
    else:
        # An edit hands on the samples that it leaves alone: the same objects, not equal ones.
        kept = set(map(id, before.samples)) & set(map(id, after.samples))
        removed = tuple(each for each in before.samples if id(each) not in kept)
        added = tuple(each for each in after.samples if id(each) not in kept)
    return Change(
        removed,
        added,
        before.classes,
        after.classes,
        before.ignored_findings,
        after.ignored_findings,
        _moved(removed, added, moves),
    )


def reverse(change: Change) -> Change:
    """Return the change that takes `change` back."""
    back = {new: old for old, new in change.moved.items() if new is not None}
    return Change(
        change.added,
        change.removed,
        change.classes_after,
        change.classes_before,
        change.ignored_after,
        change.ignored_before,
        {each.path: back.get(each.path) for each in change.added},
    )


def apply(change: Change, project: Project) -> Project:
    """Return the project after a change; its settings stay.

    Raises:
        StudioError: another program has changed the same pictures or classes meanwhile.
    """
    gone = {each.path for each in change.removed}
    kept = [each for each in project.samples if each.path not in gone]
    known = project.sample_at
    if len(project.samples) - len(kept) != len(gone) or any(
        each.path in known and each.path not in gone for each in change.added
    ):
        raise _changed_meanwhile()
    classes = _classes(change, project.classes)
    names = {each.name for each in classes} | {None}
    if any(each.class_name not in names for each in (*kept, *change.added)):
        raise _changed_meanwhile()
    ignored = project.ignored_findings - (change.ignored_before - change.ignored_after)
    return replace(
        project,
        classes=classes,
        samples=in_project_order(kept, classes, change.added),
        ignored_findings=ignored | (change.ignored_after - change.ignored_before),
    )


def _classes(change: Change, now: tuple[ImageClass, ...]) -> tuple[ImageClass, ...]:
    """The classes after a change; others may have come or gone meanwhile."""
    if change.classes_before == change.classes_after:
        return now
    before = {each.name: each for each in change.classes_before}
    after = {each.name: each for each in change.classes_after}
    classes = {each.name: each for each in now}
    for name in before.keys() | after.keys():
        if before.get(name) == after.get(name):
            continue
        if classes.get(name) != before.get(name):
            raise _changed_meanwhile()
        if name in after:
            classes[name] = after[name]
        else:
            del classes[name]
    # In the order of afterwards; what came meanwhile stays at the end.
    place = {name: number for number, name in enumerate(after)}
    return tuple(sorted(classes.values(), key=lambda each: place.get(each.name, len(place))))


def _moved(
    removed: Sequence[Sample], added: Sequence[Sample], moves: Sequence[FileMove]
) -> dict[str, str | None]:
    places = {each.path for each in added}
    targets = {move.source: move.target for move in moves if move.source and move.target}
    moved: dict[str, str | None] = {}
    for sample in removed:
        place = targets.get(sample.path)
        if place is None:
            place = _with_its_folder(sample.path, targets)
        if place is None and sample.path in places:
            place = sample.path  # it stayed where it is and means something else now
        moved[sample.path] = place if place in places else None
    return moved


def _with_its_folder(path: str, targets: Mapping[str, str]) -> str | None:
    """Where a file is after a folder around it was moved, None when none was."""
    folder = path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        if folder in targets and not folder.startswith(STATE_FOLDER):
            return f"{targets[folder]}{path[len(folder) :]}"
    return None


def _changed_meanwhile() -> StudioError:
    return StudioError(
        "These pictures were changed by another program meanwhile, so this step cannot be taken.",
        "Nothing was changed.",
    )
