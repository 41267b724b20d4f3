"""Fast start from folders to a run: features once, then heads on them."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from cnnstudio.core.config import AugmentationConfig, RunConfig, with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import LabelledFeatures, Pictures, TrainingOutcome
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import BatchEnded, EpochEnded, TrainingBegan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, list_runs, read_samples
from cnnstudio.core.storage.model_facts import read_facts
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine


class Watching(FakeEngine):
    """Notes the features that heads were trained on."""

    def train_head(  # type: ignore[override]
        self, training: LabelledFeatures, validation: LabelledFeatures, *rest: object
    ) -> TrainingOutcome:
        self.given = training, validation
        return super().train_head(training, validation, *rest)  # type: ignore[arg-type]


def opened(root: Path, **settings: object) -> Project:
    project = scan(root)
    config = with_setting(project.config, "epochs", "3")
    for key, value in settings.items():
        config = with_setting(config, key, str(value))
    return replace(project, config=config)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "project", {"red": 20, "green": 20, "blue": 10}, size=64)


def trained(project: Project, engine: FakeEngine, **options: object) -> Run:
    return train_project(engine, project, **options)(TaskContext())  # type: ignore[arg-type]


def test_a_new_project_starts_fast(root: Path) -> None:
    engine = Watching()
    events: list[object] = []
    run = train_project(engine, opened(root))(TaskContext(events.append))
    assert run.config.preset == "fast"
    assert run.config.training.image_size == 8, "what the saved model takes, whatever was asked for"
    assert (run.validation_accuracy, run.test_accuracy) == (1.0, 1.0)
    assert sum(run.counts.values()) == 50
    assert engine.given[0].features.shape == (run.counts["train"], 1, 3)
    assert sum(engine.described) == 50
    kinds = [type(event) for event in events]
    assert kinds.index(TrainingBegan) < kinds.index(BatchEnded) < kinds.index(EpochEnded)


def test_its_time_and_speed_count_from_the_first_picture_read(root: Path) -> None:
    class SlowToLook(FakeEngine):
        def features(self, pictures: Pictures, backbone: str = "") -> npt.NDArray[np.float32]:
            time.sleep(0.05)
            return super().features(pictures)

    run = trained(opened(root), SlowToLook())
    assert run.seconds > 0.3 + 0.05, "three epochs of 0.1 s and what came before them"
    assert run.images_per_second == pytest.approx(50 / run.seconds)


def test_the_saved_model_says_its_classes_and_how_pictures_are_made_square(root: Path) -> None:
    project = opened(root, resize_mode="pad")
    classes = tuple(replace(each, title=each.title.title()) for each in project.classes)
    facts = read_facts(trained(replace(project, classes=classes), FakeEngine()).model_file)
    assert facts is not None
    assert facts.class_names == ("blue", "green", "red")
    assert facts.class_titles == ("Blue", "Green", "Red")
    assert (facts.image_size, facts.resize_mode, facts.preset) == (8, "pad", "fast")


def test_after_ten_more_pictures_only_those_are_looked_at(root: Path) -> None:
    trained(opened(root), FakeEngine())
    coloured_folder(root, {"red/new": 10}, size=64)
    engine = FakeEngine()
    run = trained(opened(root), engine)
    assert sum(engine.described) == 10
    assert sum(run.counts.values()) == 60


def test_when_classes_change_no_picture_is_looked_at_again(root: Path) -> None:
    trained(opened(root), FakeEngine())
    (root / "red" / "1.png").rename(root / "blue" / "moved.png")
    (root / "green").rename(root / "leaves")
    engine = FakeEngine()
    run = trained(opened(root), engine)
    assert run.class_names == ("blue", "leaves", "red")
    assert engine.described == []


def test_fine_tuning_and_a_training_from_scratch_use_the_same_features_and_split(
    root: Path,
) -> None:
    fast = trained(opened(root), FakeEngine())
    for preset in ("classic", "fine"):
        engine = FakeEngine()
        project = opened(root, preset=preset, image_size=32)
        run = trained(project, engine)
        assert engine.described == []
        assert run.config.training.image_size == 32
        assert sorted(read_samples(run), key=str) == sorted(read_samples(fast), key=str)
        (head,) = engine.heads
        assert (head is None) == (preset == "classic")
    assert head is not None
    assert (head.kernel.shape, head.bias.shape) == ((3, 3), (3,))


@pytest.mark.parametrize("preset", ["classic", "fast"])
def test_the_split_is_the_same_whatever_is_trained_first(root: Path, preset: str) -> None:
    copy = shutil.copytree(root, root.parent / "copy")
    first = trained(opened(root, preset=preset, image_size=32), FakeEngine())
    second = trained(opened(copy, preset="fine", image_size=32), FakeEngine())
    assert sorted(read_samples(first), key=str) == sorted(read_samples(second), key=str)


def test_training_pictures_are_looked_at_in_variants_and_these_are_kept(root: Path) -> None:
    first, second, third = Watching(), Watching(), Watching()
    counts = trained(opened(root, variants=2), first).counts
    learned = counts["train"]
    assert sum(first.described) == 50 + 2 * learned, "of validation and test there are none"
    assert first.given[0].features.shape == (learned, 3, 3)
    assert first.given[1].features.shape == (counts["validation"], 1, 3)
    trained(opened(root, variants=2), second)
    assert second.described == []
    assert np.array_equal(first.given[0].features, second.given[0].features)
    trained(opened(root, variants=3), third)
    assert sum(third.described) == learned, "one more of each"


def test_variants_of_another_augmentation_are_others(root: Path) -> None:
    project = opened(root, variants=1)
    learned = trained(project, FakeEngine()).counts["train"]
    engine = FakeEngine()
    trained(project.with_config(with_setting(project.config, "brightness", "0.5")), engine)
    assert sum(engine.described) == learned


def test_without_any_augmentation_there_are_no_variants(root: Path) -> None:
    project = opened(root, variants=2)
    config = replace(project.config, augmentation=AugmentationConfig())
    engine = Watching()
    run = trained(project.with_config(config), engine)
    assert engine.given[0].features.shape == (run.counts["train"], 1, 3)


def test_a_saved_model_that_answers_otherwise_is_no_run(root: Path) -> None:
    class Wrong(FakeEngine):
        def predict(self, model_file: Path, pictures: Pictures) -> np.ndarray:  # type: ignore[type-arg]
            return super().predict(model_file, 255 - pictures)

    project = opened(root)
    with pytest.raises(StudioError, match="does not answer as it was trained"):
        trained(project, Wrong())
    assert list_runs(project) == []


def test_only_a_few_pictures_are_asked_about_by_the_whole_model(root: Path) -> None:
    engine = FakeEngine()
    trained(opened(root), engine)
    assert sum(engine.predicted) <= 4


def test_cancelled_while_looking_leaves_no_run_but_what_was_seen(root: Path) -> None:
    context = TaskContext()

    class Cancelling(FakeEngine):
        def features(self, *given: object) -> np.ndarray:  # type: ignore[override, type-arg]
            context.cancel()
            return super().features(*given)  # type: ignore[arg-type]

    project = opened(root)
    with pytest.raises(Cancelled):
        train_project(Cancelling(), project)(context)
    assert list_runs(project) == []
    engine = FakeEngine()
    trained(project, engine)
    assert sum(engine.described) == 50 - 32


def test_pictures_that_cannot_be_read_are_named_and_left_out(root: Path) -> None:
    (root / "red" / "3.png").write_bytes(b"<html>")
    run = trained(opened(root), FakeEngine())
    assert sum(run.counts.values()) == 49
    assert any("red/3.png" in words for words in run.warnings)


def test_folders_beside_the_project_are_its_validation_and_test_parts(
    root: Path, tmp_path: Path
) -> None:
    parts = {
        name: scan(coloured_folder(tmp_path / name, {"red": 3, "green": 4}, size=64))
        for name in ("validation", "test")
    }
    first, second = FakeEngine(), FakeEngine()
    run = trained(opened(root), first, extra_parts=parts)
    assert run.counts == {"train": 50, "validation": 7, "test": 7}
    trained(opened(root), second, extra_parts=parts)
    assert second.described == [], "those are remembered, too"


def test_nothing_is_written_into_a_folder_that_is_to_stay_as_it_is(
    root: Path, tmp_path: Path
) -> None:
    trained(opened(root), FakeEngine(), out=tmp_path / "run", write_project=False)
    assert not (root / ".cnnstudio").exists()


def test_small_pictures_are_dealt_alike_for_every_preset(tmp_path: Path) -> None:
    digits = coloured_folder(tmp_path / "digits", {"one": 12, "two": 12}, size=16)
    engine = FakeEngine()
    scratch = trained(opened(digits, preset="classic", image_size=28), engine)
    assert engine.described == [], "features would take longer than the training"
    fast = trained(opened(digits), FakeEngine())
    assert sorted(read_samples(scratch), key=str) == sorted(read_samples(fast), key=str)


def test_an_old_project_keeps_its_way_of_training(root: Path) -> None:
    (root / ".cnnstudio").mkdir()
    (root / ".cnnstudio" / "project.json").write_text('{"schema_version": 2}')
    assert scan(root).config == RunConfig()
    assert RunConfig().preset == "classic"
