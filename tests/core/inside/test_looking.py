"""Maps in order, pictures that excite a channel, and what is kept with the run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.inside.exciting import (
    MOST_PICTURES,
    Excitement,
    excite,
    exciting_pictures,
    kept_excitement,
)
from cnnstudio.core.inside.maps import filter_pictures, over_picture, strongest_first
from cnnstudio.core.inside.maximising import PictureGrew, kept_maximised, maximise
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

CONFIG = RunConfig("classic", training=TrainingConfig(epochs=1, image_size=32))


@dataclass
class Trained:
    engine: FakeEngine
    project: Project
    run: Run
    events: list[object] = field(default_factory=list)

    @property
    def context(self) -> TaskContext:
        return TaskContext(self.events.append)


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    root = coloured_folder(tmp_path / "colours", {"red": 8, "green": 8, "blue": 8})
    project = scan(root).with_config(CONFIG)
    engine = FakeEngine()
    return Trained(engine, project, train_project(engine, project)(TaskContext()))


def test_maps_come_strongest_first_and_each_uses_all_its_range() -> None:
    values = np.zeros((2, 2, 3), np.float32)
    values[0, 0] = (1, 5, -2)
    values[1, 1, 2] = -4
    shown = strongest_first(np.zeros((4, 4, 3), np.uint8), values, 2)
    assert (shown.channels, shown.peaks) == ((1, 0), (5.0, 1.0))
    assert shown.maps[0].tolist() == [[1, 0], [0, 0]]
    assert shown.tiles[0].shape == (2, 2, 3)


def test_values_without_places_are_compared_with_one_another() -> None:
    values = np.array([[[0.5, 1.0]]], np.float32)
    shown = strongest_first(np.zeros((4, 4, 3), np.uint8), values, 9)
    assert shown.maps.ravel().tolist() == [1.0, 0.5]


def test_probabilities_are_drawn_from_nothing_to_certain() -> None:
    values = np.array([[[0.25, 0.75]]], np.float32)
    shown = strongest_first(np.zeros((4, 4, 3), np.uint8), values, 9, are_shares=True)
    assert shown.maps.ravel().tolist() == [0.75, 0.25]


def test_a_map_covers_the_picture_where_it_is_high() -> None:
    picture = np.full((8, 8, 3), 100, np.uint8)
    covered = over_picture(picture, np.array([[1, 0], [0, 0]], np.float32))
    assert (covered[-1, -1] == 100).all()
    assert (covered[0, 0] != 100).any()


def test_grey_is_a_weight_of_zero() -> None:
    filters = np.zeros((1, 1, 3, 2), np.float32)
    filters[0, 0, :, 0] = (0.1, 0, -0.1)
    assert filter_pictures(filters).tolist() == [[[[255, 128, 0]]], [[[128, 128, 128]]]]


def test_the_pictures_that_excite_a_channel_are_found_and_kept(trained: Trained) -> None:
    found = excite(trained.engine, trained.run, trained.project, "conv_1")(trained.context)
    assert len(found.paths) == 24
    for channel, name in enumerate(("red", "green", "blue")):
        best = exciting_pictures(trained.run, trained.project, found, channel)
        assert [each.class_name for each in best] == [name] * 8
        assert best[0].peak >= best[-1].peak
        assert best[0].picture.shape == (32, 32, 3)
    kept = kept_excitement(trained.run, "conv_1")
    assert kept is not None
    assert kept.paths == found.paths
    assert np.array_equal(kept.peaks, found.peaks)
    assert kept_excitement(trained.run, "pool_1") is None


def test_pictures_that_are_gone_are_passed_over(trained: Trained) -> None:
    found = excite(trained.engine, trained.run, trained.project, "conv_1")(trained.context)
    best = exciting_pictures(trained.run, trained.project, found, 0)[0].path
    (trained.project.root / best).unlink()
    assert best not in [
        each.path for each in exciting_pictures(trained.run, trained.project, found, 0)
    ]
    nothing = Project(trained.project.root)
    assert exciting_pictures(trained.run, nothing, found, 0) == ()


def test_no_more_than_500_pictures_are_shown_and_taken_evenly(trained: Trained) -> None:
    samples = sorted(trained.project.samples * 50, key=lambda each: each.path)
    many = Project(trained.project.root, samples=tuple(samples))
    found = excite(trained.engine, trained.run, many, "conv_1")(trained.context)
    assert len(found.paths) == MOST_PICTURES
    counts = Counter(path.split("/")[0] for path in found.paths)
    assert sorted(counts.values()) == [166, 167, 167]


def test_a_search_that_is_cancelled_keeps_nothing(trained: Trained) -> None:
    context = trained.context
    context.cancel()
    with pytest.raises(Cancelled):
        excite(trained.engine, trained.run, trained.project, "conv_1")(context)
    assert kept_excitement(trained.run, "conv_1") is None


@pytest.mark.parametrize("content", [b"", b"nothing"])
def test_damaged_files_count_as_not_there(trained: Trained, content: bytes) -> None:
    excite(trained.engine, trained.run, trained.project, "a/b")(trained.context)
    maximise(trained.engine, trained.run, "a/b", 1)(trained.context)
    files = list((trained.run.folder / "inside").iterdir())
    assert len(files) == 2
    for file in files:
        file.write_bytes(content)
    assert kept_excitement(trained.run, "a/b") is None
    assert kept_maximised(trained.run, "a/b", 1) is None


def test_a_picture_grows_and_is_kept(trained: Trained) -> None:
    made = maximise(trained.engine, trained.run, "conv_1", 2)(trained.context)
    grown = [each for each in trained.events if isinstance(each, PictureGrew)]
    assert [each.step for each in grown] == [24, 48, 72, 96]
    assert np.array_equal(grown[-1].picture, made)
    kept = kept_maximised(trained.run, "conv_1", 2)
    assert kept is not None
    assert np.array_equal(kept, made)
    assert kept_maximised(trained.run, "conv_1", 0) is None


def test_a_file_with_as_many_rows_as_pictures_is_whole(trained: Trained) -> None:
    assert isinstance(
        excite(trained.engine, trained.run, trained.project, "conv_1")(trained.context), Excitement
    )
    file = next((trained.run.folder / "inside").iterdir())
    with file.open("wb") as stream:
        np.savez(stream, paths=np.frombuffer(b'["a"]', np.uint8), peaks=np.zeros((2, 3), "f2"))
    assert kept_excitement(trained.run, "conv_1") is None
