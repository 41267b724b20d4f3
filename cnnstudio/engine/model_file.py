"""Writes and reads model files (.keras), without ever running code that comes with a file."""

from __future__ import annotations

import json
import math
import os
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import keras

from cnnstudio.core.errors import StudioError
from cnnstudio.core.file_names import legible
from cnnstudio.engine.known_parts import unknown_parts

_CONFIG = "config.json"
# A model that was made elsewhere may be large; what unpacks to more than this is a trap.
_MOST_MEMBERS = 1000
_MOST_BYTES = 2 << 30
_MOST_CONFIG_BYTES = 64 << 20


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
    """Read a model, whoever made it; it answers in float32.

    Raises:
        StudioError: the file is missing, damaged, too large or unsafe, or holds layers that could
            run code from it.
    """
    if not model_file.is_file():
        raise StudioError(
            f"The model file {model_file} is missing.", "Train again, or choose another run."
        )
    try:
        with zipfile.ZipFile(model_file) as archive:
            _check_members(model_file, archive)
            config = json.loads(archive.read(_CONFIG))
        # How it was trained is never built: a loss of its own does no harm.
        config = {key: each for key, each in config.items() if key != "compile_config"}
        unknown = sorted(unknown_parts(config))
    except (
        zipfile.BadZipFile,
        AttributeError,
        EOFError,
        KeyError,
        NotImplementedError,
        OSError,
        RecursionError,
        RuntimeError,
        ValueError,
        zlib.error,
    ) as error:
        raise _damaged(model_file) from error
    if unknown:
        raise StudioError(
            f"The model file {model_file} was not opened: it holds parts that could run code from"
            f" the file ({', '.join(unknown)}).",
            "Save the model with Keras' own layers only, or make a .tflite or .onnx file of it.",
        )
    keras.config.set_dtype_policy("float32")
    try:
        return keras.saving.load_model(model_file, compile=False, safe_mode=True)
    except Exception as error:
        # Keras raises whatever the damage leads to: ValueError, KeyError, OSError, zlib.error.
        raise _damaged(model_file) from error


def _check_members(model_file: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what unpacks to more than any model has, or beside where it should."""
    members = archive.infolist()
    for each in members:
        place = PurePosixPath(each.filename)
        if place.is_absolute() or ".." in place.parts or "\\" in each.filename:
            raise StudioError(
                f"The model file {model_file} was not opened: it is unsafe. It holds a file that"
                f" would be unpacked to a place outside its own ({legible(each.filename)[:100]}),"
                " which no program that saves models does.",
                "Do not use it. Get the model from somebody whom you trust.",
            )
    size, described = sum(each.file_size for each in members), archive.getinfo(_CONFIG).file_size
    for received, most, unit in (
        (size / 2**30, _MOST_BYTES / 2**30, "GB"),
        (described / 2**20, _MOST_CONFIG_BYTES / 2**20, "MB of description"),
        (len(members), _MOST_MEMBERS, "files"),
    ):
        if received > most:
            raise StudioError(
                f"The model file {model_file} was not opened: it is too large. Unpacked it has"
                f" {math.ceil(received):,} {unit}; up to {most:,.0f} {unit} are possible.",
                "Save a smaller model, without the state of its optimiser. A small file that"
                " unpacks to so much may be made to do harm: get it from somebody whom you trust.",
            )


def _damaged(model_file: Path) -> StudioError:
    return StudioError(
        f"The model file {model_file} is damaged or no Keras model.",
        "Get the file again, train again, or choose another run.",
    )
