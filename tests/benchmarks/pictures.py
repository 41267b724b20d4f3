"""Real pictures for the benchmarks, or noise of the same size where there are none."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.engine_api import LabelledPictures

BESIDE_THE_PROJECT = Path(__file__).resolve().parents[3] / "shared"
CLASS_COUNT = 10


def clothing_folder() -> Path | None:
    """The class folders of the training part of clothing_160, if they are there."""
    data = Path(os.environ.get("CNNSTUDIO_SHARED_DATA", BESIDE_THE_PROJECT / "data"))
    folder = data / "clothing_160" / "train"
    return folder if folder.is_dir() else None


def labelled_pictures(count: int, size_px: int) -> LabelledPictures:
    """Pictures of all classes in turn, (count, size_px, size_px, 3)."""
    labels = np.arange(count) % CLASS_COUNT
    folder = clothing_folder()
    if folder is None:
        noise = np.random.default_rng(0).integers(0, 256, (count, size_px, size_px, 3), np.uint8)
        return LabelledPictures(noise, labels)
    classes = [sorted(each.iterdir()) for each in sorted(folder.iterdir()) if each.is_dir()]
    chosen = []
    for number, label in enumerate(labels):
        files = classes[label]
        chosen.append(read_array(files[number // CLASS_COUNT % len(files)], size_px, "crop"))
    return LabelledPictures(np.stack(chosen), labels)
