"""Going on with a training that was cut off: which pictures, which split, and what is said."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import BatchEnded, EpochEnded, TrainingBegan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.resuming import resume_training
from cnnstudio.core.runs import Run, list_runs, read_samples
from cnnstudio.core.storage.unfinished_runs import list_unfinished
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine


class Killed(BaseException):
    """Ends a training as a kill does."""


def opened(root: Path, preset: str = "classic") -> Project:
    config = training_preset(preset).config
    for key, value in {"image_size": 32, "epochs": 3}.items():
        config = with_setting(config, key, str(value))
    return replace(scan(root), config=config)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return coloured_folder(tmp_path / "project", {"red": 20, "green": 20, "blue": 10})


def cut_off(project: Project, **options: object) -> None:
    def task() -> Run:
        engine = FakeEngine(fail_with=Killed())  # type: ignore[arg-type]
        return train_project(engine, project, **options)(TaskContext())  # type: ignore[arg-type]

    with pytest.raises(Killed):
        task()


def gone_on_with(project: Project, context: TaskContext | None = None) -> Run:
    (unfinished,) = list_unfinished(project)
    return resume_training(FakeEngine(), unfinished, project)(context or TaskContext())


def pictures(run: Run) -> set[tuple[str, str, str]]:
    return {(each.fingerprint, each.class_name, each.split) for each in read_samples(run)}


@pytest.mark.parametrize("preset", ["classic", "fine"])
def test_it_ends_as_the_run_that_it_would_have_been(
    root: Path, tmp_path: Path, preset: str
) -> None:
    shutil.copytree(root, tmp_path / "other")
    whole = train_project(FakeEngine(), opened(tmp_path / "other", preset))(TaskContext())
    project = opened(root, preset)
    cut_off(project, name="Owls")
    assert list_runs(project) == []
    events: list[object] = []
    run = gone_on_with(project, TaskContext(events.append))
    assert list_runs(project) == [run]
    assert pictures(run) == pictures(whole)
    assert (run.name, run.config, run.counts) == ("Owls", whole.config, whole.counts)
    assert any(isinstance(each, TrainingBegan) for each in events)
    assert (project.state_folder / "split.json").read_bytes() == (
        tmp_path / "other" / ".cnnstudio" / "split.json"
    ).read_bytes()


def test_stopped_before_its_first_batch_it_is_not_thrown_away() -> None:
    context = TaskContext()
    before = EpochEnded(1, 2.0, 0.5, 2.0, 0.5, 10.0, 1.0, True)
    began = TrainingBegan(3, 4, 30, 10, 10, 100, "CPU", "float32", history=(before,))
    context.report(began)
    context.stop()
    context.checkpoint()
    assert context.has_learned


def test_pictures_that_were_added_or_relabelled_meanwhile_are_said_and_change_nothing(
    root: Path,
) -> None:
    cut_off(opened(root))
    before = {each.path for each in opened(root).samples}
    coloured_picture(root / "red" / "new.png", "red", "new")
    moved = next((root / "green").iterdir())
    moved.rename(root / "red" / f"moved-{moved.name}")
    run = gone_on_with(opened(root))
    assert len(pictures(run)) == len(before)
    (record,) = [each for each in read_samples(run) if "moved" in each.path]
    assert record.class_name == "green"
    assert any("1 picture has another label" in words for words in run.warnings)


def test_missing_pictures_are_counted_and_nothing_is_lost(root: Path, tmp_path: Path) -> None:
    cut_off(opened(root))
    away = sorted((root / "red").iterdir())[:2]
    for picture in away:
        picture.rename(tmp_path / picture.name)
    with pytest.raises(StudioError, match=r"50 pictures .* 2 are missing"):
        gone_on_with(opened(root))
    for picture in away:
        (tmp_path / picture.name).rename(picture)
    assert gone_on_with(opened(root)).counts["train"] > 0


def test_a_picture_that_was_changed_is_not_taken_for_the_old_one(root: Path) -> None:
    cut_off(opened(root))
    changed = min((root / "blue").iterdir())
    coloured_picture(changed, "blue", "something else")
    with pytest.raises(StudioError, match=r"1 is missing or has changed, such as blue/"):
        gone_on_with(opened(root))


def test_parts_from_elsewhere_are_read_from_there(root: Path, tmp_path: Path) -> None:
    extra = scan(coloured_folder(tmp_path / "extra", {"red": 3, "green": 3, "blue": 3}))
    cut_off(opened(root), extra_parts={"test": extra})
    run = gone_on_with(opened(root))
    assert run.counts["test"] == 9
    shutil.rmtree(run.folder)
    cut_off(opened(root), extra_parts={"test": extra})
    next((tmp_path / "extra" / "red").iterdir()).unlink()
    with pytest.raises(StudioError, match="1 is missing"):
        gone_on_with(opened(root))


def test_cancelling_while_the_pictures_are_read_keeps_it(root: Path) -> None:
    cut_off(opened(root))
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        gone_on_with(opened(root), context)
    assert len(list_unfinished(opened(root))) == 1


def test_a_moved_project_goes_on_in_its_new_place(root: Path, tmp_path: Path) -> None:
    cut_off(opened(root))
    root.rename(tmp_path / "elsewhere")
    run = gone_on_with(opened(tmp_path / "elsewhere"))
    assert run.folder.is_relative_to(tmp_path / "elsewhere")
    assert not root.exists()


def test_a_fast_start_leaves_nothing_to_go_on_with(root: Path) -> None:
    cut_off(opened(root, "fast"))
    assert list_unfinished(opened(root)) == []


def test_a_training_that_is_left_for_later_can_be_gone_on_with(root: Path) -> None:
    project = opened(root)

    def leave(event: object) -> None:
        if isinstance(event, BatchEnded):
            context.leave_for_later()

    context = TaskContext(leave)
    with pytest.raises(Cancelled):
        train_project(FakeEngine(), project)(context)
    context = TaskContext(leave)
    with pytest.raises(Cancelled):
        gone_on_with(project, context)
    assert gone_on_with(project).epochs == 3
