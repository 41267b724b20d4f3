"""What the network of a run sees: the numbers that go into its last layer, kept with the run.

There a trained network has set the classes apart as far as it can: what its last layer does is to
weigh these numbers.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.engine_api import LONGEST_FEATURES, Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.kept_files import folder_inside
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.picture_features import Features, batches_of
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import replaced_file
from cnnstudio.core.storage.index import Index

FEATURES_FILE = "seen.npz"
MAP_FILE = "map.npz"

_MARK_BYTES = 32
_MOST = float(np.finfo(np.float16).max)

_Kept = dict[str, npt.NDArray[np.float16]]


class RunSight:
    """The input of a run's last layer, shape (length,) for each picture, as float16 on disk."""

    def __init__(self, engine: Engine, project: Project, run: Run) -> None:
        self._engine = engine
        self._run = run
        self._as_run = project.with_config(run.config)  # pictures are made square as for training

    @property
    def name(self) -> str:
        """The run: its weights never change."""
        return f"run-{self._run.folder.name}"

    @property
    def map_file(self) -> Path:
        """Beside what else was found out about the run's layers."""
        return folder_inside(self._run) / MAP_FILE

    def known(self, marks: Collection[str], index: Index) -> set[str]:
        """Return which pictures were shown to the network."""
        with contextlib.suppress(*_DAMAGED), np.load(self._file) as kept:
            return set(_texts(kept["marks"])).intersection(marks)
        return set()

    def features(self, marks: Iterable[str], index: Index) -> dict[str, Features]:
        """Return what was kept."""
        kept = self._kept()
        return {mark: kept[mark].astype(np.float32) for mark in marks if mark in kept}

    def look(self, marks: Mapping[Sample, str], index: Index, context: TaskContext) -> None:
        """Show the network the pictures that it was not shown yet.

        Raises:
            StudioError: the model cannot be loaded, or its last layer takes too many numbers.
            Cancelled: the user cancelled.
        """
        kept = self._kept()
        # Of copies one is looked at.
        unknown = list(
            {mark: sample for sample, mark in marks.items() if mark not in kept}.values()
        )
        words = f"Showing the pictures to {self._run.name}"
        size = self._run.config.training.image_size
        before = len(kept)
        try:
            for samples, pictures in batches_of(self._as_run, unknown, size, context, words):
                _, rows = self._engine.predict_with_features(self._run.model_file, pictures)
                if not rows.shape[1]:
                    raise StudioError(
                        f"The last layer of {self._run.name} takes more than"
                        f" {LONGEST_FEATURES:,} numbers of a picture, too many to compare pictures"
                        " by.",
                        "Look at what a pretrained network sees instead.",
                    )
                for sample, row in zip(samples, rows.clip(-_MOST, _MOST), strict=True):
                    kept[marks[sample]] = row.astype(np.float16)
        finally:
            # A run that was removed meanwhile is not brought back.
            if len(kept) > before and self._run.model_file.is_file():
                self._keep(kept)

    @property
    def _file(self) -> Path:
        return folder_inside(self._run) / FEATURES_FILE

    def _kept(self) -> _Kept:
        try:
            with np.load(self._file) as arrays:
                marks, rows = _texts(arrays["marks"]), arrays["rows"]
        except _DAMAGED:
            return {}
        if rows.dtype != np.float16 or rows.ndim != 2 or len(rows) != len(marks):
            return {}
        return dict(zip(marks, rows, strict=True))

    def _keep(self, kept: _Kept) -> None:
        marks = np.array([mark.encode() for mark in kept], f"S{_MARK_BYTES}")
        with replaced_file(self._file) as stream:
            np.savez(stream, marks=marks, rows=np.stack(list(kept.values())))


def sees_like_pretrained(run: Run) -> bool:
    """Whether a run's last layer stands right on the pretrained network, which it left as it was.

    What it sees is then what `PretrainedSight` has.
    """
    config = run.config
    if run.is_imported:
        return False
    is_on_features = training_preset(config.preset).footing == "features"
    return is_on_features and config.transfer.backbone == DEFAULT_BACKBONE.key


_DAMAGED = (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile)


def _texts(marks: npt.NDArray[np.bytes_]) -> list[str]:
    return [mark.decode() for mark in marks.tolist()]
