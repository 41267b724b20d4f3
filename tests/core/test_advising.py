"""Help from a model: doubts about labels, and suggested classes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.advising import LabelDoubts, doubt_labels, suggest_classes
from cnnstudio.core.certainty import Certainty, precision_above
from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import ImageClass, Project
from cnnstudio.core.runs import PREDICTIONS_FILE, Run
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training import train_project
from tests.builders import COLOURS, coloured_folder, coloured_picture
from tests.fakes import FakeEngine


@pytest.fixture
def index() -> Iterator[Index]:
    with Index(None) as opened:
        yield opened


@pytest.fixture
def colours(tmp_path: Path) -> Project:
    """Twelve pictures in each of three classes; 1.png in "red" is blue."""
    root = coloured_folder(tmp_path / "colours", {"red": 12, "green": 12, "blue": 12})
    coloured_picture(root / "red" / "1.png", "blue", seed="strayed")
    return scan(root)


def doubts_about(project: Project, index: Index, engine: FakeEngine | None = None) -> LabelDoubts:
    return doubt_labels(engine or FakeEngine(), project, index)(TaskContext())


def test_the_picture_in_the_wrong_class_is_doubted_and_its_own_suggested(
    colours: Project, index: Index
) -> None:
    found = doubts_about(colours, index)
    first = found.doubts[0]
    assert (first.path, first.class_name, first.suggested_class) == ("red/1.png", "red", "blue")
    assert first.confidence_in_label < 0.3 < first.confidence_in_suggestion
    assert found.compared == 36
    assert found.accuracy_out_of_fold == pytest.approx(35 / 36)
    assert found.notes == ()


def test_pictures_are_looked_at_once_and_after_a_move_not_again(
    colours: Project, index: Index
) -> None:
    engine = FakeEngine()
    doubts_about(colours, index, engine)
    assert sum(engine.described) == 36
    assert max(engine.described) <= 32

    shutil.move(colours.root / "red" / "1.png", colours.root / "blue" / "101.png")
    found = doubts_about(scan(colours.root), index, engine)
    assert sum(engine.described) == 36
    assert found.doubts == ()


def test_another_way_of_resizing_is_another_look(colours: Project, index: Index) -> None:
    engine = FakeEngine()
    doubts_about(colours, index, engine)
    other = replace(colours, config=with_setting(colours.config, "resize_mode", "stretch"))
    doubts_about(other, index, engine)
    assert sum(engine.described) == 72


def test_kept_features_that_are_damaged_are_computed_again(colours: Project, index: Index) -> None:
    engine = FakeEngine()
    doubts_about(colours, index, engine)
    mark = next(iter(index.find(colours.samples).values())).fingerprint
    index.store_features(f"{engine.feature_kind().name}-crop", {mark: np.zeros(2, np.float32)})
    doubts_about(colours, index, engine)
    assert sum(engine.described) == 37


def test_a_cancel_keeps_what_was_computed_so_far(colours: Project, index: Index) -> None:
    class Impatient(TaskContext):
        def report(self, event: object) -> None:
            if isinstance(event, Progress) and event.words.startswith("Looking closely"):
                assert event.total == 36
                if event.done:
                    self.cancel()

    engine = FakeEngine()
    with pytest.raises(Cancelled):
        doubt_labels(engine, colours, index)(Impatient())
    doubts_about(colours, index, engine)
    assert engine.described == [32, 4]


def test_copies_of_a_picture_say_nothing_for_its_label(tmp_path: Path, index: Index) -> None:
    root = coloured_folder(tmp_path / "copies", {"red": 12, "blue": 12})
    stray = coloured_picture(root / "red" / "stray.png", "blue", seed="stray")
    for number in range(4):
        shutil.copy(stray, root / "red" / f"copy {number}.png")
    engine = FakeEngine()
    found = doubts_about(scan(root), index, engine)
    assert {each.path for each in found.doubts} == {
        "red/stray.png",
        *(f"red/copy {number}.png" for number in range(4)),
    }
    assert sum(engine.described) == 25


def test_what_cannot_be_compared_is_left_out_and_said(tmp_path: Path, index: Index) -> None:
    root = coloured_folder(tmp_path / "odd", {"red": 6, "blue": 6, "white": 1, "_unlabelled": 3})
    (root / "black").mkdir()
    (root / "red" / "broken.jpg").write_bytes(b"no picture")
    found = doubts_about(scan(root), index)
    assert found.compared == 12
    assert len(found.notes) == 2
    assert found.notes[0] == "1 picture cannot be read and is left out."
    assert found.notes[1].startswith("white has fewer than two different pictures")


@pytest.mark.parametrize("classes", [{}, {"red": 5}, {"red": 5, "blue": 1}])
def test_with_fewer_than_two_classes_it_is_said_what_is_needed(
    tmp_path: Path, index: Index, classes: dict[str, int]
) -> None:
    (tmp_path / "few").mkdir()
    project = scan(coloured_folder(tmp_path / "few", classes))
    with pytest.raises(StudioError, match="two classes"):
        doubts_about(project, index)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Project]:
    root = coloured_folder(
        tmp_path_factory.mktemp("trained"), {"red": 10, "green": 10, "blue": 10, "_unlabelled": 0}
    )
    for number, colour in enumerate(["green", "blue", "red", "blue"]):
        coloured_picture(root / "_unlabelled" / f"{number}.png", colour, seed=f"new {number}")
    (root / "_unlabelled" / "broken.png").write_bytes(b"")
    project = scan(root)
    config = with_setting(with_setting(project.config, "image_size", "32"), "epochs", "1")
    project = replace(project, config=config)
    return train_project(FakeEngine(), project)(TaskContext()), project


def unlabelled(project: Project) -> list[str]:
    return [sample.path for sample in project.samples if sample.class_name is None]


def test_classes_are_suggested_most_certain_first(trained: tuple[Run, Project]) -> None:
    run, project = trained
    found = suggest_classes(FakeEngine(), run, project, unlabelled(project))(TaskContext())
    assert {each.path: each.class_name for each in found.suggestions} == {
        "_unlabelled/0.png": "green",
        "_unlabelled/1.png": "blue",
        "_unlabelled/2.png": "red",
        "_unlabelled/3.png": "blue",
    }
    certainties = [each.probability for each in found.suggestions]
    assert certainties == sorted(certainties, reverse=True)
    assert (found.unreadable, found.without_class) == (1, 0)
    middle = certainties[1]
    assert found.above(middle) == found.suggestions[:2]


def test_a_class_that_was_removed_is_not_suggested_and_one_that_was_renamed_is(
    trained: tuple[Run, Project],
) -> None:
    run, project = trained
    red, green = project.image_class("red"), project.image_class("green")
    later = replace(project, classes=(red, replace(green, title="Grass")))
    found = suggest_classes(FakeEngine(), run, later, unlabelled(project))(TaskContext())
    assert {each.class_name for each in found.suggestions} == {"red", "green"}
    assert found.without_class == 2

    moved = replace(project, classes=(red, green, ImageClass("blue 2", "blue")))
    found = suggest_classes(FakeEngine(), run, moved, unlabelled(project))(TaskContext())
    assert {each.class_name for each in found.suggestions} == {"red", "green", "blue 2"}


def test_pictures_are_read_as_the_run_learned_them(
    trained: tuple[Run, Project], tmp_path: Path
) -> None:
    """The project's settings may have changed since; the run, which cuts, counts."""
    run, project = trained
    config = with_setting(
        with_setting(project.config, "image_size", "64"), "resize_mode", "stretch"
    )
    wide = Image.new("RGB", (48, 16), COLOURS["red"])
    wide.paste(COLOURS["green"], (16, 0, 32, 16))
    (tmp_path / "_unlabelled").mkdir()
    wide.save(tmp_path / "_unlabelled" / "wide.png")
    later = replace(scan(tmp_path), classes=project.classes, config=config)
    found = suggest_classes(FakeEngine(), run, later, ["_unlabelled/wide.png"])(TaskContext())
    assert [each.class_name for each in found.suggestions] == ["green"]


def test_nothing_to_ask_about_gives_no_suggestions(trained: tuple[Run, Project]) -> None:
    run, project = trained
    found = suggest_classes(FakeEngine(), run, project, ["gone.png"])(TaskContext())
    assert found.suggestions == ()
    assert (found.unreadable, found.without_class) == (0, 0)


def test_a_run_without_its_model_is_refused_with_a_sentence(
    trained: tuple[Run, Project], tmp_path: Path
) -> None:
    run, project = trained
    with pytest.raises(StudioError, match="missing"):
        suggest_classes(FakeEngine(), replace(run, folder=tmp_path), project, [])(TaskContext())


def test_suggesting_can_be_cancelled(trained: tuple[Run, Project]) -> None:
    run, project = trained
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        suggest_classes(FakeEngine(), run, project, unlabelled(project))(context)


def test_how_often_certain_answers_were_right_is_counted_on_validation_pictures(
    trained: tuple[Run, Project], tmp_path: Path
) -> None:
    run = replace(trained[0], folder=tmp_path)
    (tmp_path / PREDICTIONS_FILE).write_text(
        "path,split,true,predicted,probability,red,blue\n"
        "a,validation,red,red,0.99,0.99,0.01\n"
        "b,validation,blue,red,0.95,0.95,0.05\n"
        "c,validation,blue,red,0.94,0.94,0.06\n"
        "d,test,blue,red,0.99,0.99,0.01\n"
    )
    assert precision_above(run, 0.95) == Certainty(2, 1)
    assert precision_above(run, 0.999) == Certainty(0, 0)


@pytest.mark.parametrize("content", [None, "", "path,split\na,validation\n", "\0\xff"])
def test_without_kept_answers_nothing_is_claimed(
    trained: tuple[Run, Project], tmp_path: Path, content: str | None
) -> None:
    run = replace(trained[0], folder=tmp_path)
    if content is not None:
        (tmp_path / PREDICTIONS_FILE).write_text(content)
    assert precision_above(run, 0.5) == Certainty(0, 0)


def test_a_real_run_keeps_the_answers_that_this_needs(trained: tuple[Run, Project]) -> None:
    run, _ = trained
    assert precision_above(run, 0) == Certainty(run.counts["validation"], run.counts["validation"])


def test_a_class_that_is_switched_off_is_neither_doubted_nor_suggested(tmp_path: Path) -> None:
    project = scan(coloured_folder(tmp_path / "p", {"red": 8, "green": 8, "blue": 8}))
    off = tuple(replace(each, is_switched_on=each.name != "blue") for each in project.classes)
    with Index(None) as index:
        found = doubt_labels(FakeEngine(), replace(project, classes=off), index)(TaskContext())
    assert found.compared == 16
    assert not any("blue" in (each.class_name, each.suggested_class) for each in found.doubts)
