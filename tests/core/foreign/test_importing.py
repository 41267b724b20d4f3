"""A model from elsewhere becomes a run: whole, with what was guessed, or not at all."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.evaluation.caution import load_caution
from cnnstudio.core.evaluation.evaluation import kept_evaluation
from cnnstudio.core.foreign.choices import ImportChoices, guessed_choices
from cnnstudio.core.foreign.feeding import as_probabilities, kind_of
from cnnstudio.core.foreign.found_model import LARGEST_BYTES, MOST_CLASSES, FoundModel, kind_of_file
from cnnstudio.core.foreign.importing import import_model
from cnnstudio.core.foreign.labels import labels_in, read_labels
from cnnstudio.core.foreign.trying import ScalingTrial, TriedScaling, try_scalings
from cnnstudio.core.foreign.trying_words import doubt_words
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run, list_runs, load_run, read_samples
from cnnstudio.core.training import train_project
from tests.builders import COLOURS, coloured_folder
from tests.fakes import FakeEngine, write_fake_model

CLASSES = ("red", "green", "blue")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return scan(coloured_folder(tmp_path / "pictures", {"red": 10, "green": 10}))


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    file = tmp_path / "theirs" / "colours.tflite"
    file.parent.mkdir()
    return write_fake_model(file, [COLOURS[name] for name in CLASSES], CLASSES)


def looked_at(engine: FakeEngine, file: Path) -> tuple[FoundModel, ImportChoices]:
    found = engine.inspect_model(file, TaskContext())
    return found, guessed_choices(file, found)


def imported(engine: FakeEngine, file: Path, project: Project, scaling: str = "0..255") -> Run:
    found, choices = looked_at(engine, file)
    feeding = found.feeding(scaling=scaling)
    given = ImportChoices(choices.name, choices.titles, choices.labels_from, feeding)
    return import_model(engine, file, found, given, project)(TaskContext())


def test_the_scaling_that_is_right_most_often_is_found_on_the_projects_pictures(
    engine: FakeEngine, model_file: Path, project: Project
) -> None:
    found, choices = looked_at(engine, model_file)
    trial = try_scalings(engine, model_file, found, choices.titles, 8, "crop", project)(
        TaskContext()
    )
    assert (trial.labelled, len(trial.shown)) == (20, 6)
    right = {each.key: each.right for each in trial.tried}
    assert right["0..255"] == 20
    assert right["-1..1"] < 20
    assert found.scaling == "-1..1"
    assert trial.best_or(found.scaling) == "0..255"
    assert trial.is_best("0..255")


def a_trial(rights: dict[str, list[bool]]) -> ScalingTrial:
    """What became of as many pictures of class 0, by scaling."""
    tried = tuple(
        TriedScaling(key, np.array([[each, not each] for each in right], np.float32), sum(right))
        for key, right in rights.items()
    )
    count = len(next(iter(rights.values())))
    return ScalingTrial((), (0,) * count, tried)


def test_the_best_scaling_is_called_luck_where_it_may_be() -> None:
    eleven, nine = [True] * 11 + [False] * 21, [False] * 5 + [True] * 9 + [False] * 18
    noise = a_trial({"0..255": eleven, "0..1": nine, "-1..1": [False] * 32})
    assert doubt_words(noise) == "The difference may be by chance: 11 and 9 of 32 right."
    clear = a_trial({"0..255": [True] * 30 + [False] * 2, "0..1": nine})
    assert doubt_words(clear) == ""
    assert "right equally often, 9 of 32" in doubt_words(a_trial({"0..255": nine, "0..1": nine}))
    assert doubt_words(a_trial({"0..255": [True] * 3, "0..1": [False] * 3})) == "", "too few"


def test_an_imported_run_is_listed_judged_and_keeps_its_own_kind_of_file(
    engine: FakeEngine, model_file: Path, project: Project
) -> None:
    run = imported(engine, model_file, project)
    assert list_runs(project) == [load_run(run.folder)] == [run]
    assert run.model_file.name == "model.tflite"
    assert run.model_file.read_bytes() == model_file.read_bytes()
    assert (run.is_imported, run.imported_from) == (True, "colours.tflite")
    assert run.class_names == CLASSES
    assert (run.test_accuracy, run.counts["test"]) == (1.0, 20)
    kept = kept_evaluation(run, "test")
    assert len(kept) == 20
    assert kept.is_right.all()


def test_it_is_judged_by_the_same_test_pictures_as_runs_that_were_trained_here(
    engine: FakeEngine, model_file: Path, project: Project
) -> None:
    trained = train_project(engine, project)(TaskContext())
    run = imported(engine, model_file, project)
    parts = [
        {each.path for each in read_samples(one) if each.split == "test"} for one in (trained, run)
    ]
    assert parts[0] == parts[1] != set()
    assert run.counts["train"] == 0


def test_a_model_whose_classes_the_project_does_not_have_is_imported_without_a_figure(
    engine: FakeEngine, tmp_path: Path, project: Project
) -> None:
    file = write_fake_model(tmp_path / "two.onnx", [(0, 0, 0), (255, 255, 255)])
    run = imported(engine, file, project)
    assert run.class_titles == ("class 1", "class 2")
    assert run.accuracy is None
    assert not len(kept_evaluation(run, "test"))


def test_nothing_is_left_when_the_file_changes_or_the_user_cancels(
    engine: FakeEngine, model_file: Path, project: Project
) -> None:
    found, choices = looked_at(engine, model_file)
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        import_model(engine, model_file, found, choices, project)(context)
    write_fake_model(model_file, [(1, 2, 3), (4, 5, 6), (7, 8, 9)], CLASSES)
    with pytest.raises(StudioError, match="changed"):
        import_model(engine, model_file, found, choices, project)(TaskContext())
    assert not project.runs_folder.exists() or not list(project.runs_folder.iterdir())


def test_a_model_that_was_exported_here_brings_all_that_is_asked(
    engine: FakeEngine, tmp_path: Path
) -> None:
    file = write_fake_model(tmp_path / "ours.keras", [COLOURS["red"], COLOURS["blue"]])
    about = {
        "format": "cnnstudio-model",
        "schema_version": 1,
        "name": "Fast start",
        "class_names": ["red", "blue"],
        "class_titles": ["Red things", "Blue things"],
        "input": {"name": "pictures", "size_px": 8, "layout": "NHWC", "range": [0, 255]},
        "resize": {"mode": "pad"},
        "outputs": {"probabilities": "probabilities", "distance": None},
        "test": {"accuracy": 0.9, "pictures": 50},
        "not_sure": {"least_probability": 0.8, "farthest": 0.3, "left_out": ""},
    }
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("model.json", json.dumps(about))
        archive.writestr("config.json", json.dumps({"name": "x", "compile_config": {"loss": "y"}}))
    found, choices = looked_at(engine, file)
    assert choices.is_exported
    assert choices.name == "Fast start"
    assert choices.titles == ("Red things", "Blue things")
    assert (choices.resize_mode, choices.feeding.scaling) == ("pad", "0..255")
    run = import_model(engine, file, found, choices, out=tmp_path / "run")(TaskContext())
    caution = load_caution(run.folder)
    assert caution is not None
    assert caution.least_probability == 0.8
    assert any("unlike those" in words for words in run.warnings)
    # All of the file is kept but how it was compiled, which nobody builds.
    with zipfile.ZipFile(file) as given, zipfile.ZipFile(run.model_file) as kept:
        assert json.loads(kept.read("config.json")) == {"name": "x"}
        assert kept.namelist() == given.namelist()
        assert kept.read("model.json") == given.read("model.json")


def test_names_beside_the_file_are_taken_where_it_has_none(
    engine: FakeEngine, tmp_path: Path
) -> None:
    file = write_fake_model(tmp_path / "two.tflite", [(0, 0, 0), (255, 255, 255)])
    (tmp_path / "labels.txt").write_text("0 dark\n1 light\n")
    _, choices = looked_at(engine, file)
    assert choices.titles == ("dark", "light")
    assert "beside" in choices.labels_from


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat\r\n\r\n dog \n", ("cat", "dog")),
        ("0: cat\n1: dog", ("cat", "dog")),
        ("7 cats\n9 dogs", ("7 cats", "9 dogs")),
        ('["cat", "dog"]', ("cat", "dog")),
        ("{0: 'cat', 1: 'dog'}", ("cat", "dog")),
        ('{"1": "dog", "0": "cat"}', ("cat", "dog")),
        ("{0: __import__('os').system('true')}", ()),
        ("[" * 5000, ()),
        ('{"0": "cat", "5": "dog"}', ()),
    ],
)
def test_lists_of_names_are_read_in_all_their_ways_and_never_run(
    text: str, names: tuple[str, ...]
) -> None:
    assert labels_in(text.encode()) == names


@pytest.mark.parametrize(
    "text",
    [
        "x\n" * (MOST_CLASSES + 1),
        "[" + '"x",' * MOST_CLASSES + '"x"]',
        "[" + "'x'," * 900_000 + "'x']",  # Python's own way to read it takes 15 seconds
    ],
)
def test_a_list_of_more_names_than_any_model_has_is_refused_before_the_work(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "names.txt").write_text(text)
    began = time.process_time()
    with pytest.raises(StudioError, match="too long for a list of class names: up to 20,000"):
        read_labels(tmp_path / "names.txt")
    assert time.process_time() - began < 1


def test_equal_names_get_a_number_and_that_is_said(engine: FakeEngine, tmp_path: Path) -> None:
    file = write_fake_model(tmp_path / "m.tflite", [(1, 2, 3)] * 4, ["crane", "owl", "Crane", "x"])
    _, choices = looked_at(engine, file)
    assert choices.titles == ("crane", "owl", "Crane (2)", "x")
    assert choices.labels_words == 'From the model file. Equal names got a number: "Crane (2)".'
    assert choices.with_names(["a", "b", "c", "d"]).labels_words == "From the model file."


def test_scores_become_probabilities_and_probabilities_stay() -> None:
    scores = np.array([[2.0, 0.0, -3.0]], np.float32)
    shares = np.array([[0.9, 0.8, 0.1]], np.float32)
    sure = np.array([[0.7, 0.3]], np.float32)
    one = np.array([[0.2]], np.float32)
    assert [kind_of(rows) for rows in (scores, shares, sure, one)] == [
        "scores",
        "shares",
        "probabilities",
        "one probability",
    ]
    softmax = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(as_probabilities(scores, "scores"), softmax, rtol=1e-6)
    np.testing.assert_allclose(as_probabilities(shares, "shares")[0], [0.5, 8 / 18, 1 / 18], 1e-4)
    assert as_probabilities(sure, "probabilities").tolist() == sure.tolist()
    np.testing.assert_allclose(as_probabilities(one, "one probability"), [[0.8, 0.2]])
    with pytest.raises(StudioError, match="no number"):
        as_probabilities(np.array([[np.nan, 1]]), "scores")


def test_files_that_are_too_large_or_no_models_are_refused_unread(tmp_path: Path) -> None:
    large = tmp_path / "large.onnx"
    with large.open("wb") as stream:
        stream.truncate(LARGEST_BYTES + 1)
    for file, words in (
        (large, "1 GB"),
        (tmp_path / "old.h5", "no model that can be imported"),
        (tmp_path, "folder"),
        (tmp_path / "missing.tflite", "cannot be read"),
    ):
        with pytest.raises(StudioError, match=words):
            kind_of_file(file)
