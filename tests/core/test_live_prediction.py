"""Live answers follow what is seen without jumping, and only the newest picture counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.live_prediction import LiveAnswer, Newest, Smoothing, predict_live
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

RED, BLUE = np.array([1, 0], np.float32), np.array([0, 1], np.float32)


def test_what_is_shown_moves_towards_each_answer_and_stays_a_probability() -> None:
    smoothing = Smoothing(over_s=0.4)
    assert smoothing(RED, 0.0).tolist() == [1, 0]
    shown = [smoothing(BLUE, 0.1 * step) for step in range(1, 20)]
    shares = [float(each[1]) for each in shown]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.4, "it does not jump"
    assert shares[-1] > 0.95, "and does not lag behind"
    np.testing.assert_allclose([each.sum() for each in shown], 1, atol=1e-5)


def test_the_pace_of_the_camera_does_not_matter() -> None:
    slow, fast = Smoothing(0.4), Smoothing(0.4)
    slow(RED, 0.0)
    fast(RED, 0.0)
    for step in range(1, 10):
        fast(BLUE, 0.1 * step)
    np.testing.assert_allclose(fast(BLUE, 1.0), slow(BLUE, 1.0), atol=1e-5)


def test_only_the_newest_is_handed_over() -> None:
    newest = Newest[str]()
    assert newest.take(0.0) is None
    newest.put("old")
    newest.put("new")
    assert newest.take(0.0) == "new"
    assert newest.take(0.0) is None


def test_each_picture_is_answered_until_somebody_cancels(tmp_path: Path) -> None:
    project = scan(coloured_folder(tmp_path, {"red": 10, "blue": 10}))
    config = with_setting(with_setting(project.config, "image_size", "16"), "epochs", "1")
    run = train_project(FakeEngine(), replace(project, config=config))(TaskContext())
    answers: list[LiveAnswer] = []

    def report(event: object) -> None:
        if isinstance(event, LiveAnswer):
            answers.append(event)
            if len(answers) == 3:
                context.cancel()

    context = TaskContext(report)
    frame = Image.new("RGB", (64, 48), (200, 30, 30))
    with pytest.raises(Cancelled):
        predict_live(FakeEngine(), run, lambda _: frame)(context)
    assert len(answers) == 3
    assert run.class_names[int(answers[-1].probabilities.argmax())] == "red"
