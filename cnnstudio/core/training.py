"""Training a project: from class folders to a run.

The order: check what can be known before anything is read, read all pictures, deal them to their
parts, train, ask the saved model about validation and test, and only then let the run appear.
"""

from __future__ import annotations

import importlib.metadata
import platform
import secrets
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.reading import ReadPictures, read_pictures
from cnnstudio.core.dataset.splitting import split_samples, split_warnings
from cnnstudio.core.engine_api import (
    DeviceReport,
    Engine,
    LabelledPictures,
    Pictures,
    TrainingOutcome,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress, TrainingBegan
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.network import layer_table, parameter_count
from cnnstudio.core.project import SPLITS, ImageClass, Project, Split
from cnnstudio.core.runs import MODEL_FILE, PredictionRecord, Run, SampleRecord, write_run
from cnnstudio.core.storage import split_book
from cnnstudio.core.storage.atomic import fresh_folder

_ASKED_AT_ONCE = 256


def train_project(
    engine: Engine,
    project: Project,
    out: Path | None = None,
    name: str = "",
    write_project: bool = True,
    extra_parts: Mapping[Split, Project] | None = None,
) -> Task[Run]:
    """Return the task that trains with the project's config and returns the run.

    It reports `Progress` while reading, `TrainingBegan`, then what the engine reports. Cancelled
    or failed, it leaves no run behind.

    Args:
        engine: what computes.
        project: its labelled samples are read; the order of its classes is the network's.
        out: the folder the run becomes, missing or empty; by default a new one among the
            project's runs.
        name: the run's name on screen; by default the preset's.
        write_project: False writes nothing into the project's folder; needs `out`.
        extra_parts: folders of class folders that are the validation or test part, in the place
            of pictures of the project.

    The task raises `StudioError` when too few classes or pictures are there, the network cannot
    be built for their size, a class of an extra part is not in the project, `out` is not empty, or
    the engine fails; `Cancelled` when the user cancels.
    """
    if out is None and not write_project:
        raise ValueError("without writing into the project a run needs `out`")

    def task(context: TaskContext) -> Run:
        config = project.config
        check_before_training(project, config)
        created = datetime.now().astimezone()
        folder = out or project.runs_folder / _folder_name(project, config, created)
        with fresh_folder(folder) as draft:
            material = _prepared(project, extra_parts or {}, write_project, context)
            context.report(Progress("Starting TensorFlow"))
            device = engine.devices()
            context.checkpoint()
            context.report(_beginning(material, config, device))
            names = tuple(each.name for each in material.classes)
            outcome = engine.train(
                material.part("train"),
                material.part("validation"),
                config,
                names,
                draft / MODEL_FILE,
                context,
            )
            answers: dict[Split, npt.NDArray[np.float32]] = {
                split: _answers(engine, draft / MODEL_FILE, material.part(split).pictures, context)
                for split in SPLITS
                if split != "train"
            }
            label = name or training_preset(config.preset).label
            run = _run(folder, label, created, config, material, outcome, answers, device)
            write_run(run, draft, material.records(), _predictions(material, answers))
        return run

    return task


def check_before_training(project: Project, config: RunConfig) -> None:
    """Refuse what can be known to fail before a picture is read.

    Raises:
        StudioError: fewer than two classes have pictures, there are too few of them, or the network
            does not fit the picture size.
    """
    training_preset(config.preset)
    counts = {each.title: project.counts.get(each.name, 0) for each in project.classes}
    filled = [title for title, count in counts.items() if count]
    if not filled:
        raise StudioError(
            "There are no pictures with a class to learn from.",
            "Add pictures to at least two classes.",
        )
    if len(filled) == 1:
        raise StudioError(
            f"Only one class, {filled[0]}, has pictures; a network learns to tell classes apart.",
            "Add pictures to a second class.",
        )
    if max(counts.values()) < 3:
        raise StudioError(
            f"{sum(counts.values())} pictures are too few to learn from.",
            "Add at least 3 pictures to each class; 20 or more give a useful model.",
        )
    layer_table(config.network, config.training.image_size, len(filled))


@dataclass(frozen=True)
class _Member:
    """A picture that may take part: where it is, its class, and the part its folder pins it to."""

    place: Path
    path: str
    class_name: str
    pinned: Split | None


@dataclass(frozen=True)
class _Material:
    """The pictures, sorted by part, and what is to be said about them.

    `labels` and `members` belong to the rows of `pictures`, shape (n, size, size, 3).
    """

    classes: tuple[ImageClass, ...]
    pictures: Pictures
    labels: npt.NDArray[np.int64]
    members: list[_Member]
    marks: list[str]
    counts: Mapping[Split, int]
    warnings: tuple[str, ...]

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


def _prepared(
    project: Project, extras: Mapping[Split, Project], write_project: bool, context: TaskContext
) -> _Material:
    """Read the pictures and deal them to their parts."""
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
    order = {each.name: place for place, each in enumerate(project.classes)}
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
    # With parts from elsewhere this split is not the project's own.
    if write_project and not extras and dealt_book != book:
        try:
            split_book.save(project.root, dealt_book)
        except StudioError as error:
            warnings.append(f"The split could not be kept for the next training. {error.sentence}")
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
    return _arranged(project.classes, read, members, labels, splits, usable, warnings)


def _members(
    project: Project, extras: Mapping[Split, Project], warnings: list[str]
) -> list[_Member]:
    members: list[_Member] = []
    replaced: list[Split] = []
    for sample in project.samples:
        if sample.class_name is None:
            continue
        if sample.pinned_split is not None and sample.pinned_split in extras:
            replaced.append(sample.pinned_split)
            continue
        place, pin = project.absolute(sample), sample.pinned_split
        members.append(_Member(place, sample.path, sample.class_name, pin))
    for split, count in Counter(replaced).items():
        warnings.append(
            f"The folder's own {split} part, {_pictures(count)}, is left out: another folder was"
            " given for it."
        )
    for split, extra in extras.items():
        names = classes_by_name(project, extra, f"the {split} folder {extra.title}")
        for sample in extra.samples:
            if sample.class_name is not None:
                name = names[sample.class_name]
                path = str(extra.absolute(sample))
                members.append(_Member(extra.absolute(sample), path, name, split))
    return members


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
    members: list[_Member],
    labels: list[int],
    splits: list[Split],
    usable: list[bool],
    warnings: list[str],
) -> _Material:
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
    kept_classes = tuple(each for place, each in enumerate(classes) if learned[place])
    for place, each in enumerate(classes):
        if not learned[place]:
            lost = f", with its {_pictures(n)}" if (n := labels.count(place)) else ""
            warnings.append(f"The class {each.title} has no pictures to learn{lost}: left out.")
    if len(kept_classes) < 2:
        raise StudioError(
            "Fewer than two classes have pictures that can be learned.",
            "Add readable pictures to at least two classes.",
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
    return _Material(
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


def _beginning(material: _Material, config: RunConfig, device: DeviceReport) -> TrainingBegan:
    training = config.training
    rows = layer_table(config.network, training.image_size, len(material.classes))
    return TrainingBegan(
        epochs=training.epochs,
        batches_per_epoch=-(-material.counts["train"] // training.batch_size),
        training_count=material.counts["train"],
        validation_count=material.counts["validation"],
        test_count=material.counts["test"],
        parameters=parameter_count(rows),
        device=device.words,
        precision=training.precision,
        warnings=material.warnings,
    )


def _answers(
    engine: Engine, model_file: Path, pictures: Pictures, context: TaskContext
) -> npt.NDArray[np.float32]:
    """Class probabilities of the saved model, shape (n, classes)."""
    answers = []
    for start in range(0, len(pictures), _ASKED_AT_ONCE):
        context.checkpoint()
        context.report(Progress("Checking the saved model", start, len(pictures)))
        answers.append(engine.predict(model_file, pictures[start : start + _ASKED_AT_ONCE]))
    return np.concatenate(answers) if answers else np.empty((0, 0), np.float32)


def _run(
    folder: Path,
    name: str,
    created: datetime,
    config: RunConfig,
    material: _Material,
    outcome: TrainingOutcome,
    answers: Mapping[Split, npt.NDArray[np.float32]],
    device: DeviceReport,
) -> Run:
    def accuracy(split: Split) -> float | None:
        labels = material.part(split).labels
        if not len(labels):
            return None
        return float((answers[split].argmax(axis=1) == labels).mean())

    return Run(
        folder=folder,
        name=name,
        created=created,
        config=config,
        class_names=tuple(each.name for each in material.classes),
        class_titles=tuple(each.title for each in material.classes),
        status=outcome.ending,
        best_epoch=outcome.best_epoch,
        epochs=len(outcome.history),
        validation_accuracy=accuracy("validation") or 0.0,
        test_accuracy=accuracy("test"),
        images_per_second=outcome.images_per_second,
        seconds=outcome.seconds,
        device=outcome.device,
        precision=outcome.precision,
        counts=material.counts,
        warnings=material.warnings,
        history=outcome.history,
        versions={
            "cnnstudio": _program_version(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pillow": PIL.__version__,
            "tensorflow": device.tensorflow_version,
            "keras": device.keras_version,
        },
    )


def _predictions(
    material: _Material, answers: Mapping[Split, npt.NDArray[np.float32]]
) -> Iterator[PredictionRecord]:
    for split, probabilities in answers.items():
        for member, row in zip(material.members[material.rows(split)], probabilities, strict=True):
            yield PredictionRecord(member.path, split, member.class_name, row)


def _folder_name(project: Project, config: RunConfig, created: datetime) -> str:
    name = f"{created:%Y%m%d-%H%M%S}-{config.preset}"
    if (project.runs_folder / name).exists():  # two within a second
        name += f"-{secrets.token_hex(2)}"
    return name


def _program_version() -> str:
    try:
        return importlib.metadata.version("cnnstudio")
    except importlib.metadata.PackageNotFoundError:  # run from a checkout
        return "unknown"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
