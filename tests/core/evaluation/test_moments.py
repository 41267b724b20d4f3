"""The moments of a training: kept small, read back, compared, and made runs of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.evaluation.moments import MOMENTS_FILE, difference_words, read_moments
from cnnstudio.core.evaluation.using_moment import use_moment
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, list_runs
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder
from tests.core.evaluation.answers import Asked, evaluation_of
from tests.fakes import FakeEngine


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = coloured_folder(tmp_path / "project", {"red": 20, "green": 20, "blue": 10}, size=64)
    project = scan(root)
    return replace(project, config=with_setting(project.config, "epochs", "4"))


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def run(project: Project, engine: FakeEngine) -> Run:
    return train_project(engine, project)(TaskContext())


def test_a_run_of_fast_start_keeps_its_epochs(run: Run) -> None:
    moments = read_moments(run)
    assert moments.epochs == (1, 2, 3, 4)
    assert moments.evaluation(0).is_right.sum() == 0, "in epoch 1 each class is taken for the next"
    assert moments.evaluation(2).is_right.all()
    kept = kept_evaluation(run, "validation")
    assert moments.evaluation(2).pictures == kept.pictures
    assert moments.evaluation(2).part == "validation"
    assert np.array_equal(moments.evaluation(2).predicted, kept.predicted)
    assert np.allclose(moments.evaluation(0).probabilities.sum(axis=1), 1, atol=1e-6)
    assert moments.place_of(3) == 2


def test_other_runs_keep_none_and_say_so(project: Project, engine: FakeEngine) -> None:
    config = with_setting(with_setting(project.config, "preset", "classic"), "image_size", "32")
    run = train_project(engine, replace(project, config=config))(TaskContext())
    assert not (run.folder / MOMENTS_FILE).exists()
    with pytest.raises(StudioError, match="cannot be read"):
        read_moments(run)


def test_damaged_moments_are_refused(run: Run) -> None:
    path = run.folder / MOMENTS_FILE
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StudioError, match="cannot be read"):
        read_moments(run)
    np.savez(path, epochs=np.array([1]), kernels=np.array([None]), biases=1, answers=1)
    with pytest.raises(StudioError, match="cannot be read"):
        read_moments(run)
    with np.load(_rewritten(path, whole)) as arrays:
        fewer = {**arrays, "answers": arrays["answers"][:, 1:]}
    np.savez(path, **fewer)
    with pytest.raises(StudioError, match="cannot be read"):
        read_moments(run)


def test_a_moment_becomes_a_run_that_answers_as_it_did(
    run: Run, project: Project, engine: FakeEngine
) -> None:
    made = use_moment(engine, project, run, 2)(TaskContext())
    assert made.name == f"{run.name}, epoch 2"
    assert [each.folder for each in list_runs(project)] == [made.folder, run.folder]
    assert list_runs(project)[0] == made
    assert (made.best_epoch, made.epochs, len(made.history)) == (2, 2, 2)
    assert [each.is_best for each in made.history] == [False, True]
    assert "chosen by hand" in made.warnings[0]
    assert (made.validation_accuracy, made.test_accuracy) == (1.0, 1.0)
    then = read_moments(run).evaluation(1)
    assert np.array_equal(kept_evaluation(made, "validation").predicted, then.predicted)
    assert read_moments(made).epochs == (1, 2)


def test_a_bad_moment_has_the_figures_it_deserves(
    run: Run, project: Project, engine: FakeEngine
) -> None:
    made = use_moment(engine, project, run, 1)(TaskContext())
    assert (made.validation_accuracy, made.test_accuracy) == (0.0, 0.0)
    assert len(kept_evaluation(made, "test")) == run.counts["test"]


def test_without_features_the_test_pictures_have_no_answer(
    run: Run, project: Project, engine: FakeEngine
) -> None:
    for file in project.state_folder.glob("index.sqlite*"):
        file.unlink()
    made = use_moment(engine, project, run, 2)(TaskContext())
    assert made.test_accuracy is None
    assert len(kept_evaluation(made, "test")) == 0
    assert made.validation_accuracy == 1.0, "the moment kept what these were answered"
    assert "10 of 20 test and validation pictures" in made.warnings[1]


def test_an_epoch_that_was_not_kept_leaves_nothing_behind(
    run: Run, project: Project, engine: FakeEngine
) -> None:
    with pytest.raises(StudioError, match="did not keep epoch 9"):
        use_moment(engine, project, run, 9)(TaskContext())
    assert sorted(project.runs_folder.iterdir()) == [run.folder]


def test_the_hardest_pictures_stand_first(run: Run) -> None:
    moments = read_moments(run)
    answers = moments.answers.copy()
    answers[2, 5] = np.roll(answers[2, 5], 1)
    assert replace(moments, answers=answers).hardest_first().tolist()[:2] == [5, 0]


def test_what_changed_is_said_in_words() -> None:
    classes = ("coat", "shirt")
    paths = [f"shirt/{number}.png" for number in range(5)]
    then = evaluation_of(
        [Asked(path, "", "shirt", "coat") for path in paths[:4]]
        + [Asked(paths[4], "", "shirt", "shirt")],
        classes,
    )
    kept = evaluation_of(
        [Asked(path, "", "shirt", "shirt") for path in paths[:4]]
        + [Asked(paths[4], "", "shirt", "coat")],
        classes,
    )
    assert difference_words(then, kept, 3, 9) == [
        "At epoch 3 it still took 4 pictures of shirt for coat; 1 at epoch 9.",
        "Epoch 9, which is kept, gets 4 pictures right that were wrong then and 1 picture wrong"
        " that was right then.",
    ]
    assert difference_words(kept, kept, 9, 9) == ["Epoch 9 is the one that is kept."]
    assert difference_words(kept, kept, 4, 9) == [
        "Every picture is answered as at epoch 9, which is kept."
    ]


def _rewritten(path: Path, content: bytes) -> Path:
    copy = path.with_name("copy.npz")
    copy.write_bytes(content)
    return copy
