"""What a run hands back instead of naming a class, and that it remembers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.evaluation.caution import (
    CAUTION_FILE,
    PROTOTYPES_FILE,
    Caution,
    distances_of,
    load_caution,
    save_caution,
    with_choice,
)
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.evaluation.making_caution import find_caution
from cnnstudio.core.events import PredictionMade
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predicting import predict_pictures
from cnnstudio.core.predictions import Prediction
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = scan(coloured_folder(tmp_path / "project", {"red": 80, "green": 80}))
    config = with_setting(project.config, "preset", "fast")
    return replace(project, config=with_setting(config, "epochs", "1"))


@pytest.fixture(params=["fast", "classic"])
def run(project: Project, request: pytest.FixtureRequest) -> Run:
    config = with_setting(with_setting(project.config, "preset", request.param), "image_size", "32")
    return train_project(FakeEngine(), project.with_config(config))(TaskContext())


def caution_of(run: Run) -> Caution:
    caution = load_caution(run.folder)
    assert caution is not None
    return caution


def predicted(run: Run, *paths: Path) -> list[Prediction]:
    events: list[object] = []
    predict_pictures(FakeEngine(), run, paths)(TaskContext(events.append))
    made = [each.prediction for each in events if isinstance(each, PredictionMade)]
    return [each for each in made if isinstance(each, Prediction)]


def test_a_training_leaves_a_run_that_knows_its_doubts(run: Run) -> None:
    caution = caution_of(run)
    assert caution.temperature is not None
    assert caution.familiarity is not None
    validation = kept_evaluation(run, "validation")
    distances = distances_of(run, validation)
    assert np.isfinite(distances).all()
    assert (distances <= caution.familiarity.farthest).mean() >= 0.95
    assert np.isfinite(distances_of(run, kept_evaluation(run, "test"))).all()


def test_a_picture_unlike_all_others_is_handed_back(run: Run, tmp_path: Path) -> None:
    strange = coloured_picture(tmp_path / "strange.png", "blue")
    usual = coloured_picture(tmp_path / "usual.png", "red", "another")
    handed_back, answered = predicted(run, strange, usual)
    assert handed_back.doubt == "unfamiliar"
    assert handed_back.reason() == "unlike the training pictures"
    assert (answered.doubt, answered.predicted_class) == ("", "red")
    save_caution(run.folder, with_choice(run, caution_of(run), None, False))
    assert [each.doubt for each in predicted(run, strange, usual)] == ["", ""]


def test_a_wish_is_kept_and_hands_back_what_is_not_certain(run: Run, tmp_path: Path) -> None:
    usual = coloured_picture(tmp_path / "usual.png", "red", "another")
    # 24 validation pictures, all right, cannot promise 1 in 200.
    strict = with_choice(run, caution_of(run), 0.005, True)
    save_caution(run.folder, strict)
    assert caution_of(run).allowed_error == 0.005
    (answer,) = predicted(run, usual)
    assert answer.doubt == "unpromised"
    assert answer.reason() == "too few validation pictures to promise so few mistakes"
    save_caution(run.folder, with_choice(run, caution_of(run), 0.2, True))
    assert predicted(run, usual)[0].doubt == ""


def test_too_close_names_both_classes() -> None:
    close = Prediction("a", ("coat", "shirt", "hat"), (0.5, 0.4, 0.1), "unsure")
    assert close.reason() == "too close between coat and shirt"
    clear = Prediction("a", ("coat", "shirt", "hat"), (0.94, 0.04, 0.02), "unsure")
    assert clear.reason() == "not certain enough of coat"


def test_a_run_from_before_is_asked_later_and_finds_the_same(run: Run, project: Project) -> None:
    first = caution_of(run)
    (run.folder / CAUTION_FILE).unlink()
    (run.folder / PROTOTYPES_FILE).unlink()
    assert load_caution(run.folder) is None
    found = find_caution(FakeEngine(), run, project)(TaskContext())
    assert found.temperature is not None
    assert first.temperature is not None
    assert found.temperature.value == pytest.approx(first.temperature.value, abs=1e-3)
    assert found.familiarity is not None
    assert first.familiarity is not None
    assert found.familiarity.farthest == pytest.approx(first.familiarity.farthest, abs=1e-3)


def test_it_makes_do_with_the_pictures_that_are_still_there(run: Run, project: Project) -> None:
    (run.folder / CAUTION_FILE).unlink()
    for each in (project.root / "red").iterdir():
        each.unlink()
    found = find_caution(FakeEngine(), run, project)(TaskContext())
    assert found.temperature is not None
    assert found.familiarity is None


def test_damaged_files_are_as_none(run: Run) -> None:
    (run.folder / PROTOTYPES_FILE).write_bytes(b"nonsense")
    assert load_caution(run.folder) is None
    assert predicted(run) == []
    for text in ("{", "[]", '{"schema_version": 99}', '{"schema_version": 1}'):
        (run.folder / CAUTION_FILE).write_text(text)
        assert load_caution(run.folder) is None
