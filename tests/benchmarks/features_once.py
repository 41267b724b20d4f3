"""From files to features, decoding included, with the network loaded before the clock starts.

    python -m tests.benchmarks.features_once FOLDER

Prints one JSON line.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.gathering import Wanted, gather
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training_members import members_of
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.folders import cache_folder


def images_per_second(folder: Path) -> float:
    """Look at all pictures in class folders once; nothing is kept of it."""
    engine = KerasEngine(cache_folder=cache_folder())
    size = engine.feature_kind().size_px
    engine.features(np.zeros((2, size, size, 3), np.uint8))
    members = members_of(scan(folder, is_read_only=True), {}, [])
    config = training_preset("fast").config
    began = time.perf_counter()
    gathered = gather(
        engine, members, config, Wanted("all", pictures=False), Index(None), TaskContext()
    )
    return len(gathered.rows) / (time.perf_counter() - began)


if __name__ == "__main__":
    rate = images_per_second(Path(sys.argv[1]))
    sys.stdout.write(json.dumps({"images_per_second": rate}) + "\n")
