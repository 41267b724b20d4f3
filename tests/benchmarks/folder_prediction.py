"""A folder to a table against the bare network: the same pictures, decoded before the clock starts.

The network is the bundled backbone with a classifier, as fast start saves it; both are asked in one
process, by turns, so that a busy computer slows both.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.engine_api import HeadWeights
from cnnstudio.core.folder_prediction import predict_to_table
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predicting import BATCH
from cnnstudio.core.runs import MODEL_FILE, Run
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.folders import cache_folder
from tests.benchmarks.pictures import clothing_folder

MOST_PICTURES = 640
CLASSES = 10


def measure(rounds: int) -> str:
    """Write `rounds` tables of some clothes; return a Markdown table."""
    clothes = clothing_folder()
    if clothes is None:
        return "No measure: a folder of real pictures is needed."
    engine = KerasEngine(cache_folder=cache_folder())
    engine.prepare()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "pictures")
        folder.mkdir()
        for number, file in enumerate(sorted(clothes.rglob("*.jpg"))[:MOST_PICTURES]):
            shutil.copy(file, folder / f"{number}.jpg")
        run = saved_run(Path(scratch))
        settings = run.config.training
        paths = sorted(folder.rglob("*.jpg"))
        pictures = np.stack(
            [read_array(each, settings.image_size, settings.resize_mode) for each in paths]
        )
        engine.predict(run.model_file, pictures[:BATCH])
        bare, table = [], []
        for number in range(rounds):
            began = time.perf_counter()
            for start in range(0, len(pictures), BATCH):
                engine.predict(run.model_file, pictures[start : start + BATCH])
            bare.append(len(pictures) / (time.perf_counter() - began))
            began = time.perf_counter()
            file = Path(scratch, f"{number}.csv")
            predict_to_table(engine, run, [folder], file)(TaskContext())
            table.append(len(pictures) / (time.perf_counter() - began))
        single = []
        for number in range(rounds * 10):
            began = time.perf_counter()
            read = read_array(paths[number], settings.image_size, settings.resize_mode)
            engine.predict(run.model_file, read[None])
            single.append((time.perf_counter() - began) * 1000)
    ratios = [one / other for one, other in zip(table, bare, strict=True)]
    return "\n".join(
        [
            f"| a folder of {len(pictures):,} pictures to a table | |",
            "|---|---|",
            f"| the network alone, pictures decoded before | {median(bare):.0f}/s |",
            f"| from files to the table | {median(table):.0f}/s |",
            f"| ratio | {median(ratios):.2f} |",
            f"| one picture, from the file to its answer, median | {median(single):.1f} ms |",
        ]
    )


def saved_run(folder: Path) -> Run:
    """Return a run of fast start that learned nothing, with its model in a folder below this."""
    from cnnstudio.engine.classifier import build_classifier
    from cnnstudio.engine.model_file import save_model

    kernel = np.random.default_rng(0).normal(0, 0.1, (DEFAULT_BACKBONE.feature_length, CLASSES))
    head = HeadWeights(kernel.astype(np.float32), np.zeros(CLASSES, np.float32))
    place = folder / "run"
    place.mkdir()
    save_model(build_classifier(DEFAULT_BACKBONE, head, is_frozen=True), place / MODEL_FILE)
    names = tuple(f"class {number}" for number in range(CLASSES))
    return Run(
        place,
        "benchmark",
        datetime.now(UTC),
        training_preset("fast").config,
        names,
        names,
        "finished",
        best_epoch=1,
        epochs=1,
        validation_accuracy=0.0,
        test_accuracy=None,
        images_per_second=0.0,
        seconds=0.0,
        device="CPU",
        precision="float32",
        counts={},
    )
