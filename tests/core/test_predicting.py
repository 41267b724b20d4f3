"""Answers come one by one, in order, and a wrong file holds up nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import PredictionMade
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predicting import PredictionCounts, predict_pictures
from cnnstudio.core.predictions import NamedBytes, PictureProblem, PictureSource, Prediction
from cnnstudio.core.runs import Run
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("project")
    project = scan(coloured_folder(root, {"red": 10, "green": 10, "blue": 10}))
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    return train_project(FakeEngine(), replace(project, config=config))(TaskContext())


def asked(
    run: Run, sources: list[PictureSource], engine: FakeEngine | None = None, batch: int = 32
) -> tuple[list[tuple[str, str]], PredictionCounts]:
    events: list[object] = []
    task = predict_pictures(engine or FakeEngine(), run, sources, batch)
    counts = task(TaskContext(events.append))
    answers = []
    for event in events:
        if isinstance(event, PredictionMade):
            answer = event.prediction
            if isinstance(answer, Prediction):
                answers.append((answer.source, answer.predicted_class))
            elif isinstance(answer, PictureProblem):
                answers.append((answer.source, answer.reason))
    return answers, counts


def test_answers_keep_the_order_and_problems_take_their_place(run: Run, tmp_path: Path) -> None:
    red = coloured_picture(tmp_path / "a.png", "red")
    (tmp_path / "b.jpg").write_bytes(b"")
    green = coloured_picture(tmp_path / "c.png", "green")
    sources: list[PictureSource] = [red, tmp_path / "b.jpg", green, tmp_path / "gone.png"]
    answers, counts = asked(run, sources, batch=2)
    assert answers == [
        (str(red), "red"),
        (str(tmp_path / "b.jpg"), "the file is empty"),
        (str(green), "green"),
        (str(tmp_path / "gone.png"), "there is no such file"),
    ]
    assert counts == PredictionCounts(2, 2)


def test_a_folder_stands_for_the_pictures_in_it(run: Run, tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"blue/deep": 2, "red": 1, "__MACOSX": 1})
    (tmp_path / "notes.txt").write_text("no picture")
    answers, _ = asked(run, [tmp_path])
    assert answers == [
        (str(tmp_path / "blue" / "deep" / "1.png"), "blue"),
        (str(tmp_path / "blue" / "deep" / "2.png"), "blue"),
        (str(tmp_path / "red" / "1.png"), "red"),
    ]


def test_pasted_pictures_are_answered_by_their_name(run: Run, tmp_path: Path) -> None:
    data = coloured_picture(tmp_path / "a.png", "blue").read_bytes()
    answers, _ = asked(run, [NamedBytes("pasted picture", data), NamedBytes("text", b"hello")])
    assert answers[0] == ("pasted picture", "blue")
    assert answers[1][0] == "text"
    assert "not a picture" in answers[1][1]


def test_many_pictures_are_asked_about_in_batches(run: Run, tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"red": 10})
    engine = FakeEngine()
    answers, _ = asked(run, [tmp_path], engine, batch=4)
    assert len(answers) == 10
    assert engine.predicted == [4, 4, 2]


def test_a_named_file_is_kept_whatever_it_is_but_folders_are_searched(
    run: Run, tmp_path: Path
) -> None:
    coloured_folder(tmp_path, {"red": 2})
    notes = tmp_path / "red" / "notes.txt"
    notes.write_text("no picture")
    answers, _ = asked(run, [notes, tmp_path / "red"])
    assert [Path(name).name for name, _ in answers] == ["notes.txt", "1.png", "2.png"]


def test_no_pictures_give_no_answers(run: Run, tmp_path: Path) -> None:
    assert asked(run, [tmp_path]) == ([], PredictionCounts(0, 0))


def test_a_prediction_can_be_cancelled_between_batches(run: Run, tmp_path: Path) -> None:
    coloured_folder(tmp_path, {"red": 20})
    made: list[object] = []

    class Impatient(TaskContext):
        def report(self, event: object) -> None:
            if isinstance(event, PredictionMade):
                made.append(event)
                self.cancel()

    with pytest.raises(Cancelled):
        predict_pictures(FakeEngine(), run, [tmp_path], batch=4)(Impatient())
    assert len(made) == 4


def test_a_run_without_its_model_is_refused_with_a_sentence(run: Run, tmp_path: Path) -> None:
    lost = replace(run, folder=tmp_path)
    with pytest.raises(StudioError, match="missing"):
        asked(lost, [tmp_path])
