"""Writes the curves as event files, which TensorBoard shows; needs nothing but TensorFlow."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from cnnstudio.core.events import EpochEnded
from cnnstudio.engine.record import Record

FOLDER = "tensorboard"


class EventFiles(keras.callbacks.Callback):
    """Writes every epoch into RUN_FOLDER/tensorboard; stands after whatever fills the record.

    Training and validation are two folders with curves of the same names, which TensorBoard lays
    over each other. A training that is gone on with writes its first epochs again, so that its
    curve is one.
    """

    def __init__(self, run_folder: Path, record: Record) -> None:
        super().__init__()
        self._folder = run_folder / FOLDER
        self._record = record
        self._written = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the files."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._written = 0
        self._writers = {part: _writer(self._folder / part) for part in ("train", "validation")}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the epochs that have not been written yet."""
        for each in self._record.history[self._written :]:
            self._write(each)
        self._written = len(self._record.history)

    def _write(self, epoch: EpochEnded) -> None:
        curves = {
            "train": {
                "loss": epoch.loss,
                "accuracy": epoch.accuracy,
                "learning_rate": epoch.learning_rate,
                "images_per_second": epoch.images_per_second,
            },
            "validation": {"loss": epoch.validation_loss, "accuracy": epoch.validation_accuracy},
        }
        for part, values in curves.items():
            summary = tf.compat.v1.Summary(
                value=[
                    tf.compat.v1.Summary.Value(tag=tag, simple_value=value)
                    for tag, value in values.items()
                ]
            )
            _append(self._writers[part], step=epoch.epoch, summary=summary)


def _writer(folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    writer = tf.io.TFRecordWriter(str(folder / f"events.out.tfevents.{int(time.time())}.cnnstudio"))
    _append(writer, file_version="brain.Event:2")  # what readers look for first
    return writer


def _append(writer: Any, **fields: Any) -> None:
    event = tf.compat.v1.Event(wall_time=time.time(), **fields)
    writer.write(event.SerializeToString())
    writer.flush()
