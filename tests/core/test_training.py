"""From class folders to a run: everything but the arithmetic."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import RunConfig, with_setting
from cnnstudio.core.dataset.images import fingerprint, read_array
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.engine_api import LabelledPictures, TrainingOutcome
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import BatchEnded, EpochEnded, Progress, TrainingBegan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project, Split
from cnnstudio.core.runs import Run, list_runs, load_run, read_samples
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.fakes import FakeEngine


def opened(root: Path, **settings: object) -> Project:
    config = RunConfig()
    for key, value in {"image_size": 32, "epochs": 3, **settings}.items():
        config = with_setting(config, key, str(value))
    return replace(scan(root), config=config)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return opened(coloured_folder(tmp_path / "project", {"red": 20, "green": 20, "blue": 10}))


def trained(project: Project, **options: object) -> tuple[Run, list[object]]:
    events: list[object] = []
    run = train_project(FakeEngine(), project, **options)(TaskContext(events.append))  # type: ignore[arg-type]
    return run, events


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_a_run_appears_among_the_projects_runs(project: Project) -> None:
    run, _ = trained(project)
    assert run.folder.parent == project.runs_folder
    assert list_runs(project) == [run]
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "config.json",
        "history.csv",
        "metrics.json",
        "model.keras",
        "predictions.csv",
        "samples.csv",
    ]
    assert (run.class_names, run.status, run.best_epoch, run.epochs) == (
        ("blue", "green", "red"),
        "finished",
        2,
        3,
    )
    assert (run.validation_accuracy, run.test_accuracy) == (1.0, 1.0)
    assert run.counts == {"train": 34, "validation": 8, "test": 8}


def test_the_work_is_announced_in_its_order(project: Project) -> None:
    _, events = trained(project)
    kinds = [type(event) for event in events]
    assert kinds[0] is Progress
    began = events[kinds.index(TrainingBegan)]
    assert isinstance(began, TrainingBegan)
    assert (began.epochs, began.batches_per_epoch) == (3, 2)
    assert (began.training_count, began.validation_count, began.test_count) == (34, 8, 8)
    assert began.parameters > 0
    assert kinds.index(TrainingBegan) < kinds.index(BatchEnded) < kinds.index(EpochEnded)
    assert kinds.count(EpochEnded) == 3


def test_the_engine_gets_each_picture_with_its_own_label(project: Project) -> None:
    given: dict[str, LabelledPictures] = {}

    class Watching(FakeEngine):
        def train(
            self, training: LabelledPictures, validation: LabelledPictures, *rest: object
        ) -> TrainingOutcome:
            given["train"], given["validation"] = training, validation
            return super().train(training, validation, *rest)  # type: ignore[arg-type]

    run = train_project(Watching(), project)(TaskContext())
    for split, part in given.items():
        records = [each for each in read_samples(run) if each.split == split]
        assert len(records) == len(part)
        for record, picture, label in zip(records, part.pictures, part.labels, strict=True):
            path = project.root / record.path
            assert np.array_equal(picture, read_array(path, 32, "crop"))
            assert fingerprint(path) == record.fingerprint
            assert record.path.split("/")[0] == run.class_names[label] == record.class_name


def test_predictions_of_validation_and_test_are_kept(project: Project) -> None:
    run, _ = trained(project)
    with (run.folder / "predictions.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert Counter(row["split"] for row in rows) == {"validation": 8, "test": 8}
    assert all(row["true"] == row["predicted"] == row["path"].split("/")[0] for row in rows)


def test_pictures_keep_their_side_when_others_are_added(project: Project) -> None:
    before = {each.path: each.split for each in read_samples(trained(project)[0])}
    coloured_folder(project.root, {"red/new": 10})
    after = {each.path: each.split for each in read_samples(trained(opened(project.root))[0])}
    assert len(after) == 60
    assert {path: after[path] for path in before} == before


def test_unreadable_pictures_are_left_out_with_a_warning(project: Project) -> None:
    (project.root / "red" / "1.png").write_bytes(b"")
    run, _ = trained(opened(project.root))
    assert sum(run.counts.values()) == 49
    assert "red/1.png: the file is empty" in run.warnings[0]


def test_a_picture_with_two_labels_is_told_of(project: Project) -> None:
    run, _ = trained(project)
    assert not any("more than one class" in words for words in run.warnings)
    for number in range(1, 6):
        copy = project.root / "blue" / f"copy-{number}.png"
        shutil.copy(project.root / "red" / f"{number}.png", copy)
    run, _ = trained(opened(project.root))
    (words,) = [words for words in run.warnings if "more than one class" in words]
    assert words.startswith("5 pictures lie in more than one class: ")
    assert "blue/copy-1.png is also red/1.png" in words
    assert "and 2 more. Only one label can be right." in words


def test_classes_without_pictures_are_left_out_with_a_warning(project: Project) -> None:
    coloured_folder(project.root, {"empty": 0})
    run, _ = trained(opened(project.root))
    assert run.class_names == ("blue", "green", "red")
    assert "empty" in run.warnings[0]


def switched_off(project: Project, *names: str) -> Project:
    classes = tuple(replace(c, is_switched_on=c.name not in names) for c in project.classes)
    return replace(project, classes=classes)


def test_a_class_that_is_switched_off_is_not_learned_and_the_run_says_so(project: Project) -> None:
    run, _ = trained(switched_off(project, "green"))
    assert run.class_names == ("blue", "red")
    assert sum(run.counts.values()) == 30
    assert {record.class_name for record in read_samples(run)} == {"blue", "red"}
    assert run.warnings[0] == ("The class green is switched off: left out, with its 20 pictures.")


def test_switching_a_class_off_and_on_again_keeps_the_split(project: Project) -> None:
    before = {each.path: each.split for each in read_samples(trained(project)[0])}
    trained(switched_off(project, "green"))
    assert {each.path: each.split for each in read_samples(trained(project)[0])} == before


def test_a_switched_off_class_of_another_test_folder_is_left_out(
    project: Project, tmp_path: Path
) -> None:
    test = scan(coloured_folder(tmp_path / "test", {"red": 2, "green": 3, "blue": 1}))
    run, _ = trained(switched_off(project, "green"), extra_parts={"test": test})
    assert run.counts["test"] == 3


def test_too_few_classes_that_are_switched_on_are_refused_with_that_advice(
    project: Project,
) -> None:
    with pytest.raises(StudioError, match="Only one class, red") as refused:
        trained(switched_off(project, "green", "blue"))
    assert refused.value.hint == "Add pictures to a second class, or switch one on."


@pytest.mark.parametrize("ending", ["cancel", "fail", "cancel while reading"])
def test_a_training_that_does_not_end_well_leaves_no_run(project: Project, ending: str) -> None:
    engine = FakeEngine(fail_with=StudioError("The loss is NaN.") if ending == "fail" else None)
    context = TaskContext()

    class Watching(TaskContext):
        def report(self, event: object) -> None:
            reading = isinstance(event, Progress) and ending == "cancel while reading"
            if reading or (isinstance(event, BatchEnded) and ending == "cancel"):
                self.cancel()

    context = Watching()
    with pytest.raises(StudioError if ending == "fail" else Cancelled):
        train_project(engine, project)(context)
    assert not project.runs_folder.exists()


def test_stopping_keeps_what_was_learned(project: Project) -> None:
    class Stopping(TaskContext):
        def report(self, event: object) -> None:
            super().report(event)
            if isinstance(event, EpochEnded):
                self.stop()

    run = train_project(FakeEngine(), project)(Stopping())
    assert (run.status, run.epochs) == ("stopped", 1)
    assert load_run(run.folder) == run


def test_a_run_may_go_elsewhere_and_the_pictures_folder_stays_untouched(
    project: Project, tmp_path: Path
) -> None:
    before = everything(project.root)
    run, _ = trained(project, out=tmp_path / "out" / "run", write_project=False, name="Mine")
    assert everything(project.root) == before
    assert run.folder == tmp_path / "out" / "run"
    assert load_run(run.folder).name == "Mine"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["run"]


def test_a_folder_with_something_in_it_is_not_taken_for_a_run(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(StudioError, match="not empty"):
        trained(project, out=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("classes", "settings", "words"),
    [
        ({}, {}, "no pictures"),
        ({"red": 9, "green": 0}, {}, "Only one class, red"),
        ({"red": 2, "green": 2}, {}, "too few"),
        ({"red": 9, "green": 9}, {"image_size": 10}, "after block 2"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_read(
    tmp_path: Path, classes: dict[str, int], settings: dict[str, object], words: str
) -> None:
    project = opened(coloured_folder(tmp_path, classes), **settings)
    events: list[object] = []
    with pytest.raises(StudioError, match=words):
        train_project(FakeEngine(), project)(TaskContext(events.append))
    assert events == []
    assert not project.state_folder.exists()


def test_copies_of_one_picture_are_too_few_however_many(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"red": 1, "green": 1})
    for name in ("red", "green"):
        for number in range(5):
            shutil.copy(tmp_path / name / "1.png", tmp_path / name / f"copy {number}.png")
    with pytest.raises(StudioError, match="left for validation"):
        trained(opened(tmp_path))


def sides(run: Run) -> dict[Split, list[str]]:
    found: dict[Split, list[str]] = {"train": [], "validation": [], "test": []}
    for each in read_samples(run):
        found[each.split].append(each.path)
    return found


def test_folders_of_parts_are_the_split(tmp_path: Path) -> None:
    places = [f"{part}/{name}" for part in ("train", "val", "test") for name in ("red", "green")]
    coloured_folder(tmp_path, dict.fromkeys(places, 4))
    run, _ = trained(opened(tmp_path))
    for split, paths in sides(run).items():
        assert len(paths) == 8
        assert {path.split("/")[0] for path in paths} == {"val" if split == "validation" else split}


@pytest.mark.parametrize("part", ["val", "test"])
def test_a_copy_of_a_test_picture_is_not_learned_and_not_tested_twice(
    tmp_path: Path, part: str
) -> None:
    places = [f"{part}/{name}" for part in ("train", "val", "test") for name in ("red", "green")]
    coloured_folder(tmp_path, dict.fromkeys(places, 4))
    shutil.copy(tmp_path / part / "red/1.png", tmp_path / "train/red/copy.png")
    run, _ = trained(opened(tmp_path))
    assert run.counts == {"train": 8, "validation": 8, "test": 8}
    assert any("nothing is tested on what was learned" in each for each in run.warnings)


def test_validation_and_test_may_come_from_elsewhere(project: Project, tmp_path: Path) -> None:
    other = coloured_folder(tmp_path / "other", {"red": 3, "blue": 2})
    shutil.copy(project.root / "red" / "1.png", other / "red" / "1.png")
    run, _ = trained(project, extra_parts={"test": scan(other)})
    found = sides(run)
    assert found["test"] == [str(path) for path in sorted(other.rglob("*.png"))]
    assert "red/1.png" not in found["train"] + found["validation"]
    assert run.counts == {"train": 41, "validation": 8, "test": 5}
    # Another folder's parts are no split of the project.
    assert not (project.state_folder / "split.json").exists()


def test_a_large_test_folder_takes_nothing_from_training(project: Project, tmp_path: Path) -> None:
    other = coloured_folder(tmp_path / "other", {"red": 60, "green": 60, "blue": 60})
    run, _ = trained(project, extra_parts={"test": scan(other)})
    # 15 % of the project's own 20, 20 and 10.
    assert run.counts == {"train": 42, "validation": 8, "test": 180}


def test_a_validation_folder_changes_nothing_about_the_test_share(
    project: Project, tmp_path: Path
) -> None:
    other = coloured_folder(tmp_path / "other", {"red": 60, "green": 60, "blue": 60})
    run, _ = trained(project, extra_parts={"validation": scan(other)})
    assert run.counts == {"train": 42, "validation": 180, "test": 8}


def test_another_folder_takes_the_place_of_the_folders_own_part(tmp_path: Path) -> None:
    places = [f"{part}/{name}" for part in ("train", "val", "test") for name in ("red", "green")]
    root = coloured_folder(tmp_path / "root", dict.fromkeys(places, 4))
    other = scan(coloured_folder(tmp_path / "other", {"red": 1, "green": 1}))
    run, _ = trained(opened(root), extra_parts={"validation": other})
    assert run.counts == {"train": 8, "validation": 2, "test": 8}
    assert "The folder's own validation part, 8 pictures, is left out" in run.warnings[0]


def test_a_class_unknown_to_the_project_is_refused(project: Project, tmp_path: Path) -> None:
    other = scan(coloured_folder(tmp_path / "other", {"red": 3, "horses": 2}))
    with pytest.raises(StudioError, match="horses"):
        trained(project, extra_parts={"validation": other})
    assert not project.runs_folder.exists()


def test_two_runs_within_a_second_are_two_runs(project: Project) -> None:
    first, second = trained(project)[0], trained(project)[0]
    assert first.folder != second.folder
    assert len(list_runs(project)) == 2


def test_a_stop_before_anything_was_learned_keeps_nothing(project: Project) -> None:
    class Stopping(TaskContext):
        def report(self, event: object) -> None:
            super().report(event)
            if isinstance(event, TrainingBegan):
                self.stop()

    with pytest.raises(Cancelled, match="nothing was learned"):
        train_project(FakeEngine(), project)(Stopping())
    assert not project.runs_folder.exists()


def test_a_training_that_fails_keeps_no_split(project: Project) -> None:
    with pytest.raises(StudioError):
        train_project(FakeEngine(fail_with=StudioError("No.")), project)(TaskContext())
    assert not (project.state_folder / "split.json").exists()
    train_project(FakeEngine(), project)(TaskContext())
    assert (project.state_folder / "split.json").is_file()


def test_pictures_that_are_the_validation_pictures_as_well_are_named(project: Project) -> None:
    with pytest.raises(StudioError, match=r"All pictures of the class .* validation folder"):
        train_project(FakeEngine(), project, extra_parts={"validation": project})(TaskContext())


def test_a_folder_without_a_train_part_is_refused(tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"val/red": 5, "val/green": 5, "test/red": 2})
    with pytest.raises(StudioError, match="there is no train folder"):
        train_project(FakeEngine(), scan(tmp_path))(TaskContext())
