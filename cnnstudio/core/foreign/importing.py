"""Making a run of a model that was made elsewhere: whole, or not at all."""

from __future__ import annotations

import hashlib
import platform
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np
import PIL

from cnnstudio.core.catalog.training_presets import IMPORTED
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.images import UnreadablePicture, read_array
from cnnstudio.core.dataset.reading import fingerprint_of, in_parallel, read_bytes
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import Caution, save_caution
from cnnstudio.core.events import Progress
from cnnstudio.core.foreign.choices import ImportChoices, class_names_for, shared_classes
from cnnstudio.core.foreign.compiling import drop_compiling
from cnnstudio.core.foreign.feeding import answers_words, save_feeding
from cnnstudio.core.foreign.found_model import KIND_WORDS, FoundModel
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.project import Project, Sample, Split
from cnnstudio.core.runs import (
    PredictionRecord,
    Run,
    SampleRecord,
    checked_answers,
    list_runs,
    read_samples,
    write_run,
)
from cnnstudio.core.storage.atomic import cannot_write, fresh_folder, remove_stale_drafts
from cnnstudio.core.training import program_version

_CHUNK_BYTES = 1 << 20
_BATCH = 32
_JUDGED: tuple[Split, ...] = ("validation", "test")
_PROBLEM = "The model was trained elsewhere: nobody knows here which pictures it has learned."

_FORGETS = (
    "The run that was exported also handed back pictures unlike those it was trained with. That is"
    " lost: only the probability decides here whether it is sure."
)


@dataclass(frozen=True)
class _Judged:
    """The pictures that the model was asked about, with its answers; how many cannot be read."""

    samples: tuple[SampleRecord, ...] = ()
    predictions: tuple[PredictionRecord, ...] = ()
    problems: int = 0


def import_model(
    engine: Engine,
    model_file: Path,
    found: FoundModel,
    choices: ImportChoices,
    project: Project | None = None,
    out: Path | None = None,
) -> Task[Run]:
    """Return the task that makes a run of a model file and returns it.

    Where the project has classes of the same names, the model is asked about their pictures: those
    of the test and validation parts of the newest run that was trained here, so that both can be
    compared; without one, all of them.

    Args:
        engine: what asks the model.
        model_file: stays as it is; the run has a copy.
        found: what a look at that very file found.
        choices: its classes, and how it is asked.
        project: whose run it becomes, and whose pictures judge it.
        out: the folder the run becomes, missing or empty; by default a new one among the project's
            runs.

    The task raises `StudioError` when the file has changed since it was looked at, the model cannot
    be asked, or the disk refuses; `Cancelled` when the user cancels. Either way nothing is left.
    """
    if out is None and project is None:
        raise ValueError("a run needs a project or a folder")

    def task(context: TaskContext) -> Run:
        created = datetime.now().astimezone()
        run = _run(_folder(project, out, created), created, model_file, found, choices, project)
        remove_stale_drafts(run.folder.parent)
        with fresh_folder(run.folder) as draft:
            copy = draft / run.model_name
            _copy(model_file, copy, found.digest, context)
            if found.kind == "keras":
                drop_compiling(copy, context)
            save_feeding(draft, choices.feeding)
            if choices.least_probability:
                save_caution(draft, Caution(least_probability=choices.least_probability))
            drafted = replace(run, folder=draft)
            _check(engine, drafted)
            judged = _Judged() if project is None else _judged(engine, drafted, project, context)
            run = _with_figures(run, judged)
            write_run(run, draft, judged.samples, judged.predictions)
            context.keep()
        return run

    return task


def _folder(project: Project | None, out: Path | None, created: datetime) -> Path:
    if out is not None:
        return out
    assert project is not None
    name = f"{created:%Y%m%d-%H%M%S}-{IMPORTED.key}"
    if (project.runs_folder / name).exists():  # two within a second
        name += f"-{secrets.token_hex(2)}"
    return project.runs_folder / name


def _run(
    folder: Path,
    created: datetime,
    model_file: Path,
    found: FoundModel,
    choices: ImportChoices,
    project: Project | None,
) -> Run:
    training = replace(
        IMPORTED.config.training,
        image_size=choices.feeding.size_px,
        resize_mode=choices.resize_mode,
    )
    words = [
        _PROBLEM,
        answers_words(choices.feeding.answers),
        _FORGETS if choices.forgets_the_unfamiliar else "",
    ]
    return Run(
        folder=folder,
        name=" ".join(choices.name.split()) or model_file.stem or "Imported model",
        created=created,
        config=RunConfig(preset=IMPORTED.key, training=training),
        class_names=class_names_for(choices.titles, project),
        class_titles=choices.titles,
        status="finished",
        best_epoch=0,
        epochs=0,
        validation_accuracy=0.0,
        test_accuracy=None,
        images_per_second=0.0,
        seconds=0.0,
        device="",
        precision="float32",
        counts={"train": 0, "validation": 0, "test": 0},
        warnings=tuple(filter(None, words)),
        versions={
            "cnnstudio": program_version(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pillow": PIL.__version__,
            "format": KIND_WORDS[found.kind],
        },
        imported_from=model_file.name,
        model_name=f"model.{found.kind}",
    )


def _copy(source: Path, target: Path, digest: str, context: TaskContext) -> None:
    """Copy a file, and see that it is the one that was looked at."""
    seen = hashlib.sha256()
    try:
        total, done = source.stat().st_size, 0
        with source.open("rb") as given, target.open("xb") as taken:
            while chunk := given.read(_CHUNK_BYTES):
                seen.update(chunk)
                taken.write(chunk)
                done += len(chunk)
                context.checkpoint()
                context.report(Progress("Copying the model", done, total))
        shutil.copymode(source, target)
        target.chmod(target.stat().st_mode | 0o200)
    except OSError as error:
        raise cannot_write(target, error) from error
    if seen.hexdigest() != digest:
        raise StudioError(f"{source.name} has changed since it was looked at.", "Import it again.")


def _check(engine: Engine, drafted: Run) -> None:
    """Ask the copy once: a run must answer."""
    size = drafted.config.training.image_size
    grey = np.full((1, size, size, 3), 127, np.uint8)
    checked_answers(drafted, engine.predict(drafted.model_file, grey))


def _judged(engine: Engine, drafted: Run, project: Project, context: TaskContext) -> _Judged:
    places = shared_classes(drafted.class_titles, project)
    asked = _to_be_asked(project, places)
    settings = drafted.config.training

    def read(item: tuple[Sample, Split]) -> tuple[Pictures, str]:
        data = read_bytes(project.absolute(item[0]))
        picture = read_array(data, settings.image_size, settings.resize_mode)
        return picture, fingerprint_of(data)

    results = in_parallel(asked, read, context, ahead=2 * _BATCH)
    samples: list[SampleRecord] = []
    predictions: list[PredictionRecord] = []
    rows = zip(asked, results, strict=True)
    done = 0
    while lot := list(islice(rows, _BATCH)):
        readable = [
            (sample, split, result)
            for (sample, split), result in lot
            if not isinstance(result, UnreadablePicture)
        ]
        if readable:
            pictures = np.stack([result[0] for *_, result in readable])
            answers = checked_answers(drafted, engine.predict(drafted.model_file, pictures))
            for (sample, split, result), answer in zip(readable, answers, strict=True):
                name = sample.class_name or ""
                samples.append(SampleRecord(sample.path, name, split, result[1]))
                predictions.append(PredictionRecord(sample.path, split, name, answer))
        done += len(lot)
        context.report(Progress("Asking the model about your pictures", done, len(asked)))
        context.checkpoint()
    return _Judged(tuple(samples), tuple(predictions), len(asked) - len(samples))


def _to_be_asked(project: Project, places: dict[str, int]) -> list[tuple[Sample, Split]]:
    """The labelled pictures that judge the model, with their parts."""
    labelled = [each for each in project.samples if each.class_name in places]
    if any(each.pinned_split for each in labelled):
        return [
            (each, each.pinned_split)
            for each in labelled
            if each.pinned_split is not None and each.pinned_split != "train"
        ]
    trained = next((each for each in list_runs(project) if not each.is_imported), None)
    if trained is None:
        return [(each, "test") for each in labelled]
    parts = {each.path: each.split for each in read_samples(trained) if each.split != "train"}
    return [(each, parts[each.path]) for each in labelled if each.path in parts]


def _with_figures(run: Run, judged: _Judged) -> Run:
    shares: dict[Split, float] = {}
    counts: dict[Split, int] = {"train": 0, "validation": 0, "test": 0}
    for split in _JUDGED:
        part: Sequence[PredictionRecord] = [
            each for each in judged.predictions if each.split == split
        ]
        counts[split] = len(part)
        if part:
            right = [
                run.class_names[int(np.argmax(each.probabilities))] == each.true_class
                for each in part
            ]
            shares[split] = sum(right) / len(part)
    warnings = run.warnings
    if judged.problems:
        words = f"{judged.problems:,} pictures could not be read and are left out."
        warnings = (*warnings, words)
    return replace(
        run,
        counts=counts,
        validation_accuracy=shares.get("validation", 0.0),
        test_accuracy=shares.get("test"),
        warnings=warnings,
    )
