"""What a training learns from: the pictures of a project, gathered and dealt to their parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.look_alikes import (
    Album,
    LookAlikes,
    are_features_telling,
    find_look_alikes,
    small_pictures_words,
)
from cnnstudio.core.dataset.split_report import report_split
from cnnstudio.core.dataset.splitting import split_samples, split_warnings
from cnnstudio.core.engine_api import Engine, LabelledFeatures, LabelledPictures, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.gathering import Features, Gathered, Wanted, gather
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import SPLITS, ImageClass, Project, Split
from cnnstudio.core.runs import SampleRecord
from cnnstudio.core.storage import import_book, split_book
from cnnstudio.core.storage.index import Index
from cnnstudio.core.storage.split_book import SplitBook
from cnnstudio.core.training_members import (
    SEE_HEALTH_CHECK,
    Member,
    are,
    members_of,
    pictures_words,
    two_labels_words,
)


@dataclass(frozen=True)
class TrainingMaterial:
    """The pictures, sorted by part, and what is to be said about them.

    `labels`, `members` and `marks` belong to the rows of `pictures`, shape (n, size, size, 3), and
    of `features`, shape (n, length). What the way of training does not need is None. Look-alikes
    share a number in `groups`, shape (n,).
    """

    classes: tuple[ImageClass, ...]
    labels: npt.NDArray[np.int64]
    members: list[Member]
    marks: list[str]
    counts: Mapping[Split, int]
    warnings: tuple[str, ...]
    pictures: Pictures | None = None
    features: Features | None = None
    groups: npt.NDArray[np.int64] | None = None
    notes: tuple[str, ...] = ()
    new_book: SplitBook | None = None
    """The split as it is to be kept with the project, where that has changed."""

    def rows(self, split: Split) -> slice:
        """The rows of a part."""
        start = sum(self.counts[each] for each in SPLITS[: SPLITS.index(split)])
        return slice(start, start + self.counts[split])

    def pictures_of(self, split: Split) -> LabelledPictures:
        """The pictures of a part; views, not copies."""
        assert self.pictures is not None
        return LabelledPictures(self.pictures[self.rows(split)], self.labels[self.rows(split)])

    def features_of(self, split: Split) -> LabelledFeatures:
        """The features of a part, each picture as it is."""
        assert self.features is not None
        rows = self.rows(split)
        return LabelledFeatures(self.features[rows][:, None], self.labels[rows])

    def records(self) -> Iterator[SampleRecord]:
        """Exactly which pictures take part."""
        for split in SPLITS:
            rows = self.rows(split)
            for member, mark in zip(self.members[rows], self.marks[rows], strict=True):
                yield SampleRecord(member.path, member.class_name, split, mark)


def wanted_by(config: RunConfig) -> Wanted:
    """Return what the config's way of training needs of the pictures."""
    footing = training_preset(config.preset).footing
    return Wanted("large" if footing == "scratch" else "all", footing != "features")


def prepare_material(
    engine: Engine,
    project: Project,
    extras: Mapping[Split, Project],
    index: Index,
    context: TaskContext,
) -> TrainingMaterial:
    """Gather the pictures of a project and deal them to their parts.

    Nothing is written but what the index keeps.

    Args:
        engine: computes features.
        project: its labelled samples are read as its config says; classes that are switched off
            are left out.
        extras: folders that are the validation or test part in the place of pictures of its own.
        index: knows what was found out before.
        context: progress and cancelling.

    Raises:
        StudioError: too few classes or pictures can be read, or a class of `extras` is unknown.
        Cancelled: the user cancelled; what was found out until then is in the index.
    """
    config = project.config
    warnings: list[str] = []
    members = members_of(project, extras, warnings)
    if training_preset(config.preset).footing == "scratch":
        config = _with_default_backbone(config)
        project = project.with_config(config)
    gathered = gather(engine, members, config, wanted_by(config), index, context)
    if gathered.problems:
        warnings.append(unreadable_words(members, gathered))
    members = [members[place] for place in gathered.kept]
    if words := two_labels_words(members, gathered.marks):
        warnings.append(words)
    classes = project.learned_classes
    order = {each.name: place for place, each in enumerate(classes)}
    labels = [order[member.class_name] for member in members]
    look_alikes = _look_alikes(engine, project, members, labels, gathered, index, context)
    if wanted_by(config).features != "all":
        gathered = replace(gathered, features={})  # they have done what they were computed for
    book = split_book.load(project.root)
    pins = [member.pinned for member in members]
    splits, dealt_book = split_samples(
        gathered.marks,
        labels,
        pins,
        book,
        config.training.seed,
        0.0 if "validation" in extras else config.training.validation_share,
        0.0 if "test" in extras else config.training.test_share,
        look_alikes.group_of,
    )
    titles = [each.title for each in classes]
    report = report_split(
        gathered.marks, labels, pins, splits, book, dealt_book, look_alikes, titles
    )
    said = (report.sentence if report.spared else "", small_pictures_words(gathered.rows))
    notes = tuple(words for words in said if words)
    warnings += report.warnings
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
    material = _arranged(
        classes, gathered, members, labels, splits, usable, look_alikes.group_of, warnings
    )
    # With parts from elsewhere this split is not the project's own.
    return replace(
        material, notes=notes, new_book=None if extras or dealt_book == book else dealt_book
    )


def _look_alikes(
    engine: Engine,
    project: Project,
    members: list[Member],
    labels: list[int],
    gathered: Gathered,
    index: Index,
    context: TaskContext,
) -> LookAlikes:
    """Find the pictures that belong together, alike for every way of training."""
    features: Mapping[str, npt.NDArray[np.floating]] = {}
    if are_features_telling(gathered.rows):
        features = gathered.features
        config = _with_default_backbone(project.config)
        is_other = config != project.config
        # Also missing are those of the small among large ones.
        if is_other or any(mark not in features for mark in gathered.marks):
            missing = Wanted("all", pictures=False)
            features = gather(engine, members, config, missing, index, context).features
    context.report(Progress("Looking for look-alikes"))
    album = Album(
        [member.path for member in members],
        labels,
        gathered.rows,
        lambda marks: index.find_features(TINY, marks),
        features,
        import_book.load(project.root).group_of,
    )
    return find_look_alikes(album, context)


def _with_default_backbone(config: RunConfig) -> RunConfig:
    return replace(config, transfer=replace(config.transfer, backbone=DEFAULT_BACKBONE.key))


def unreadable_words(members: list[Member], gathered: Gathered) -> str:
    """Return a sentence about the pictures that cannot be read."""
    first = next(iter(gathered.problems))
    count = len(gathered.problems)
    return (
        f"{pictures_words(count)} cannot be read and {are(count)} left out, such as"
        f" {members[first].path}: {gathered.problems[first]}. {SEE_HEALTH_CHECK}"
    )


def _arranged(
    classes: tuple[ImageClass, ...],
    gathered: Gathered,
    members: list[Member],
    labels: list[int],
    splits: list[Split],
    usable: list[bool],
    groups: Sequence[int],
    warnings: list[str],
) -> TrainingMaterial:
    """Leave out what cannot be learned or asked, and sort the rest by part, in place."""
    if doubled := usable.count(False):
        warnings.append(
            f"{pictures_words(doubled)} {are(doubled)} in a later part as well and left out of the"
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
            lost = f", with its {pictures_words(n)}" if (n := labels.count(place)) else ""
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
    if gathered.pictures is not None:
        _rearrange(gathered.pictures, arranged)
    final_labels = [new_label[labels[row]] for row in arranged]
    final_splits = [splits[row] for row in arranged]
    titles = [each.title for each in kept_classes]
    warnings += split_warnings(final_labels, final_splits, titles)
    marks = [gathered.rows[row].fingerprint for row in arranged]
    return TrainingMaterial(
        kept_classes,
        np.array(final_labels, np.int64),
        [members[row] for row in arranged],
        marks,
        {split: len(rows[split]) for split in SPLITS},
        tuple(warnings),
        None if gathered.pictures is None else gathered.pictures[: len(arranged)],
        np.stack([gathered.features[mark] for mark in marks]) if gathered.features else None,
        np.array([groups[row] for row in arranged], np.int64),
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
