"""Which pictures may take part in a training: those of a project, and of folders beside it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project, Sample, Split

SEE_HEALTH_CHECK = "The health check lists all of them."
"""The command line says how that is called there."""

_NAMED_AT_MOST = 3


@dataclass(frozen=True)
class Member:
    """A picture that may take part.

    `place` is where it is; `sample` what the index knows it by, with a path that is absolute
    outside the project; `pinned` is the part its folder puts it in.
    """

    place: Path
    sample: Sample
    class_name: str
    pinned: Split | None

    @property
    def path(self) -> str:
        """The path as a run keeps it: relative to the project, or absolute outside it."""
        return self.sample.path


def members_of(
    project: Project, extras: Mapping[Split, Project], warnings: list[str]
) -> list[Member]:
    """Return the labelled pictures of the classes that are switched on.

    Args:
        project: whose pictures take part.
        extras: folders that are the validation or test part in the place of pictures of its own.
        warnings: sentences are added about what is left out.

    Raises:
        StudioError: a class of `extras` is not among those of the project.
    """
    members: list[Member] = []
    replaced: list[Split] = []
    learned = {each.name for each in project.learned_classes}
    if words := switched_off_words(project):
        warnings.append(words)
    for sample in project.samples:
        if sample.class_name is None or sample.class_name not in learned:
            continue
        if sample.pinned_split is not None and sample.pinned_split in extras:
            replaced.append(sample.pinned_split)
            continue
        place, pin = project.absolute(sample), sample.pinned_split
        members.append(Member(place, sample, sample.class_name, pin))
    for split, count in Counter(replaced).items():
        warnings.append(
            f"The folder's own {split} part, {pictures_words(count)}, is left out: another folder"
            " was given for it."
        )
    for split, extra in extras.items():
        names = classes_by_name(project, extra, f"the {split} folder {extra.title}")
        for sample in extra.samples:
            name = None if sample.class_name is None else names[sample.class_name]
            if name in learned:
                place = extra.absolute(sample)
                members.append(Member(place, replace(sample, path=str(place)), name, split))
    return members


def switched_off_words(project: Project) -> str:
    """Return a sentence about the classes that are left out; "" when every class is switched on."""
    off = [each for each in project.classes if not each.is_switched_on]
    count = pictures_words(sum(project.counts.get(each.name, 0) for each in off))
    titles = ", ".join(each.title for each in off)
    if len(off) == 1:
        return f"The class {titles} is switched off: left out, with its {count}."
    return f"{len(off)} classes are switched off: left out, with {count}: {titles}." if off else ""


def classes_by_name(known: Project, other: Project, words: str) -> dict[str, str]:
    """Return for each class of `other` that has pictures the class of `known` of that name.

    Raises:
        StudioError: there is none; `words` say what `other` is.
    """
    names = {_plain(each.title): each.name for each in known.classes}
    names.update({_plain(each.name): each.name for each in known.classes})
    found = {}
    for each in other.classes:
        match = names.get(_plain(each.name)) or names.get(_plain(each.title))
        if match is not None:
            found[each.name] = match
        elif other.counts.get(each.name):
            raise StudioError(
                f"The class {each.title} in {words} is not among those that are learned.",
                f"They are: {', '.join(known_class.title for known_class in known.classes)}.",
            )
    return found


def two_labels_words(members: Sequence[Member], marks: Sequence[str]) -> str:
    """Return a sentence about pictures that lie in several classes; "" when none does.

    `marks` are the fingerprints of the members' content.
    """
    places: dict[str, dict[str, str]] = {}
    for member, mark in zip(members, marks, strict=True):
        places.setdefault(mark, {}).setdefault(member.class_name, member.path)
    several = [" is also ".join(each.values()) for each in places.values() if len(each) > 1]
    if not several:
        return ""
    named = ", ".join(several[:_NAMED_AT_MOST])
    if len(several) > _NAMED_AT_MOST:
        named += f" and {len(several) - _NAMED_AT_MOST:,} more"
    lies = "lies" if len(several) == 1 else "lie"
    return (
        f"{pictures_words(len(several))} {lies} in more than one class: {named}. Only one label can"
        f" be right. {SEE_HEALTH_CHECK}"
    )


def pictures_words(count: int) -> str:
    """Return for example "1 picture" or "2,000 pictures"."""
    return "1 picture" if count == 1 else f"{count:,} pictures"


def are(count: int) -> str:
    """Return the verb that fits a count."""
    return "is" if count == 1 else "are"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)
