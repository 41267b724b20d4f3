"""How fast each backbone looks at pictures, beside the one that comes with the program.

Their weights do not matter for the speed, so the networks are built with random ones: nothing is
downloaded.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from cnnstudio.core.catalog.backbones import BACKBONES, DEFAULT_BACKBONE, Backbone
from cnnstudio.core.engine_api import Pictures
from cnnstudio.engine import features
from cnnstudio.engine.runtime import start_runtime, without_chatter
from tests.benchmarks.pictures import CLASS_COUNT, labelled_pictures

COUNT = 32


def measure(rounds: int) -> str:
    """Look at 32 pictures, `rounds` times with each, by turns; return a Markdown table."""
    start_runtime()
    pictures = labelled_pictures(max(COUNT, CLASS_COUNT), DEFAULT_BACKBONE.input_size_px).pictures
    compute = {each.key: _extractor(each) for each in BACKBONES}
    ratios: dict[str, list[float]] = {each.key: [] for each in BACKBONES}
    bare = []
    for _ in range(rounds):
        for each in BACKBONES:
            # The other load on the computer changes: each is measured beside the bundled one.
            before = _rate(compute[DEFAULT_BACKBONE.key], pictures)
            rate = _rate(compute[each.key], pictures)
            after = _rate(compute[DEFAULT_BACKBONE.key], pictures)
            bare += [before, after]
            ratios[each.key].append(2 * rate / (before + after))
    lines = [
        f"{DEFAULT_BACKBONE.label}: {median(bare):.0f} pictures a second on one core.",
        "",
        "| backbone | parameters | download | features | relative speed | in the catalogue |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for each in BACKBONES:
        size = "comes with the program" if each.is_bundled else _megabytes(each)
        lines.append(
            f"| {each.label} | {each.parameters:,} | {size} | {each.feature_length:,}"
            f" | {median(ratios[each.key]):.2f} | {each.relative_speed:.2f} |"
        )
    return "\n".join(lines)


def _megabytes(backbone: Backbone) -> str:
    return f"{backbone.weights.size_bytes / 1e6:.1f} MB"


def _extractor(backbone: Backbone) -> features._Compute:
    from cnnstudio.engine.backbones import untrained_backbone

    with tempfile.TemporaryDirectory() as scratch, without_chatter():
        path = Path(scratch, "backbone.tflite")
        untrained_backbone(backbone).export(path, format="litert", verbose=False)
        return features._on_litert(path.read_bytes(), 2)


def _rate(compute: features._Compute, pictures: Pictures) -> float:
    """Return pictures a second of one core's time, which other load does not shorten."""
    began = time.process_time()
    compute(pictures[:COUNT])
    return COUNT / (time.process_time() - began)
