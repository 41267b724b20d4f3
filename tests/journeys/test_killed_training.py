"""A training that is killed, by SIGKILL, goes on as if nothing had happened."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.events import TrainingBegan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import Run, list_runs, load_run
from cnnstudio.core.storage.unfinished_runs import list_unfinished
from tests.builders import coloured_folder
from tests.training_child import train_or_go_on

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "project", {"red": 16, "green": 16, "blue": 12})


def child(root: Path, epochs: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.training_child", str(root), str(epochs)]
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def curve(run: Run) -> list[tuple[float, ...]]:
    return [
        (
            each.epoch,
            each.loss,
            each.accuracy,
            each.validation_loss,
            each.validation_accuracy,
            each.learning_rate,
        )
        for each in run.history
    ]


def test_a_killed_training_goes_on_where_it_was(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "other")
    with child(root, 3) as killed:
        assert killed.stdout is not None
        for line in killed.stdout:
            if line.split() == ["2", "3"]:
                break
        killed.kill()
    (unfinished,) = list_unfinished(scan(root))
    assert (unfinished.epochs_done, unfinished.epochs) == (1, 3)

    events: list[object] = []
    resumed = train_or_go_on(root, 3, TaskContext(events.append))
    (began,) = [each for each in events if isinstance(each, TrainingBegan)]
    assert [each.epoch for each in began.history] == [1]
    assert load_run(resumed.folder) == list_runs(scan(root))[0]
    assert list_unfinished(scan(root)) == []
    assert not (resumed.folder / "checkpoint").exists()

    uninterrupted = train_or_go_on(tmp_path / "other", 3, TaskContext())
    assert curve(resumed) == curve(uninterrupted)
    assert resumed.counts == uninterrupted.counts
    assert resumed.test_accuracy == uninterrupted.test_accuracy


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_kills_at_random_moments_change_nothing(root: Path, tmp_path: Path) -> None:
    chance, epochs = random.Random(1), 200
    shutil.copytree(root, tmp_path / "other")
    for _ in range(20):
        with child(root, epochs) as killed:
            assert killed.stdout is not None
            killed.stdout.readline()
            time.sleep(chance.uniform(0, 1.5))
            killed.kill()
    done = [each.epochs_done for each in list_unfinished(scan(root))]
    assert done
    assert 0 < done[0] < epochs, "choose other moments: nothing was left to go on with"
    resumed = train_or_go_on(root, epochs, TaskContext())
    uninterrupted = train_or_go_on(tmp_path / "other", epochs, TaskContext())
    assert curve(resumed) == curve(uninterrupted)
