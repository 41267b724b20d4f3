"""How a run does on labelled pictures, said honestly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.evaluation.asking import EvaluationNote, evaluate_run
from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation, place_of
from cnnstudio.core.evaluation.figures import figures_of
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, read_samples
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder, coloured_picture
from tests.core.dataset.health.scenes import photo_folder, scene
from tests.fakes import FakeEngine


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = scan(coloured_folder(tmp_path / "project", {"red": 20, "green": 20}))
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    return replace(project, config=config)


@pytest.fixture
def run(project: Project) -> Run:
    return train_project(FakeEngine(), project)(TaskContext())


def evaluated(run: Run, root: Path) -> tuple[Evaluation, list[str]]:
    events: list[object] = []
    asked = evaluate_run(FakeEngine(), run, scan(root))(TaskContext(events.append))
    return asked, [each.words for each in events if isinstance(each, EvaluationNote)]


def test_every_picture_is_asked_about_and_counted_by_class(run: Run, tmp_path: Path) -> None:
    other = coloured_folder(tmp_path / "other", {"red": 40, "green": 3})
    coloured_picture(other / "green" / "wrong.png", "red")
    (other / "red" / "broken.png").write_bytes(b"")
    asked, notes = evaluated(run, other)
    assert run.class_names == ("green", "red")
    report = figures_of(asked)(TaskContext())
    assert report.confusion == ((3, 1), (0, 40))
    assert (report.count, report.correct, report.problems) == (44, 43, 1)
    assert notes == []


def test_pictures_that_were_learned_are_pointed_out(run: Run, project: Project) -> None:
    learned = run.counts["train"] + run.counts["validation"]
    asked, notes = evaluated(run, project.root)
    assert len(asked) == 40
    assert notes[0].startswith(f"{learned} of these 40 pictures were used in this training")


def test_a_smaller_copy_of_what_was_learned_is_pointed_out(tmp_path: Path) -> None:
    root = photo_folder(tmp_path / "scenes")
    project = scan(root)
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    run = train_project(FakeEngine(), replace(project, config=config))(TaskContext())
    learned = next(each for each in read_samples(run) if each.split == "train")
    other = tmp_path / "other" / learned.class_name
    other.mkdir(parents=True)
    with Image.open(root / learned.path) as picture:
        picture.resize((160, 120)).save(other / "copy.jpg")
    scene(99).save(other / "new.png")
    _, notes = evaluated(run, tmp_path / "other")
    assert notes == [
        "1 of these 2 pictures is nearly the same as one that was used in this training, so the"
        " accuracy looks better than it is."
    ]
    (project.state_folder / "index.sqlite").unlink()
    assert evaluated(run, tmp_path / "other")[1] == []


def test_of_a_folder_with_parts_the_test_part_is_evaluated(run: Run, tmp_path: Path) -> None:
    other = coloured_folder(tmp_path / "o", {"train/red": 2, "test/red": 3, "test/green": 1})
    asked, notes = evaluated(run, other)
    assert len(asked) == 4
    assert notes == ["o has parts: only the 4 test pictures are evaluated."]


def test_a_class_that_is_switched_off_is_not_asked_about(run: Run, tmp_path: Path) -> None:
    other = scan(coloured_folder(tmp_path / "other", {"red": 3, "green": 2, "new": 4}))
    off = replace(other.image_class("new"), is_switched_on=False)
    other = replace(other, classes=(*other.classes[:1], off, *other.classes[2:]))
    events: list[object] = []
    asked = evaluate_run(FakeEngine(), run, other)(TaskContext(events.append))
    assert len(asked) == 5
    assert events[0] == EvaluationNote(
        "The class new is switched off: left out, with its 4 pictures."
    )


def test_a_class_the_run_does_not_know_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"horses.*green, red"):
        evaluated(run, coloured_folder(tmp_path / "other", {"red": 1, "horses": 1}))


def test_a_folder_without_labelled_pictures_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no pictures"):
        evaluated(run, coloured_folder(tmp_path / "other", {"_unlabelled": 3, "red": 0}))


def test_an_evaluation_can_be_cancelled(run: Run, project: Project) -> None:
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        evaluate_run(FakeEngine(), run, project)(context)


def test_what_a_run_kept_is_what_it_answers(run: Run, project: Project) -> None:
    kept = kept_evaluation(run, "test")
    asked = evaluate_run(FakeEngine(), run, project)(TaskContext())
    assert len(kept) == run.counts["test"] > 0
    answers = {
        each.fingerprint: (label, answer)
        for each, label, answer in zip(asked.pictures, asked.true, asked.probabilities, strict=True)
    }
    for each, label, answer in zip(kept.pictures, kept.true, kept.probabilities, strict=True):
        assert place_of(each, project.root).is_file()
        assert answers[each.fingerprint][0] == label
        np.testing.assert_allclose(answers[each.fingerprint][1], answer, atol=1e-5)
    assert kept.is_right.mean() == run.test_accuracy


def test_damaged_answers_are_said_in_words(run: Run) -> None:
    (run.folder / "predictions.csv").write_text("path,split,true\nx,test,red\n")
    with pytest.raises(StudioError, match="cannot be read"):
        kept_evaluation(run, "test")
