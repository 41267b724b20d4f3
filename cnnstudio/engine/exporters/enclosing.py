"""Puts texts inside a file of a network, where its format has a place for them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path


def enclose_in_archive(file: Path, texts: Mapping[str, str]) -> None:
    """Add texts to a .keras file, or to a .tflite file as TFLite's metadata packs its files.

    Keras passes over members of its archive that it does not know. A .tflite file is read from its
    beginning, an archive from its end: one file can be both.
    """
    with zipfile.ZipFile(file, "a") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)


def enclose_in_saved_model(folder: Path, texts: Mapping[str, str]) -> None:
    """Add texts to a SavedModel, in the folder that is meant for others than TensorFlow."""
    extra = folder / "assets.extra"
    extra.mkdir()
    for name, text in texts.items():
        (extra / name).write_bytes(text.encode())


def enclose_in_onnx(file: Path, texts: Mapping[str, str]) -> None:
    """Add texts to an ONNX file, as its properties."""
    import onnx

    network = onnx.load(str(file))
    onnx.helper.set_model_props(network, dict(texts))
    network.producer_name, network.doc_string = "CNN Studio", ""
    onnx.save(network, str(file))
