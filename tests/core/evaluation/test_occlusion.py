"""Occlusion finds the place that an answer hangs on, whatever the network is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.evaluation.heat_picture import heat_picture
from cnnstudio.core.evaluation.occlusion import GREY, occlude
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.builders import COLOURS, coloured_folder
from tests.fakes import FakeEngine

SIZE = 8


@pytest.fixture
def run(tmp_path: Path) -> Run:
    project = scan(coloured_folder(tmp_path / "project", {"red": 20, "green": 20}))
    return train_project(FakeEngine(), project)(TaskContext())


@pytest.fixture
def spotted() -> Pictures:
    """Grey with a red spot in the upper left corner."""
    picture = np.full((SIZE, SIZE, 3), GREY, np.uint8)
    picture[:3, :3] = COLOURS["red"]
    return picture


def test_the_place_that_speaks_for_the_class_is_the_hottest(run: Run, spotted: Pictures) -> None:
    red = run.class_names.index("red")
    found = occlude(FakeEngine(), run, spotted, red)(TaskContext())
    assert found.values.shape == (SIZE, SIZE)
    assert found.values.max() == 1
    assert found.values[:3, :3].min() > found.values[5:, 5:].max() == 0
    assert found.lowest < found.probability


def test_what_speaks_against_a_class_is_not_hot(run: Run, spotted: Pictures) -> None:
    green = run.class_names.index("green")
    found = occlude(FakeEngine(), run, spotted, green)(TaskContext())
    assert found.lowest == pytest.approx(found.probability)
    assert found.values.max() == 0


def test_it_says_how_far_it_is_and_can_be_cancelled(run: Run, spotted: Pictures) -> None:
    events: list[Progress] = []
    occlude(FakeEngine(), run, spotted, 0)(TaskContext(events.append))
    assert events[-1].done == events[-1].total
    context = TaskContext()
    context.listen(lambda _event: context.cancel())
    with pytest.raises(Cancelled):
        occlude(FakeEngine(), run, spotted, 0)(context)


def test_heat_covers_the_picture_where_it_is_hot_only() -> None:
    picture = np.full((2, 2, 3), 100, np.uint8)
    values = np.array([[0, 0], [0, 1]], np.float32)
    mixed = heat_picture(picture, values, 0.8)
    assert (mixed[0] == 100).all()
    assert mixed[1, 1, 0] > 200
    assert (heat_picture(picture, values, 0.0) == 100).all()
