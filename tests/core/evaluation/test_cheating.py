"""The background test raises an alarm where the background gives the class away, else not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.evaluation.cheating import CheatingReport, RightAnswers, cheating_test
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.core.evaluation.scenes import scenes
from tests.fakes import FakeEngine


def judged(root: Path) -> tuple[CheatingReport, Run, Evaluation]:
    project = scan(root)
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    config = with_setting(config, "test_share", "0.3")
    run = train_project(FakeEngine(), replace(project, config=config))(TaskContext())
    evaluation = kept_evaluation(run, "test")
    return cheating_test(FakeEngine(), run, evaluation, root)(TaskContext()), run, evaluation


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    return scenes(tmp_path / "leaking", 40, leaks=True)


def test_a_background_that_gives_the_class_away_is_found(leaking: Path) -> None:
    report, run, evaluation = judged(leaking)
    assert report.verdict == "yes"
    assert report.border_only.count == len(evaluation) == run.counts["test"]
    assert report.border_only.share > 0.9
    assert report.kept_share > 0.8


def test_objects_on_any_background_raise_no_alarm(tmp_path: Path) -> None:
    report, _, _ = judged(scenes(tmp_path / "fair", 40, leaks=False))
    assert report.whole.share > 0.9
    assert report.guessing == 0.5
    assert report.verdict == "no"


def test_examples_show_what_was_hidden_and_what_was_answered(leaking: Path) -> None:
    report, run, _ = judged(leaking)
    assert sorted(each.true for each in report.examples) == [0, 1]
    size = run.config.training.image_size
    for example in report.examples:
        whole, centre, border = example.pictures
        assert whole.shape == (size, size, 3)
        hidden = [(each != whole).any(axis=2).mean() for each in (centre, border)]
        assert hidden[0] < hidden[1] < 0.8
        assert (border[0] == whole[0]).all()
        assert len(set(example.answers)) == 1


def test_pictures_that_are_gone_are_counted(leaking: Path) -> None:
    _, run, evaluation = judged(leaking)
    (leaking / evaluation.pictures[0].path).unlink()
    report = cheating_test(FakeEngine(), run, evaluation, leaking)(TaskContext())
    assert (report.whole.count, report.problems) == (len(evaluation) - 1, 1)
    for each in evaluation.pictures[1:]:
        (leaking / each.path).unlink()
    with pytest.raises(StudioError, match="could be read"):
        cheating_test(FakeEngine(), run, evaluation, leaking)(TaskContext())


def test_it_can_be_cancelled(leaking: Path) -> None:
    _, run, evaluation = judged(leaking)
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        cheating_test(FakeEngine(), run, evaluation, leaking)(context)


@pytest.mark.parametrize(
    ("whole", "border", "verdict"),
    [
        (95, 88, "yes"),
        (95, 52, "no"),  # as good as guessing
        (95, 65, "some"),
        (55, 54, "cannot tell"),  # it has learned nothing
    ],
)
def test_the_verdict_is_measured_by_guessing(whole: int, border: int, verdict: str) -> None:
    count = 200
    answers = [RightAnswers(round(each * count / 100), count) for each in (whole, whole, border)]
    assert CheatingReport(*answers, guessing=0.5, examples=()).verdict == verdict


def test_where_the_border_confuses_it_the_hidden_middle_decides() -> None:
    whole, stuck = RightAnswers(95, 100), RightAnswers(50, 100, most_named=0.99)
    leaking = CheatingReport(whole, RightAnswers(93, 100, 0.5), stuck, guessing=0.5, examples=())
    assert (leaking.is_border_confusing, leaking.verdict) == (True, "yes")
    fair = CheatingReport(whole, RightAnswers(52, 100, 0.5), stuck, guessing=0.5, examples=())
    assert fair.verdict == "no"


def test_few_pictures_raise_no_alarm() -> None:
    right = RightAnswers(6, 6)
    report = CheatingReport(right, right, RightAnswers(5, 6), guessing=0.5, examples=())
    assert report.border_only.interval[0] < 0.5
    assert report.verdict == "no"
    assert np.isclose(report.kept_share, 2 / 3)
