"""What a training learns from: the pictures of a project, read and dealt to their parts."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.reading import ReadPictures, read_pictures
from cnnstudio.core.dataset.splitting import split_samples, split_warnings
from cnnstudio.core.engine_api import LabelledPictures, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import SPLITS, ImageClass, Project, Split
from cnnstudio.core.runs import SampleRecord
from cnnstudio.core.storage import split_book
from cnnstudio.core.storage.split_book import SplitBook


@dataclass(frozen=True)
class Member:
    """A picture that may take part: where it is, its class, and the part its folder pins it to."""

    place: Path
    path: str
    class_name: str
    pinned: Split | None


@dataclass(frozen=True)
class TrainingMaterial:
    """The pictures, sorted by part, and what is to be said about them.

    `labels` and `members` belong to the rows of `pictures`, shape (n, size, size, 3).
    """

    classes: tuple[ImageClass, ...]
    pictures: Pictures
    labels: npt.NDArray[np.int64]
    members: list[Member]
    marks: list[str]
    counts: Mapping[Split, int]
    warnings: tuple[str, ...]
    new_book: SplitBook | None = None
    """The split as it is to be kept with the project, where that has changed."""

    def rows(self, split: Split) -> slice:
        """The rows of a part."""
        start = sum(self.counts[each] for each in SPLITS[: SPLITS.index(split)])
        return slice(start, start + self.counts[split])

    def part(self, split: Split) -> LabelledPictures:
        """The pictures of a part; views, not copies."""
        return LabelledPictures(self.pictures[self.rows(split)], self.labels[self.rows(split)])

    def records(self) -> Iterator[SampleRecord]:
        """Exactly which pictures take part."""
        for split in SPLITS:
            rows = self.rows(split)
            for member, mark in zip(self.members[rows], self.marks[rows], strict=True):
                yield SampleRecord(member.path, member.class_name, split, mark)


def prepare_material(
    project: Project, extras: Mapping[Split, Project], context: TaskContext
) -> TrainingMaterial:
    """Read the pictures of a project and deal them to their parts; nothing is written.

    Args:
        project: its labelled samples are read as its config says; classes that are switched off
            are left out.
        extras: folders that are the validation or test part in the place of pictures of its own.
        context: progress and cancelling.

    Raises:
        StudioError: too few classes or pictures can be read, or a class of `extras` is unknown.
        Cancelled: the user cancelled.
    """
    config = project.config.training
    warnings: list[str] = []
    members = _members(project, extras, warnings)
    read = read_pictures(
        [member.place for member in members], config.image_size, config.resize_mode, context
    )
    if read.problems:
        first = next(iter(read.problems))
        warnings.append(
            f"{_pictures(len(read.problems))} cannot be read and {_are(len(read.problems))} left"
            f" out, such as {members[first].path}: {read.problems[first]}."
        )
    members = [members[place] for place in read.kept]
    classes = project.learned_classes
    order = {each.name: place for place, each in enumerate(classes)}
    labels = [order[member.class_name] for member in members]
    book = split_book.load(project.root)
    splits, dealt_book = split_samples(
        read.fingerprints,
        labels,
        [member.pinned for member in members],
        book,
        config.seed,
        0.0 if "validation" in extras else config.validation_share,
        0.0 if "test" in extras else config.test_share,
    )
    context.checkpoint()
    # A copy of a test picture in the train folder was dealt to the test part, where its folder did
    # not put it: it may be neither learned nor counted twice. Other than those, pictures leave
    # their folder's part only where validation is taken out of train for want of its own.
    is_validation_given = any(member.pinned == "validation" for member in members)
    usable = [
        member.pinned == split
        or (member.pinned is None and split not in extras)
        or (member.pinned == "train" and split == "validation" and not is_validation_given)
        for member, split in zip(members, splits, strict=True)
    ]
    material = _arranged(classes, read, members, labels, splits, usable, warnings)
    # With parts from elsewhere this split is not the project's own.
    return replace(material, new_book=None if extras or dealt_book == book else dealt_book)


def _members(
    project: Project, extras: Mapping[Split, Project], warnings: list[str]
) -> list[Member]:
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
        members.append(Member(place, sample.path, sample.class_name, pin))
    for split, count in Counter(replaced).items():
        warnings.append(
            f"The folder's own {split} part, {_pictures(count)}, is left out: another folder was"
            " given for it."
        )
    for split, extra in extras.items():
        names = classes_by_name(project, extra, f"the {split} folder {extra.title}")
        for sample in extra.samples:
            name = None if sample.class_name is None else names[sample.class_name]
            if name in learned:
                path = str(extra.absolute(sample))
                members.append(Member(extra.absolute(sample), path, name, split))
    return members


def switched_off_words(project: Project) -> str:
    """Return a sentence about the classes that are left out; "" when every class is switched on."""
    off = [each for each in project.classes if not each.is_switched_on]
    count = _pictures(sum(project.counts.get(each.name, 0) for each in off))
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


def _arranged(
    classes: tuple[ImageClass, ...],
    read: ReadPictures,
    members: list[Member],
    labels: list[int],
    splits: list[Split],
    usable: list[bool],
    warnings: list[str],
) -> TrainingMaterial:
    """Leave out what cannot be learned or asked, and sort the rest by part, in place."""
    if doubled := usable.count(False):
        warnings.append(
            f"{_pictures(doubled)} {_are(doubled)} in a later part as well and left out of the"
            " earlier one, so that nothing is tested on what was learned."
        )
    learned = Counter(
        label
        for label, split, is_usable in zip(labels, splits, usable, strict=True)
        if is_usable and split == "train"
    )
    copied = Counter(
        (label, split)
        for label, split, is_usable in zip(labels, splits, usable, strict=True)
        if not is_usable
    )
    kept_classes = tuple(each for place, each in enumerate(classes) if learned[place])
    copies: list[str] = []
    for place, each in enumerate(classes):
        if learned[place]:
            continue
        parts = [split for split in SPLITS if copied[place, split]]
        if parts:
            copies.append(
                f"All pictures of the class {each.title} are also in the"
                f" {' or '.join(parts)} folder."
            )
            warnings.append(f"{copies[-1]} The class is left out.")
        else:
            lost = f", with its {_pictures(n)}" if (n := labels.count(place)) else ""
            warnings.append(f"The class {each.title} has no pictures to learn{lost}: left out.")
    if len(kept_classes) < 2:
        raise StudioError(
            " ".join(["Fewer than two classes have pictures that can be learned.", *copies]),
            "Give another folder: nothing may be tested on what was learned."
            if copies
            else "Add readable pictures to at least two classes.",
        )
    new_label = {classes.index(each): place for place, each in enumerate(kept_classes)}
    rows = {
        split: [
            row
            for row, side in enumerate(splits)
            if side == split and usable[row] and labels[row] in new_label
        ]
        for split in SPLITS
    }
    if not rows["validation"]:
        raise StudioError(
            "No picture is left for validation, so the best epoch could not be found.",
            "Add pictures: a class needs at least 3 different ones.",
        )
    arranged = [row for split in SPLITS for row in rows[split]]
    _rearrange(read.pictures, arranged)
    final_labels = [new_label[labels[row]] for row in arranged]
    final_splits = [splits[row] for row in arranged]
    titles = [each.title for each in kept_classes]
    warnings += split_warnings(final_labels, final_splits, titles)
    return TrainingMaterial(
        kept_classes,
        read.pictures[: len(arranged)],
        np.array(final_labels, np.int64),
        [members[row] for row in arranged],
        [read.fingerprints[row] for row in arranged],
        {split: len(rows[split]) for split in SPLITS},
        tuple(warnings),
    )


def _rearrange(pictures: Pictures, order: list[int]) -> None:
    """Bring row `order[i]` to row i for each i, in place: a second copy may not fit in memory."""
    target_of = {row: place for place, row in enumerate(order)}
    spare = iter(range(len(order), len(pictures)))
    for row in range(len(pictures)):
        if row not in target_of:
            target_of[row] = next(spare)
    is_placed = np.zeros(len(pictures), bool)
    for start in range(len(pictures)):
        if is_placed[start]:
            continue
        carried, place = pictures[start].copy(), target_of[start]
        while not is_placed[place]:
            displaced = pictures[place].copy()
            pictures[place] = carried
            is_placed[place] = True
            carried, place = displaced, target_of[place]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
