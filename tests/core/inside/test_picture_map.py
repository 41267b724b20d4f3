"""The map of a project's pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.inside.picture_map import (
    FeaturesMissing,
    PictureMap,
    inside_polygon,
    look_closely,
    principal_components,
    read_map,
    spread,
)
from cnnstudio.core.inside.tsne import tsne
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

CONFIG = RunConfig(training=TrainingConfig(epochs=1, batch_size=8, image_size=32))


def project_of(root: Path, **counts: int) -> Project:
    return scan(coloured_folder(root, counts)).with_config(CONFIG)


def map_of(project: Project, run: Run | None = None) -> PictureMap:
    engine = FakeEngine()
    look_closely(engine, project)(TaskContext())
    found = read_map(engine, project, run)(TaskContext())
    assert isinstance(found, PictureMap)
    return found


def test_principal_components_are_those_of_the_singular_value_decomposition() -> None:
    random = np.random.default_rng(1)
    features = (random.normal(size=(40, 6)) * [9, 6, 4, 2, 1, 0.5] + 100).astype(np.float32)
    centred = features - features.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    found = principal_components(features)
    assert np.allclose(np.abs(found), np.abs(left * sizes), atol=1e-2)


def test_a_single_picture_has_a_place() -> None:
    assert principal_components(np.ones((1, 1), np.float32)).tolist() == [[0.0, 0.0]]


def test_tsne_keeps_groups_apart_and_is_the_same_again() -> None:
    random = np.random.default_rng(2)
    label = np.repeat([0, 1, 2], 25)
    points = principal_components(
        (random.normal(size=(3, 10)) * 6)[label] + random.normal(size=(75, 10))
    )
    places = tsne(points, TaskContext())
    apart = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (label[apart.argmin(axis=1)] == label).all()
    middles = np.stack([places[label == each].mean(axis=0) for each in range(3)])
    width = max(places[label == each].std(axis=0).max() for each in range(3))
    gaps = [np.linalg.norm(middles[i] - middles[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert min(gaps) > 3 * width
    assert np.array_equal(tsne(points, TaskContext()), places)


def test_tsne_ends_when_it_is_cancelled() -> None:
    context = TaskContext()
    points = np.random.default_rng(4).normal(size=(30, 3)).astype(np.float32)
    looks: list[object] = []

    def look(places: object) -> None:
        looks.append(places)
        context.cancel()

    with pytest.raises(Cancelled):
        tsne(points, context, look)
    assert len(looks) == 1


def test_pictures_that_were_not_looked_at_are_counted_and_then_known(tmp_path: Path) -> None:
    project = project_of(tmp_path / "fruit", red=3, green=2)
    assert read_map(FakeEngine(), project, None)(TaskContext()) == FeaturesMissing(5, 5)
    (tmp_path / "fruit" / "red" / "broken.png").write_bytes(b"no picture")
    found = map_of(scan(tmp_path / "fruit").with_config(CONFIG))
    assert len(found.samples) == 5
    assert found.left_out == 1
    assert list(found.groups) == ["class"]


def test_what_could_not_be_looked_at_is_left_out(tmp_path: Path) -> None:
    project = project_of(tmp_path / "fruit", red=3, green=2)
    few = replace(project, samples=project.samples[:4])
    look_closely(FakeEngine(), few)(TaskContext())
    assert read_map(FakeEngine(), project, None)(TaskContext()) == FeaturesMissing(1, 5)
    found = read_map(FakeEngine(), project, None, may_lack=1)(TaskContext())
    assert isinstance(found, PictureMap)
    assert found.samples == few.samples
    assert found.left_out == 1


def test_copies_have_one_place(tmp_path: Path) -> None:
    project = project_of(tmp_path / "fruit", red=3, green=2)
    copy = tmp_path / "fruit" / "green" / "copy.png"
    copy.write_bytes((tmp_path / "fruit" / "red" / "1.png").read_bytes())
    found = map_of(scan(project.root).with_config(CONFIG))
    row = {sample.path: row for sample, row in zip(found.samples, found.rows, strict=True)}
    assert row["red/1.png"] == row["green/copy.png"]
    assert len(found.components) == 5


def test_a_map_is_kept_until_other_pictures_are_there(tmp_path: Path) -> None:
    project = project_of(tmp_path / "fruit", red=4, green=4)
    found = map_of(project)
    assert found.spread is None
    places = spread(found, project)(TaskContext())
    kept = map_of(project).spread
    assert kept is not None
    assert np.array_equal(kept, places)
    fewer = replace(project, samples=project.samples[1:])
    assert map_of(fewer).spread is None
    (project.state_folder / "map.npz").write_bytes(b"damaged")
    assert map_of(project).spread is None


def test_right_and_wrong_and_parts_are_those_of_the_run(tmp_path: Path) -> None:
    project = project_of(tmp_path / "fruit", red=20, green=20)
    # Under the wrong name the run is sure to be wrong about some.
    for number in range(1, 11):
        (project.root / "red" / f"{number}.png").rename(
            project.root / "green" / f"other{number}.png"
        )
    project = scan(project.root).with_config(CONFIG)
    run = train_project(FakeEngine(), project)(TaskContext())
    found = map_of(project, run)
    answers, parts = found.groups["answer"], found.groups["split"]
    told = {
        sample.path: (answers.names[answer], parts.names[part])
        for sample, answer, part in zip(found.samples, answers.of, parts.of, strict=True)
    }
    seen = set()
    for part, title in (("validation", "Validation"), ("test", "Test")):
        kept = kept_evaluation(run, part)  # type: ignore[arg-type]
        for picture, is_right in zip(kept.pictures, kept.is_right, strict=True):
            assert told[picture.path] == ("Right" if is_right else "Wrong", title)
            seen.add(picture.path)
    assert {told[path] for path in told if path not in seen} == {("Not asked", "Training")}
    assert {"Right", "Wrong"} <= {answer for answer, _ in told.values()}


def test_what_a_line_surrounds_is_inside() -> None:
    # A horseshoe: what lies between its arms is outside.
    shape = np.array([(0, 0), (9, 0), (9, 9), (6, 9), (6, 3), (3, 3), (3, 9), (0, 9)])
    places = np.array([(1, 8), (4.5, 8), (8, 8), (4.5, 1), (-1, 1), (10, 1)])
    assert inside_polygon(places, shape).tolist() == [True, False, True, True, False, False]
