"""Runs: what one training was made with, what it came to, and its model, in a folder of its own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.core.config import RunConfig, from_dict, to_dict
from cnnstudio.core.cross_checking import CrossCheck
from cnnstudio.core.engine_api import Ending
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.project import SPLITS, Project, Split
from cnnstudio.core.storage.atomic import DRAFT_PREFIX, write_text
from cnnstudio.core.storage.migrations import RUN_STEPS, migrated, version_of

SCHEMA_VERSION = 1
MODEL_FILE = "model.keras"
IMPORTED_MODEL_FILES = ("model.tflite", "model.onnx")
"""What a run may have in its place: formats in which only imported models are kept."""
CONFIG_FILE = "config.json"
HISTORY_FILE = "history.csv"
METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.csv"
SAMPLES_FILE = "samples.csv"


@dataclass(frozen=True)
class Run:
    """One training; accuracies are shares, 0 to 1.

    `best_epoch` counts from 1; it is 0 where no epoch was better than the start, a network that was
    taken over.

    `class_names` are the class folders in the order of the network's answers, `class_titles` what
    people read. `counts` holds pictures by part. Where these are few, `cross_check` has the figure
    that more can be built on than on the test part's. `created` has the time zone it was made in.
    `imported_from` is the name of the file that an imported model came in, "" where it was trained
    here; such a run has no epochs. `seconds` counts from the first picture read to the last epoch,
    without pauses; `images_per_second` is that of learning, for a head on features that of all
    those seconds.
    """

    folder: Path
    name: str
    created: datetime
    config: RunConfig
    class_names: tuple[str, ...]
    class_titles: tuple[str, ...]
    status: Ending
    best_epoch: int
    epochs: int
    validation_accuracy: float
    test_accuracy: float | None
    images_per_second: float
    seconds: float
    device: str
    precision: str
    counts: Mapping[Split, int]
    warnings: tuple[str, ...] = ()
    history: tuple[EpochEnded, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    cross_check: CrossCheck | None = None
    imported_from: str = ""
    model_name: str = MODEL_FILE

    @property
    def is_imported(self) -> bool:
        """Whether its model was trained elsewhere."""
        return bool(self.imported_from)

    @property
    def accuracy(self) -> float | None:
        """The share of right answers on the test part, else on the validation part; None: neither.

        A run without pictures of its own is one that was imported without any.
        """
        if self.test_accuracy is not None:
            return self.test_accuracy
        return self.validation_accuracy if self.counts.get("validation") else None

    @property
    def kept_words(self) -> str:
        """Which weights are kept: "epoch 3", "the start", or "as it came" of an imported model."""
        if self.is_imported:
            return "as it came"
        return f"epoch {self.best_epoch:,}" if self.best_epoch else "the start"

    @property
    def model_file(self) -> Path:
        """The Keras model with the weights of the best epoch, or the file that was imported."""
        return self.folder / self.model_name


@dataclass(frozen=True)
class SampleRecord:
    """A picture that a run was made from; `path` as in the project, or absolute outside it."""

    path: str
    class_name: str
    split: Split
    fingerprint: str


@dataclass(frozen=True)
class PredictionRecord:
    """The network's answer on a validation or test picture; probabilities by class, 0 to 1."""

    path: str
    split: Split
    true_class: str
    probabilities: npt.NDArray[np.float32]


@dataclass(frozen=True)
class DamagedRun:
    """A folder among the runs that cannot be read as one, and why."""

    folder: Path
    reason: str


def write_run(
    run: Run,
    draft: Path,
    samples: Iterable[SampleRecord],
    predictions: Iterable[PredictionRecord],
) -> None:
    """Write all files of a run but the model into `draft`, where the model is already.

    The caller renames the draft to `run.folder`, so that a run is there whole or not at all.

    Raises:
        StudioError: the disk refuses.
    """
    _write_config(run, draft)
    _write_metrics(run, draft)
    _write_csv(
        draft / HISTORY_FILE,
        [each.name for each in fields(EpochEnded)],
        ([_written(value) for value in asdict(epoch).values()] for epoch in run.history),
    )
    _write_csv(
        draft / PREDICTIONS_FILE,
        ["path", "split", "true", "predicted", "probability", *run.class_names],
        (_prediction_row(run, prediction) for prediction in predictions),
    )
    write_sample_records(draft, samples)


def load_run(folder: Path) -> Run:
    """Read a run.

    Raises:
        StudioError: there is none in the folder, or its files are damaged or incomplete.
    """
    if not folder.is_dir():
        raise StudioError(f"There is no run at {folder}.", "Name the folder of a run.")
    if not (folder / CONFIG_FILE).is_file():
        raise StudioError(
            f"{folder} is not a run: it has no {CONFIG_FILE}.",
            "Runs are in the folder .cnnstudio/runs of a project.",
        )
    try:
        config = json.loads((folder / CONFIG_FILE).read_bytes())
        config = migrated(config, SCHEMA_VERSION, RUN_STEPS, f"The run {folder.name}")
        model_name = str(config.get("model", MODEL_FILE))
        if model_name not in (MODEL_FILE, *IMPORTED_MODEL_FILES):
            raise ValueError("model")
        if not (folder / model_name).is_file():
            raise StudioError(f"The run {folder.name} has no {model_name}.", "Train again.")
        metrics = json.loads((folder / METRICS_FILE).read_bytes())
        version_of(metrics, SCHEMA_VERSION)
        names = _words(config["class_names"])
        titles = _words(config.get("class_titles", names))
        if len(set(names)) < len(names) or len(titles) != len(names) or len(names) < 2:
            raise ValueError("classes")
        return Run(
            folder=folder,
            name=str(config["name"]),
            created=datetime.fromisoformat(config["created"]),
            config=from_dict(RunConfig, config["config"], tolerant=True),
            class_names=names,
            class_titles=titles,
            status="stopped" if metrics["status"] == "stopped" else "finished",
            best_epoch=int(metrics["best_epoch"]),
            epochs=int(metrics["epochs"]),
            validation_accuracy=float(metrics["validation_accuracy"]),
            test_accuracy=_number_or_none(metrics["test_accuracy"]),
            images_per_second=float(metrics["images_per_second"]),
            seconds=float(metrics["seconds"]),
            device=str(config["device"]),
            precision=str(config["precision"]),
            counts={split: int(count) for split, count in config["counts"].items()},
            warnings=tuple(str(each) for each in config.get("warnings", ())),
            history=_read_history(folder / HISTORY_FILE),
            versions={str(key): str(each) for key, each in config.get("versions", {}).items()},
            cross_check=_cross_check(metrics.get("cross_check")),
            imported_from=str(config.get("imported_from", "")),
            model_name=model_name,
        )
    except OSError as error:
        raise StudioError(
            f"The run {folder.name} cannot be read: {error.strerror or error}."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(folder) from error


def checked_answers(run: Run, answers: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return a model's answers, shape (n, classes), when they fit the classes of its run.

    Raises:
        StudioError: the model gives another number of answers than the run names classes.
    """
    if answers.shape[1:] != (len(run.class_names),):
        raise _damaged(run.folder)
    return answers


def list_runs(place: Project | Path) -> list[Run]:
    """Return the runs of a project, or of a folder of runs, newest first.

    Damaged ones are passed over; `damaged_runs` names them.
    """
    runs = [each for each in _all_runs(place) if isinstance(each, Run)]
    return sorted(runs, key=lambda run: (run.created.timestamp(), run.folder.name), reverse=True)


def run_names(place: Project | Path) -> frozenset[str]:
    """Return the names of all folders of runs, also of damaged ones, from one look at the disk."""
    return frozenset(each.name for each in _run_folders(place))


def damaged_runs(place: Project | Path) -> list[DamagedRun]:
    """Return the folders among the runs that `list_runs` passes over, with their reasons."""
    return [each for each in _all_runs(place) if isinstance(each, DamagedRun)]


def rename_run(run: Run, name: str) -> Run:
    """Give a run another name and return it; its folder stays.

    Raises:
        StudioError: the name is empty, or the disk refuses.
    """
    name = " ".join(name.split())
    if not name:
        raise StudioError("A run needs a name.")
    renamed = replace(run, name=name)
    _write_config(renamed, run.folder)
    return renamed


def add_cross_check(run: Run, found: CrossCheck) -> Run:
    """Add figures to a run that is written already, and return it.

    A run that was removed meanwhile is not brought back.

    Raises:
        StudioError: the disk refuses; the run is as it was.
    """
    checked = replace(run, cross_check=found)
    if run.model_file.is_file():
        _write_metrics(checked, run.folder)
    return checked


def read_samples(run: Run) -> list[SampleRecord]:
    """Return exactly which pictures a run was made from; nothing when the list is missing."""
    try:
        return read_sample_records(run.folder)
    except (OSError, KeyError, csv.Error):
        return []


def write_sample_records(folder: Path, samples: Iterable[SampleRecord]) -> None:
    """Write a list of pictures into a folder, with their parts and fingerprints.

    Raises:
        StudioError: the disk refuses.
    """
    _write_csv(
        folder / SAMPLES_FILE,
        ["path", "class", "split", "fingerprint"],
        ([each.path, each.class_name, each.split, each.fingerprint] for each in samples),
    )


def read_sample_records(folder: Path) -> list[SampleRecord]:
    """Return the pictures that `write_sample_records` wrote, in their order.

    Raises:
        OSError: there is no such file.
        KeyError: a column is missing.
        csv.Error: it is no table.
    """
    with _open_csv(folder / SAMPLES_FILE) as stream:
        return [
            SampleRecord(row["path"], row["class"], split, row["fingerprint"])
            for row in csv.DictReader(stream)
            for split in SPLITS
            if split == row["split"]
        ]


def _write_config(run: Run, folder: Path) -> None:
    content = {
        "schema_version": SCHEMA_VERSION,
        "name": run.name,
        "created": run.created.isoformat(),
        "class_names": run.class_names,
        "class_titles": run.class_titles,
        "seed": run.config.training.seed,
        "device": run.device,
        "precision": run.precision,
        "counts": dict(run.counts),
        "warnings": run.warnings,
        "versions": dict(run.versions),
        "config": to_dict(run.config),
    }
    if run.is_imported:
        content |= {"imported_from": run.imported_from, "model": run.model_name}
    write_text(folder / CONFIG_FILE, json.dumps(content, indent=2) + "\n")


def _write_metrics(run: Run, folder: Path) -> None:
    metrics = {
        "schema_version": SCHEMA_VERSION,
        "status": run.status,
        "epochs": run.epochs,
        "best_epoch": run.best_epoch,
        "validation_accuracy": run.validation_accuracy,
        "test_accuracy": run.test_accuracy,
        "images_per_second": run.images_per_second,
        "seconds": run.seconds,
        "cross_check": None if run.cross_check is None else run.cross_check.to_dict(),
    }
    write_text(folder / METRICS_FILE, json.dumps(metrics, indent=2) + "\n")


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _open_csv(path: Path) -> io.TextIOWrapper:
    return path.open(newline="", encoding="utf-8", errors="surrogateescape")


def _prediction_row(run: Run, record: PredictionRecord) -> list[str]:
    place = int(np.argmax(record.probabilities))
    return [
        record.path,
        record.split,
        record.true_class,
        run.class_names[place],
        *(f"{value:.6f}" for value in (record.probabilities[place], *record.probabilities)),
    ]


def _read_history(path: Path) -> tuple[EpochEnded, ...]:
    with _open_csv(path) as stream:
        return tuple(
            EpochEnded(
                epoch=int(row["epoch"]),
                loss=float(row["loss"]),
                accuracy=float(row["accuracy"]),
                validation_loss=float(row["validation_loss"]),
                validation_accuracy=float(row["validation_accuracy"]),
                images_per_second=float(row["images_per_second"]),
                seconds=float(row["seconds"]),
                is_best=row["is_best"] == "True",
                learning_rate=float(row.get("learning_rate") or 0.0),
            )
            for row in csv.DictReader(stream)
        )


def _written(value: float | bool) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value)


def _words(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) for each in values):
        raise ValueError("no list of words")
    return tuple(values)


def _damaged(folder: Path) -> StudioError:
    return StudioError(f"The run {folder.name} is damaged.", "Train again.")


def _cross_check(plain: Any) -> CrossCheck | None:
    return None if plain is None else CrossCheck.from_dict(plain)


def _number_or_none(value: Any) -> float | None:
    return None if value is None else float(value)


def _all_runs(place: Project | Path) -> list[Run | DamagedRun]:
    found: list[Run | DamagedRun] = []
    for each in _run_folders(place):
        try:
            found.append(load_run(each))
        except StudioError as error:
            found.append(DamagedRun(each, error.sentence))
    return found


def _run_folders(place: Project | Path) -> list[Path]:
    folder = place.runs_folder if isinstance(place, Project) else place
    if not folder.is_dir():
        return []
    return [
        each
        for each in sorted(folder.iterdir())
        if each.is_dir() and not each.name.startswith((".", DRAFT_PREFIX))
    ]
