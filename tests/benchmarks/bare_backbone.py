"""Writes the bundled backbone as LiteRT reads it, for `bare_limits.py` to measure.

    python -m tests.benchmarks.bare_backbone OUT.tflite

Prints one JSON line.
"""

from __future__ import annotations

import json
import sys

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.engine.runtime import start_runtime, without_chatter

if __name__ == "__main__":
    start_runtime()
    from cnnstudio.engine.backbones import build_backbone

    with without_chatter():
        build_backbone(DEFAULT_BACKBONE).export(sys.argv[1], format="litert", verbose=False)
    sys.stdout.write(json.dumps({"written": sys.argv[1]}) + "\n")
