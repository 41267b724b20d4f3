"""Training a project: from class folders to a run.

The order: check what can be known before anything is read, read all pictures, deal them to their
parts, train, ask the saved model about validation and test, and only then let the run appear.
"""

from __future__ import annotations

import importlib.metadata
import platform
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import (
    DeviceReport,
    Engine,
    LabelledFeatures,
    Pictures,
    TrainingOutcome,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress, TrainingBegan
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.network import layer_table, parameter_count
from cnnstudio.core.project import SPLITS, Project, Split, lacks_train_folder
from cnnstudio.core.runs import MODEL_FILE, PredictionRecord, Run, write_run
from cnnstudio.core.storage import split_book
from cnnstudio.core.storage.atomic import fresh_folder, remove_stale_drafts
from cnnstudio.core.training_material import TrainingMaterial, prepare_material

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
        project: its labelled samples are read, but for classes that are switched off; the order
            of its classes is the network's.
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
        config = _settled(engine, project.config)
        check_before_training(project, config)
        created = datetime.now().astimezone()
        folder = out or project.runs_folder / _folder_name(project, config, created)
        remove_stale_drafts(folder.parent)
        with fresh_folder(folder) as draft:
            material = prepare_material(project.with_config(config), extra_parts or {}, context)
            context.report(Progress("Starting TensorFlow"))
            device = engine.devices()
            context.checkpoint()
            context.report(_beginning(material, config, device))
            names = tuple(each.name for each in material.classes)
            outcome = _trained(engine, material, config, names, draft / MODEL_FILE, context)
            answers: dict[Split, npt.NDArray[np.float32]] = {
                split: _answers(engine, draft / MODEL_FILE, material.part(split).pictures, context)
                for split in SPLITS
                if split != "train"
            }
            if write_project:
                material = _with_split_kept(project, material)
            label = name or training_preset(config.preset).label
            run = _run(folder, label, created, config, material, outcome, answers, device)
            write_run(run, draft, material.records(), _predictions(material, answers))
        return run

    return task


def _settled(engine: Engine, config: RunConfig) -> RunConfig:
    """What pictures of the size of a frozen backbone are brought to is the backbone's choice."""
    if training_preset(config.preset).footing != "features":
        return config
    size = engine.feature_kind(config.transfer.backbone).size_px
    return replace(config, training=replace(config.training, image_size=size))


def _trained(
    engine: Engine,
    material: TrainingMaterial,
    config: RunConfig,
    names: tuple[str, ...],
    model_file: Path,
    context: TaskContext,
) -> TrainingOutcome:
    training, validation = material.part("train"), material.part("validation")
    if training_preset(config.preset).footing != "features":
        return engine.train(training, validation, config, names, model_file, context)
    parts = []
    for part in (training, validation):
        rows = []
        for start in range(0, len(part), _ASKED_AT_ONCE):
            context.checkpoint()
            pictures = part.pictures[start : start + _ASKED_AT_ONCE]
            rows.append(engine.features(pictures, config.transfer.backbone))
        parts.append(LabelledFeatures(np.concatenate(rows)[:, None], part.labels))
    return engine.train_head(parts[0], parts[1], config, names, model_file, context)


def check_before_training(project: Project, config: RunConfig) -> None:
    """Refuse what can be known to fail before a picture is read.

    Raises:
        StudioError: fewer than two classes have pictures, there are too few of them, or the network
            does not fit the picture size.
    """
    training_preset(config.preset)
    if lacks_train_folder(project):
        raise StudioError(
            f"{project.title} holds validation or test pictures, but there is no train folder.",
            "Put the pictures to learn from into a folder train, with a folder for each class.",
        )
    counts = {each.title: project.counts.get(each.name, 0) for each in project.learned_classes}
    filled = [title for title, count in counts.items() if count]
    is_any_off = any(
        not each.is_switched_on and project.counts.get(each.name) for each in project.classes
    )
    or_switch_on = ", or switch one on" if is_any_off else ""
    if not filled:
        raise StudioError(
            "There are no pictures with a class to learn from.",
            f"Add pictures to at least two classes{or_switch_on}.",
        )
    if len(filled) == 1:
        raise StudioError(
            f"Only one class, {filled[0]}, has pictures; a network learns to tell classes apart.",
            f"Add pictures to a second class{or_switch_on}.",
        )
    if max(counts.values()) < 3:
        raise StudioError(
            f"{sum(counts.values())} pictures are too few to learn from.",
            "Add at least 3 pictures to each class; 20 or more give a useful model.",
        )
    if training_preset(config.preset).footing == "scratch":
        layer_table(config.network, config.training.image_size, len(filled))


def _with_split_kept(project: Project, material: TrainingMaterial) -> TrainingMaterial:
    """Keep the split for the next training; where that cannot be done, say so."""
    if material.new_book is not None:
        try:
            split_book.save(project.root, material.new_book)
        except StudioError as error:
            words = f"The split could not be kept for the next training. {error.sentence}"
            return replace(material, warnings=(*material.warnings, words))
    return material


def _beginning(
    material: TrainingMaterial, config: RunConfig, device: DeviceReport
) -> TrainingBegan:
    training = config.training
    classes = len(material.classes)
    if training_preset(config.preset).footing == "scratch":
        parameters = parameter_count(layer_table(config.network, training.image_size, classes))
    else:
        backbone = backbone_of(config.transfer.backbone)
        parameters = backbone.parameters + (backbone.feature_length + 1) * classes
    return TrainingBegan(
        epochs=training.epochs,
        batches_per_epoch=-(-material.counts["train"] // training.batch_size),
        training_count=material.counts["train"],
        validation_count=material.counts["validation"],
        test_count=material.counts["test"],
        parameters=parameters,
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
    material: TrainingMaterial,
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
    material: TrainingMaterial, answers: Mapping[Split, npt.NDArray[np.float32]]
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
