"""Writes a trained network in another format."""

from __future__ import annotations

import contextlib
import logging
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.exporting.network_names import PICTURES
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.foreign.feeding import load_feeding
from cnnstudio.engine.exporters.enclosing import (
    enclose_in_archive,
    enclose_in_onnx,
    enclose_in_saved_model,
)
from cnnstudio.engine.exporters.fed_network import fed_network
from cnnstudio.engine.exporters.network import exported_network
from cnnstudio.engine.foreign.flattening import as_fed
from cnnstudio.engine.model_file import load_model
from cnnstudio.engine.runtime import without_chatter

_Write = Callable[[keras.Model, Path, WrittenNetwork], None]

# What TensorFlow says of it is no OSError.
_DISK_IS_FULL = "No space left on device"


def export_network(model_file: Path, target: Path, wanted: WrittenNetwork) -> None:
    """Write the network of a model file as `wanted` says, to `target`.

    The converters cannot be interrupted and keep Python's lock: see `engine/apart.py`.

    Raises:
        StudioError: the model cannot be loaded or not be written in that format.
    """
    write, enclose = _FORMATS[wanted.form]
    model, feeding = load_model(model_file), load_feeding(model_file.parent)
    if feeding is not None:
        model = fed_network(as_fed(model, feeding), feeding)
    network = exported_network(model, wanted.prototypes)
    try:
        with without_chatter(), _quiet():
            write(network, target, wanted)
            enclose(target, wanted.enclosed)
    except StudioError:
        raise
    except OSError as error:
        raise StudioError(
            f"The model could not be written to {target}: {error.strerror or error}.",
            "Check that the disk has free space and that you may write there.",
        ) from error
    except Exception as error:
        if _DISK_IS_FULL in str(error):
            raise StudioError(
                f"The model could not be written to {target}: {_DISK_IS_FULL}.",
                "Make room on the disk.",
            ) from error
        # The converters raise anything, from ValueError to errors of their own.
        raise StudioError(
            f"The network could not be converted: {_first_line(error)}.", "Choose another format."
        ) from error


def _write_keras(network: keras.Model, target: Path, _: WrittenNetwork) -> None:
    network.save(target)


def _write_saved_model(network: keras.Model, target: Path, _: WrittenNetwork) -> None:
    network.export(str(target), format="tf_saved_model", verbose=False)


def _write_onnx(network: keras.Model, target: Path, _: WrittenNetwork) -> None:
    # Keras asks that it was called before.
    network(np.zeros((1, *network.input_shape[1:]), np.float32), training=False)
    network.export(str(target), format="onnx", verbose=False)


def _write_tflite(network: keras.Model, target: Path, wanted: WrittenNetwork) -> None:
    # Beside the target, whose folder is thrown away as a whole should we be killed.
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        network.export(str(unfinished), format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(unfinished))
        # TensorFlow's own operations would need a library that hardly any phone has.
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if wanted.form != "tflite":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if wanted.form == "tflite-float16":
            converter.target_spec.supported_types = [tf.float16]
        if wanted.calibration is not None:
            converter.representative_dataset = _one_by_one(wanted.calibration)
        target.write_bytes(converter.convert())
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _one_by_one(pictures: Pictures) -> Callable[[], Iterator[Any]]:
    def give() -> Iterator[Any]:
        for picture in pictures:
            yield {PICTURES: picture[None].astype(np.float32)}

    return give


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the converters, which tell of every pass over the graph and of their own age."""
    loggers = [logging.getLogger(name) for name in ("tf2onnx", "tensorflow", "absl")]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".:")[:200]


_FORMATS: dict[str, tuple[_Write, Callable[[Path, Mapping[str, str]], None]]] = {
    "keras": (_write_keras, enclose_in_archive),
    "saved-model": (_write_saved_model, enclose_in_saved_model),
    "tflite": (_write_tflite, enclose_in_archive),
    "tflite-float16": (_write_tflite, enclose_in_archive),
    "tflite-dynamic": (_write_tflite, enclose_in_archive),
    "tflite-int8": (_write_tflite, enclose_in_archive),
    "onnx": (_write_onnx, enclose_in_onnx),
}
