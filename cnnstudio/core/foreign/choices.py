"""What is asked when a model is imported, and what is guessed before anybody answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cnnstudio.core.class_folders import same_title
from cnnstudio.core.config import ResizeMode
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.about import about_model
from cnnstudio.core.foreign.feeding import Feeding
from cnnstudio.core.foreign.found_model import FoundModel
from cnnstudio.core.foreign.labels import (
    about_beside,
    labels_beside,
    numbered_names,
    without_doubles,
)
from cnnstudio.core.project import Project, checked_title, folder_name_for

_USUAL_SIZE_PX = 224
_MOST_SHOWN = 3


@dataclass(frozen=True)
class ImportChoices:
    """How a model is to be used: `titles` are its classes in the order of its answers.

    `labels_from` says in words where these come from.
    """

    name: str
    titles: tuple[str, ...]
    labels_from: str
    feeding: Feeding
    resize_mode: ResizeMode = "crop"
    is_exported: bool = False
    """Whether CNN Studio made the file, which then says all that itself."""
    least_probability: float = 0.0
    """Below it the run that was exported is not sure."""
    forgets_the_unfamiliar: bool = False
    """Whether that run also noticed pictures unlike those it was trained with."""
    renamed: tuple[str, ...] = ()
    """Those of `titles` that got a number because another class had the name already."""

    def with_names(self, names: Sequence[str], labels_from: str | None = None) -> ImportChoices:
        """Return the choices with other names for the classes, as many as there are.

        Raises:
            StudioError: as `checked_titles`.
        """
        titles = checked_titles(names, len(self.titles))
        numbered = {
            title for name, title in zip(names, titles, strict=True) if checked_title(name) != title
        }
        kept = numbered | set(self.renamed if labels_from is None else ())
        return replace(
            self,
            titles=titles,
            labels_from=self.labels_from if labels_from is None else labels_from,
            renamed=tuple(title for title in titles if title in kept),
        )

    @property
    def labels_words(self) -> str:
        """Where the names come from and which of them were equal, in a sentence or two; or ""."""
        words = f"From {self.labels_from}." if self.labels_from else ""
        if self.renamed:
            shown = ", ".join(f'"{title}"' for title in self.renamed[:_MOST_SHOWN])
            more = len(self.renamed) - _MOST_SHOWN
            rest = f" and {more:,} more" if more > 0 else ""
            words = f"{words} Equal names got a number: {shown}{rest}.".strip()
        return words


def guessed_choices(model_file: Path, found: FoundModel) -> ImportChoices:
    """Return what the file, or what lies beside it, says; the rest is guessed."""
    about = about_model(found.about) or about_model(about_beside(model_file))
    name = model_file.stem
    if about is not None and len(about.class_titles) == found.class_count:
        size = found.size_px or about.size_px
        feeding = found.feeding(size, "0..255")
        words = "the file itself: CNN Studio exported it"
        titles = checked_titles(about.class_titles, found.class_count)
        return ImportChoices(
            about.name or name,
            titles,
            words,
            feeding,
            about.resize_mode,
            is_exported=True,
            least_probability=about.least_probability,
            forgets_the_unfamiliar=about.knew_the_unfamiliar,
        )
    feeding = found.feeding(found.size_px or _USUAL_SIZE_PX)
    unnamed = ImportChoices(name, numbered_names(found.class_count), "", feeding)
    beside = labels_beside(model_file)
    for names, words in (
        (found.labels, "the model file"),
        (beside, "the list of names beside the model file"),
    ):
        if len(names) == found.class_count:
            try:
                return unnamed.with_names(names, words)
            except StudioError:
                continue
    return unnamed


def checked_titles(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Return class names as they are shown, each once.

    Raises:
        StudioError: there are not as many as the model has answers, or one is empty or too long.
    """
    if len(names) != count:
        raise StudioError(
            f"The model tells {count:,} classes apart; the list has {len(names):,}"
            f" {'name' if len(names) == 1 else 'names'}.",
            "Give one name for each class, in the order of the model's answers.",
        )
    return without_doubles([checked_title(name) for name in names])


def class_names_for(titles: Sequence[str], project: Project | None) -> tuple[str, ...]:
    """Return the folder name of each class: the project's, where it has a class of that name."""
    known: dict[str, str] = {}
    for each in () if project is None else project.classes:
        known.setdefault(same_title(each.title), each.name)
        known.setdefault(same_title(each.name), each.name)
    names: list[str] = []
    for title in titles:
        name = known.get(same_title(title), "")
        if not name or name in names:
            name = folder_name_for(title, {*names, *known.values()})
        names.append(name)
    return tuple(names)


def shared_classes(titles: Sequence[str], project: Project) -> dict[str, int]:
    """Return the project's classes that the model knows, by folder name, with their places."""
    names = class_names_for(titles, project)
    own = {each.name for each in project.learned_classes}
    return {name: place for place, name in enumerate(names) if name in own}
