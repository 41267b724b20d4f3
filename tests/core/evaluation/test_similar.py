"""The training pictures most like one: near-duplicates first, and only pictures of training."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import editing
from cnnstudio.core.config import RunConfig, TrainingConfig, with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import label_samples
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.similar import (
    SimilarPicture,
    learned_features,
    similar_pictures,
)
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, read_samples
from cnnstudio.core.training import train_project
from tests.fakes import FakeEngine


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = scan(tinted(tmp_path / "project"))
    return replace(project, config=with_setting(project.config, "epochs", "1"))


@pytest.fixture
def run(project: Project) -> Run:
    return train_project(FakeEngine(), project)(TaskContext())


def tinted(root: Path, size: int = 64) -> Path:
    """Two classes, each picture of a tint of its own."""
    generator = np.random.default_rng(3)
    for name, base in (("red", (180, 60, 60)), ("blue", (60, 60, 180))):
        (root / name).mkdir(parents=True)
        for number in range(20):
            tint = np.array(base) + generator.integers(-50, 50, 3)
            picture = tint + generator.integers(-9, 10, (size, size, 3))
            Image.fromarray(picture.astype(np.uint8)).save(root / name / f"{number}.png")
    return root


def from_scratch(project: Project) -> Run:
    config = RunConfig(training=TrainingConfig(epochs=1, image_size=32))
    return train_project(FakeEngine(), replace(project, config=config))(TaskContext())


def similar(
    run: Run, project: Project, source: Path, engine: FakeEngine | None = None, count: int = 5
) -> tuple[SimilarPicture, ...]:
    engine = engine or FakeEngine()
    learned = learned_features(engine, run, project, computes=True)(TaskContext())
    return similar_pictures(engine, run, project, source, learned, count)


def learned_path(run: Run, place: int = 0) -> str:
    return [each.path for each in read_samples(run) if each.split == "train"][place]


def test_a_near_duplicate_of_a_training_picture_comes_first(
    run: Run, project: Project, tmp_path: Path
) -> None:
    path = learned_path(run)
    original = np.asarray(Image.open(project.root / path)).astype(int)
    duplicate = tmp_path / "duplicate.png"
    Image.fromarray((original + 2).clip(0, 255).astype(np.uint8)).save(duplicate)
    found = similar(run, project, duplicate)
    assert found[0].path == path
    assert found[0].place == project.root / path
    assert found[0].learned_as == found[0].class_name == path.partition("/")[0]
    assert found[0].similarity > 0.999
    similarities = [each.similarity for each in found]
    assert len(similarities) == 5
    assert similarities == sorted(similarities, reverse=True)


def test_only_pictures_it_was_trained_on_are_named(run: Run, project: Project) -> None:
    splits = {each.path: each.split for each in read_samples(run)}
    other = next(path for path, split in splits.items() if split == "test")
    found = similar(run, project, project.root / other, count=100)
    assert {splits[each.path or ""] for each in found} == {"train"}
    assert len(found) == run.counts["train"]


def test_after_a_fast_start_nothing_is_computed_but_the_picture_itself(
    run: Run, project: Project
) -> None:
    engine = FakeEngine()
    known = learned_features(engine, run, project, computes=False)(TaskContext())
    assert known.missing == 0
    similar(run, project, project.root / learned_path(run), engine)
    assert engine.described == [1]


def test_what_a_training_did_not_need_is_computed_once(tmp_path: Path) -> None:
    project = scan(tinted(tmp_path / "small", size=32))
    run, engine = from_scratch(project), FakeEngine()
    learned = run.counts["train"]
    known = learned_features(engine, run, project, computes=False)(TaskContext())
    assert (len(known.records), known.missing) == (0, learned)
    assert known.nearest(np.ones(3), 5) == []
    computed = learned_features(engine, run, project, computes=True)(TaskContext())
    assert (len(computed.records), computed.missing) == (learned, 0)
    described = list(engine.described)
    assert sum(described) == learned
    again = learned_features(engine, run, project, computes=True)(TaskContext())
    assert again.missing == 0
    assert engine.described == described


def test_a_picture_whose_label_was_fixed_is_found_where_it_lies_now(
    run: Run, project: Project
) -> None:
    path = learned_path(run, -1)
    after, _ = editing.make(label_samples([path], "blue"), project)
    place = next(each for each in after.samples if each not in project.samples)
    # Where it lies now is known once the folder was looked at again.
    learned_again = train_project(FakeEngine(), after)(TaskContext())
    assert learned_again.class_names == run.class_names
    first = similar(run, after, after.absolute(place))[0]
    assert (first.path, first.class_name) == (place.path, "blue")
    assert first.learned_as == path.partition("/")[0] != "blue"


def test_a_training_picture_that_is_gone_is_still_named(
    run: Run, project: Project, tmp_path: Path
) -> None:
    path = learned_path(run)
    shutil.copy(project.root / path, tmp_path / "copy.png")
    (project.root / path).unlink()
    first = similar(run, scan(project.root), tmp_path / "copy.png")[0]
    assert (first.path, first.learned_as) == (None, path.partition("/")[0])


def test_a_picture_that_cannot_be_read_says_so(run: Run, project: Project, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(StudioError):
        similar(run, project, tmp_path / "broken.png")
