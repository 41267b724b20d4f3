"""Training a project: from class folders to a run.

The order: check what can be known before anything is read, gather all pictures, deal them to their
parts (`prepare_material`), train, ask the saved model about validation and test (`carry_out`), and
only then let the run appear. A small set is cross-validated after that: it takes a while, in which
a run that is trained must not get lost.
"""

from __future__ import annotations

import importlib.metadata
import platform
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import PIL

from cnnstudio.core.answering import (
    Answers,
    answers_to_features,
    answers_to_pictures,
    check_answers,
    prediction_records,
)
from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.catalog.training_presets import IMPORTED, Footing, training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.cross_checked_run import cross_checked
from cnnstudio.core.engine_api import (
    DeviceReport,
    Engine,
    TrainingOutcome,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import save_caution
from cnnstudio.core.evaluation.making_caution import caution_from
from cnnstudio.core.evaluation.moments import write_moments
from cnnstudio.core.events import EpochEnded, Progress, TrainingBegan
from cnnstudio.core.head_fitting import fitted_head
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.network import layer_table, parameter_count
from cnnstudio.core.pinning import read_pins
from cnnstudio.core.project import Project, Split, lacks_train_folder
from cnnstudio.core.runs import MODEL_FILE, Run, write_run
from cnnstudio.core.storage import split_book
from cnnstudio.core.storage.atomic import fresh_folder, remove_stale_drafts
from cnnstudio.core.storage.index import Index
from cnnstudio.core.storage.model_facts import ModelFacts, add_facts
from cnnstudio.core.storage.training_state import read_state
from cnnstudio.core.storage.unfinished_runs import UnfinishedPlan, checkpoint_folder, write_plan
from cnnstudio.core.training_material import TrainingMaterial, prepare_material
from cnnstudio.core.variants import with_variants

START_WAS_BEST = (
    "No epoch was better on the validation pictures than the start, the network as it was taken"
    " over: the start was the best and is kept."
)


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
    or failed, it leaves no run behind; once the run is there (`TaskContext.has_kept`), a stop or a
    cancel leaves out the cross-validation.

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
        config = settled_config(engine, project.config)
        check_before_training(project, config)
        created, began = datetime.now().astimezone(), time.monotonic()
        folder = out or project.runs_folder / _folder_name(project, config, created)
        label = name or training_preset(config.preset).label
        plan = TrainingPlan(folder, label, created, config, began)
        remove_stale_drafts(folder.parent)
        with fresh_folder(folder) as draft, index_of(project, write_project) as index:
            material = prepare_material(
                engine, project.with_config(config), extra_parts or {}, index, context
            )
            if not write_project:
                material = replace(material, new_book=None)
            state = None
            # A head on features is trained again within seconds.
            if training_preset(config.preset).footing != "features":
                write_plan(draft, _plan_to_go_on(project, plan, material))
                state = checkpoint_folder(draft)
            run = carry_out(engine, project, plan, material, index, draft, context, state)
        return cross_checked(run, material, context)

    return task


@dataclass(frozen=True)
class TrainingPlan:
    """A training that is about to be carried out: what its run will be called, and its settings.

    `began` is when its pictures began to be read, by `time.monotonic`.
    """

    folder: Path
    name: str
    created: datetime
    config: RunConfig
    began: float


def carry_out(
    engine: Engine,
    project: Project,
    plan: TrainingPlan,
    material: TrainingMaterial,
    index: Index,
    draft: Path,
    context: TaskContext,
    state_folder: Path | None = None,
) -> Run:
    """Train on what was dealt, ask the saved model, and write the run into `draft`.

    When it returns, the run is to be kept: a cancel comes too late from then on.

    Args:
        engine: what computes.
        project: keeps the split, where the material has a new one.
        plan: the settings, as `settled_config` returned them.
        material: what `prepare_material` dealt.
        index: keeps what is computed of augmented variants.
        draft: the folder that becomes the run.
        context: progress, stopping and cancelling.
        state_folder: where the state of the training is kept; one that is there is gone on with.

    Raises:
        StudioError: the engine fails, or the saved model does not answer as it was trained to.
        Cancelled: the user cancelled.
    """
    config = plan.config
    footing = training_preset(config.preset).footing
    names = tuple(each.name for each in material.classes)
    model_file = draft / MODEL_FILE
    training = None
    if footing == "features":
        training = with_variants(engine, material, config, index, context)
    context.report(Progress("Starting TensorFlow"))
    device = engine.devices()
    context.checkpoint()
    state = None if state_folder is None else read_state(state_folder)
    history = () if state is None else state.history
    context.report(_beginning(material, config, device, history))
    pins = read_pins(project.root, config, material.classes, context)
    pinned_features = None
    if pins is not None and training is not None:
        pinned_features = engine.features(pins, config.transfer.backbone)
    seconds_before = time.monotonic() - plan.began
    if training is not None:
        validation = material.features_of("validation")
        outcome = engine.train_head(
            training, validation, config, names, model_file, context, pinned_features
        )
    else:
        head = None
        if footing == "fine-tuning":
            head = fitted_head(material.features_of("train"), len(names), context)
        outcome = engine.train(
            material.pictures_of("train"),
            material.pictures_of("validation"),
            config,
            names,
            model_file,
            context,
            state_folder,
            head,
            pins,
        )
    outcome = _from_the_start(outcome, seconds_before, material, footing)
    add_facts(model_file, _facts(plan, material))
    if training is not None:
        answers, seen = answers_to_features(engine, model_file, material, context)
        check_answers(engine, model_file, material, config, answers, context)
    else:
        answers, seen = answers_to_pictures(engine, model_file, material, context)
    material = _with_split_kept(project, material)
    run = _run(plan, material, outcome, answers, device)
    write_run(run, draft, material.records(), prediction_records(material, answers))
    true = material.labels[material.rows("validation")]
    found = caution_from(
        answers["validation"], true, seen["train"], seen["validation"], seen["test"]
    )
    save_caution(draft, *found)
    if outcome.moments:
        features = material.features_of("validation").features[:, 0]
        write_moments(draft, outcome.moments, features)
    context.keep()
    return run


def _from_the_start(
    outcome: TrainingOutcome, seconds_before: float, material: TrainingMaterial, footing: Footing
) -> TrainingOutcome:
    """Count the time in which the pictures were read, too.

    A head on features learns thousands of rows a second: no picture is looked at in that time. What
    tells of such a training is how many pictures it took in a second, from files to the end.
    """
    seconds = seconds_before + outcome.seconds
    if footing != "features":
        return replace(outcome, seconds=seconds)
    pace = sum(material.counts.values()) / max(seconds, 1e-3)
    return replace(outcome, seconds=seconds, images_per_second=pace)


def settled_config(engine: Engine, config: RunConfig) -> RunConfig:
    """Return the config with what is not the user's to choose: a frozen backbone's picture size.

    Raises:
        StudioError: the preset or the backbone is unknown.
    """
    if training_preset(config.preset).footing != "features":
        return config
    size = engine.feature_kind(config.transfer.backbone).size_px
    return replace(config, training=replace(config.training, image_size=size))


def check_before_training(project: Project, config: RunConfig) -> None:
    """Refuse what can be known to fail before a picture is read.

    Raises:
        StudioError: fewer than two classes have pictures, there are too few of them, or the network
            does not fit the picture size.
    """
    if training_preset(config.preset) is IMPORTED:
        raise StudioError(
            "These are the settings of an imported model, which cannot be trained here.",
            "Choose a way of training.",
        )
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


def _plan_to_go_on(
    project: Project, plan: TrainingPlan, material: TrainingMaterial
) -> UnfinishedPlan:
    return UnfinishedPlan(
        plan.name,
        plan.created,
        plan.folder,
        project.root,
        plan.config,
        tuple(each.name for each in material.classes),
        tuple(each.title for each in material.classes),
        tuple(material.records()),
        material.warnings,
        material.new_book,
    )


def index_of(project: Project, may_write: bool) -> Index:
    """Return the index of a project, or one that is forgotten where nothing may be written."""
    return Index.of(project) if may_write else Index(None)


def _facts(plan: TrainingPlan, material: TrainingMaterial) -> ModelFacts:
    training = plan.config.training
    return ModelFacts(
        class_names=tuple(each.name for each in material.classes),
        class_titles=tuple(each.title for each in material.classes),
        image_size=training.image_size,
        resize_mode=training.resize_mode,
        preset=plan.config.preset,
        program_version=program_version(),
    )


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
    material: TrainingMaterial,
    config: RunConfig,
    device: DeviceReport,
    history: tuple[EpochEnded, ...],
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
        patience=training.patience,
        history=history,
        notes=material.notes,
    )


def _run(
    plan: TrainingPlan,
    material: TrainingMaterial,
    outcome: TrainingOutcome,
    answers: Answers,
    device: DeviceReport,
) -> Run:
    def accuracy(split: Split) -> float | None:
        labels = material.labels[material.rows(split)]
        if not len(labels):
            return None
        return float((answers[split].argmax(axis=1) == labels).mean())

    return Run(
        folder=plan.folder,
        name=plan.name,
        created=plan.created,
        config=plan.config,
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
        warnings=(
            *material.warnings,
            *(() if outcome.best_epoch else (START_WAS_BEST,)),
            *material.notes,
        ),
        history=outcome.history,
        versions={
            "cnnstudio": program_version(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pillow": PIL.__version__,
            "tensorflow": device.tensorflow_version,
            "keras": device.keras_version,
        },
    )


def _folder_name(project: Project, config: RunConfig, created: datetime) -> str:
    name = f"{created:%Y%m%d-%H%M%S}-{config.preset}"
    if (project.runs_folder / name).exists():  # two within a second
        name += f"-{secrets.token_hex(2)}"
    return name


def program_version() -> str:
    """Return the version of this program."""
    try:
        return importlib.metadata.version("cnnstudio")
    except importlib.metadata.PackageNotFoundError:  # run from a checkout
        return "unknown"
