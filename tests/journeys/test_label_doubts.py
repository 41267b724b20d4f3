"""Wrong labels among real photos are found, by what the real backbone sees."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.advising import LabelDoubts, doubt_labels
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.storage.index import Index
from cnnstudio.engine.keras_engine import KerasEngine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FLIPPED_SHARE = 0.05


def with_wrong_labels(project: Project, seed: int) -> tuple[Project, set[str]]:
    """The project with some pictures in a class that they do not belong to, and which these are."""
    random = np.random.default_rng(seed)
    names = [each.name for each in project.classes]
    count = round(FLIPPED_SHARE * len(project.samples))
    chosen = set(random.choice(len(project.samples), count, replace=False).tolist())
    samples = tuple(
        replace(
            sample,
            class_name=str(random.choice([name for name in names if name != sample.class_name])),
        )
        if place in chosen
        else sample
        for place, sample in enumerate(project.samples)
    )
    return replace(project, samples=samples), {project.samples[place].path for place in chosen}


def test_most_of_the_wrong_labels_are_among_the_first_doubts(
    shared_data: Path, tmp_path: Path
) -> None:
    project, wrong = with_wrong_labels(scan(shared_data / "clothing_160" / "train"), seed=0)
    engine = KerasEngine(cache_folder=tmp_path)
    engine.prepare()
    with Index(None) as index:
        seconds = []
        for _ in ("cold", "with what is kept"):
            began = time.monotonic()
            found: LabelDoubts = doubt_labels(engine, project, index)(TaskContext())
            seconds.append(time.monotonic() - began)
    first = [each.path in wrong for each in found.doubts[: len(wrong)]]
    everywhere = [each.path in wrong for each in found.doubts]
    precision, recall = float(np.mean(first)), sum(everywhere) / len(wrong)
    sys.stdout.write(
        f"\n{len(wrong)} of {found.compared:,} labels are wrong: {precision:.0%} of the first"
        f" {len(first)} doubts, and of all {len(everywhere)} doubts {recall:.0%} of the wrong ones."
        f" Out of fold {found.accuracy_out_of_fold:.1%} as labelled. {seconds[0]:.1f} s cold,"
        f" {seconds[1]:.1f} s with what is kept.\n"
    )
    assert found.compared == 3068
    assert precision > 0.7
    assert recall > 0.75
    assert seconds[1] < seconds[0]
