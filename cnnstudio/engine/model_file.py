"""Writes and reads model files (.keras), without ever running code that comes with a file."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import keras

from cnnstudio.core.errors import StudioError

_CONFIG = "config.json"
# All that our networks consist of. Keras' own safe mode refuses known dangerous layers; a list of
# what is allowed also refuses those that nobody has thought of yet.
_KNOWN_MODULES = {
    "keras",
    "keras.layers",
    "keras.initializers",
    "keras.src.models.functional",
    "keras.src.ops.numpy",
    "keras.src.applications.convnext",
}
_KNOWN_CLASSES = {
    "Sequential",
    "InputLayer",
    "Rescaling",
    "Functional",
    "Conv2D",
    "DepthwiseConv2D",
    "BatchNormalization",
    "ReLU",
    "Add",
    "Multiply",
    "Activation",
    "LayerNormalization",
    "LayerScale",
    "Reshape",
    "ZeroPadding2D",
    "VarianceScaling",
    "GlobalAveragePooling2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "Flatten",
    "Dense",
    "Dropout",
    "DTypePolicy",
    "GlorotUniform",
    "Ones",
    "Zeros",
}

# How a configuration says which layer takes in which output; it belongs to no module.
_TENSOR = "__keras_tensor__"


def save_model(model: keras.Model, model_file: Path) -> None:
    """Write a model so that the file is either complete or not there.

    Raises:
        StudioError: the disk refuses it.
    """
    # Keras asks for this suffix.
    unfinished = model_file.with_name(f".{model_file.stem}.unfinished.keras")
    try:
        model_file.parent.mkdir(parents=True, exist_ok=True)
        model.save(unfinished)
        with unfinished.open("r+b") as written:
            os.fsync(written.fileno())
        unfinished.replace(model_file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudioError(
            f"The model could not be written to {model_file}: {reason}.",
            "Check that the disk has free space and that you may write there.",
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def load_model(model_file: Path) -> keras.Model:
    """Read a model that `save_model` wrote; it answers in float32.

    Raises:
        StudioError: the file is missing, damaged, or holds layers that could run code from it.
    """
    if not model_file.is_file():
        raise StudioError(
            f"The model file {model_file} is missing.", "Train again, or choose another run."
        )
    try:
        with zipfile.ZipFile(model_file) as archive:
            config = json.loads(archive.read(_CONFIG))
        unknown = sorted(_unknown_parts(config))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, RecursionError) as error:
        raise _damaged(model_file) from error
    if unknown:
        raise StudioError(
            f"The model file {model_file} was not opened: it holds parts that could run code from"
            f" the file ({', '.join(unknown)}).",
            "Open only models that CNN Studio has trained.",
        )
    keras.config.set_dtype_policy("float32")
    try:
        return keras.saving.load_model(model_file, compile=False, safe_mode=True)
    except Exception as error:
        # Keras raises whatever the damage leads to: ValueError, KeyError, OSError, zlib.error.
        raise _damaged(model_file) from error


def _damaged(model_file: Path) -> StudioError:
    return StudioError(
        f"The model file {model_file} is damaged or no Keras model.",
        "Train again, or choose another run.",
    )


def _unknown_parts(part: Any) -> set[str]:
    """Return the names of all parts of a Keras configuration that are not known to be harmless."""
    unknown: set[str] = set()
    if isinstance(part, dict):
        if "class_name" in part or "module" in part:
            name, module = part.get("class_name"), part.get("module")
            is_tensor = (name, module) == (_TENSOR, None)
            if not is_tensor and (name not in _KNOWN_CLASSES or module not in _KNOWN_MODULES):
                unknown.add(str(name))
        for value in part.values():
            unknown |= _unknown_parts(value)
    elif isinstance(part, list):
        for value in part:
            unknown |= _unknown_parts(value)
    return unknown
