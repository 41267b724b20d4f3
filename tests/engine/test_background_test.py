"""The background test with a real network: an alarm where the table tells the class, else none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.config import AugmentationConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.evaluation.cheating import cheating_test
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.training import train_project
from cnnstudio.engine.keras_engine import KerasEngine
from tests.core.evaluation.scenes import scenes
from tests.engine.material import settings


@pytest.mark.parametrize(("leaks", "verdict"), [(True, "yes"), (False, "no")])
def test_only_a_network_that_learned_the_table_raises_an_alarm(
    engine: KerasEngine, tmp_path: Path, *, leaks: bool, verdict: str
) -> None:
    root = scenes(tmp_path / "scenes", 60, leaks=leaks)
    config = replace(
        settings(epochs=8, learning_rate=0.003, test_share=0.3), augmentation=AugmentationConfig()
    )
    run = train_project(engine, replace(scan(root), config=config))(TaskContext())
    report = cheating_test(engine, run, kept_evaluation(run, "test"), root)(TaskContext())
    assert report.whole.share > 0.85
    assert report.verdict == verdict
