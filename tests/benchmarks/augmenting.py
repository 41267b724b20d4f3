"""How many pictures a second one thread augments."""

from __future__ import annotations

import time

import numpy as np

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS
from cnnstudio.core.dataset.augmenting import augment_batch
from tests.benchmarks.pictures import labelled_pictures

SIZE_PX = 224
BATCH = 32


def measure(rounds: int) -> str:
    """Augment `rounds` times ten batches with every preset; return a Markdown table."""
    pictures = labelled_pictures(BATCH, SIZE_PX).pictures
    lines = ["| augmentation at 224 px | images/s |", "|---|---|"]
    for preset in AUGMENTATION_PRESETS:
        generator = np.random.default_rng(0)
        augment_batch(pictures, preset.config, generator)
        began = time.perf_counter()
        for _ in range(rounds * 10):
            augment_batch(pictures, preset.config, generator)
        rate = rounds * 10 * BATCH / (time.perf_counter() - began)
        lines.append(f"| {preset.label} | {rate:,.0f} |")
    return "\n".join(lines)
