"""The map of a project's pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from cnnstudio.core.config import RunConfig, TrainingConfig
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.inside.picture_map import (
    FeaturesMissing,
    PictureMap,
    inside_polygon,
    look_closely,
    read_map,
    spread,
)
from cnnstudio.core.inside.pretrained_sight import PretrainedSight
from cnnstudio.core.inside.principal_components import principal_components
from cnnstudio.core.inside.run_sight import RunSight
from cnnstudio.core.inside.sight import Sight
from cnnstudio.core.inside.tsne import nearest_neighbours, tsne
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine

Seen = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]

CONFIG = RunConfig(training=TrainingConfig(epochs=1, batch_size=8, image_size=32))


def project_of(root: Path, **counts: int) -> Project:
    return scan(coloured_folder(root, counts)).with_config(CONFIG)


def sight_of(project: Project) -> PretrainedSight:
    return PretrainedSight(FakeEngine(), project)


def map_of(project: Project, run: Run | None = None, sight: Sight | None = None) -> PictureMap:
    sight = sight or sight_of(project)
    look_closely(sight, project)(TaskContext())
    found = read_map(sight, project, run)(TaskContext())
    assert isinstance(found, PictureMap)
    return found


def test_principal_components_are_those_of_the_singular_value_decomposition() -> None:
    random = np.random.default_rng(1)
    features = (random.normal(size=(40, 6)) * [9, 6, 4, 2, 1, 0.5] + 100).astype(np.float32)
    centred = features - features.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    found = principal_components(features)
    assert np.allclose(np.abs(found), np.abs(left * sizes), atol=1e-2)


def test_principal_components_of_long_rows_are_found_as_well() -> None:
    random = np.random.default_rng(1)
    few = random.normal(size=(60, 4)) * [9, 5, 3, 1]
    features = (few @ np.linalg.qr(random.normal(size=(2000, 4)))[0].T).astype(np.float32)
    found = principal_components(features)[:, :4]
    left, sizes, _ = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
    assert np.allclose(np.abs(found), np.abs(left * sizes)[:, :4], atol=1e-2)


def test_nearest_neighbours_are_those_of_the_whole_table_of_distances() -> None:
    points = (np.random.default_rng(3).normal(size=(60, 5)) + 1000).astype(np.float32)
    apart = np.linalg.norm(points[:, None].astype(np.float64) - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    rows, distances = nearest_neighbours(points, 7, TaskContext())
    assert (rows != np.arange(60)[:, None]).all()
    assert np.allclose(distances, np.sort(apart, axis=1)[:, :7], atol=0.05)
    assert np.allclose(distances, np.take_along_axis(apart, rows, axis=1), atol=1e-3)


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
    assert read_map(sight_of(project), project, None)(TaskContext()) == FeaturesMissing(5, 5)
    (tmp_path / "fruit" / "red" / "broken.png").write_bytes(b"no picture")
    found = map_of(scan(tmp_path / "fruit").with_config(CONFIG))
    assert len(found.samples) == 5
    assert found.left_out == ("red/broken.png",)
    assert list(found.groups) == ["class"]


def test_what_could_not_be_looked_at_is_left_out(tmp_path: Path) -> None:
    project = project_of(tmp_path / "fruit", red=3, green=2)
    few = replace(project, samples=project.samples[:4])
    look_closely(sight_of(few), few)(TaskContext())
    assert read_map(sight_of(project), project, None)(TaskContext()) == FeaturesMissing(1, 5)
    found = read_map(sight_of(project), project, None, may_lack=1)(TaskContext())
    assert isinstance(found, PictureMap)
    assert found.samples == few.samples
    assert len(found.left_out) == 1


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
    places = spread(found, sight_of(project))(TaskContext())
    kept = map_of(project).spread
    assert kept is not None
    assert np.array_equal(kept, places)
    fewer = replace(project, samples=project.samples[1:])
    assert map_of(fewer).spread is None
    (project.state_folder / "map.npz").write_bytes(b"damaged")
    assert map_of(project).spread is None


def test_a_run_is_shown_only_what_it_has_not_seen_and_its_map_is_kept_with_it(
    tmp_path: Path,
) -> None:
    project = project_of(tmp_path / "fruit", red=6, green=6)
    run = train_project(FakeEngine(), project)(TaskContext())
    engine = FakeEngine()
    sight = RunSight(engine, project, run)
    assert read_map(sight, project, run)(TaskContext()) == FeaturesMissing(12, 12)
    found = map_of(project, run, sight)
    assert engine.predicted == [12]
    spread(found, sight)(TaskContext())
    (tmp_path / "fruit" / "red" / "2.png").unlink()
    coloured_folder(tmp_path / "more", {"blue": 1})
    (tmp_path / "more" / "blue" / "1.png").rename(tmp_path / "fruit" / "green" / "new.png")
    other = scan(project.root).with_config(CONFIG)
    changed = RunSight(engine, other, run)
    assert read_map(changed, other, run)(TaskContext()) == FeaturesMissing(1, 12)
    assert map_of(other, run, changed).spread is None, "it is another map"
    assert engine.predicted == [12, 1]
    (run.folder / "inside" / "seen.npz").write_bytes(b"damaged")
    assert isinstance(read_map(changed, other, run)(TaskContext()), FeaturesMissing)


def test_what_a_run_was_shown_before_a_cancel_is_kept(tmp_path: Path) -> None:
    project = project_of(tmp_path / "fruit", red=40, green=2)
    run = train_project(FakeEngine(), project)(TaskContext())
    context = TaskContext()

    class CancellingEngine(FakeEngine):
        def predict_with_features(self, model_file: Path, pictures: Pictures) -> Seen:
            context.cancel()
            return super().predict_with_features(model_file, pictures)

    sight = RunSight(CancellingEngine(), project, run)
    with pytest.raises(Cancelled):
        look_closely(sight, project)(context)
    assert read_map(sight, project, run)(TaskContext()) == FeaturesMissing(10, 42)


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
