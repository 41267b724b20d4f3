"""A run is written whole, read back equal, and a damaged one hides no other."""

from __future__ import annotations

import csv
import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.config import RunConfig, with_setting
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.runs import (
    PredictionRecord,
    Run,
    SampleRecord,
    damaged_runs,
    list_runs,
    load_run,
    read_samples,
    rename_run,
    write_run,
)

AWKWARD = ("Hüte (帽子)", 'o\'neil "q", a;b')


def a_run(folder: Path, day: int = 1) -> Run:
    return Run(
        folder=folder,
        name="From scratch",
        created=datetime(2026, 3, day, 12, 0, 0, 5, tzinfo=UTC),
        config=with_setting(RunConfig(), "epochs", "2"),
        class_names=AWKWARD,
        class_titles=("Hats", "Quotes"),
        status="stopped",
        best_epoch=1,
        epochs=2,
        validation_accuracy=1 / 3,
        test_accuracy=None,
        images_per_second=123.4,
        seconds=9.87,
        device="CPU, 2 cores",
        precision="bfloat16",
        counts={"train": 8, "validation": 2, "test": 0},
        warnings=("Hats has 1 picture.",),
        history=(
            EpochEnded(1, 0.1, 0.5, float("inf"), 1 / 3, 100.0, 1.5, True),
            EpochEnded(2, 1e-9, 0.6, 0.2, 0.25, 100.0, 1.5, False),
        ),
        versions={"keras": "3.15.0"},
    )


def written(folder: Path, day: int = 1) -> Run:
    run = a_run(folder, day)
    folder.mkdir(parents=True)
    run.model_file.write_text("weights")
    name = f"{AWKWARD[0]}/{os.fsdecode(b'caf' + bytes([233]))}.png"
    samples = [
        SampleRecord(name, AWKWARD[0], "train", "aa"),
        SampleRecord("x", AWKWARD[1], "test", "b"),
    ]
    answer = PredictionRecord(name, "validation", AWKWARD[0], np.array([0.25, 0.75], np.float32))
    write_run(run, folder, samples, [answer])
    return run


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    assert load_run(run.folder) == run


def test_the_list_of_pictures_is_read_again_whatever_their_names(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    first, second = read_samples(run)
    assert os.fsencode(first.path).endswith(b"caf\xe9.png")
    assert (second.class_name, second.split, second.fingerprint) == (AWKWARD[1], "test", "b")


def test_the_config_says_all_that_is_needed_to_repeat_the_run(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    content = json.loads((run.folder / "config.json").read_text())
    assert content["config"]["training"]["epochs"] == 2
    assert content["class_names"] == list(AWKWARD)
    assert (content["seed"], content["precision"], content["versions"]) == (
        0,
        "bfloat16",
        {"keras": "3.15.0"},
    )


def test_predictions_are_a_table_with_a_column_for_each_class(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    with (run.folder / "predictions.csv").open(encoding="utf-8", errors="replace") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["split"], row["true"], row["predicted"]) == ("validation", *AWKWARD)
    assert (row["probability"], row[AWKWARD[0]], row[AWKWARD[1]]) == (
        "0.750000",
        "0.250000",
        "0.750000",
    )


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    for day in (2, 10, 1):
        written(tmp_path / f"run {day}", day)
    (tmp_path / ".draft-abc").mkdir()
    assert [run.created.day for run in list_runs(tmp_path)] == [10, 2, 1]
    assert damaged_runs(tmp_path) == []
    assert list_runs(tmp_path / "missing") == []


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", None),
        ("config.json", "{"),
        ("config.json", "[]"),
        ("metrics.json", None),
        ("metrics.json", '{"best_epoch": "x"}'),
        ("history.csv", "epoch,loss\n1,2\n"),
        ("model.keras", None),
    ],
)
def test_a_damaged_run_is_passed_over_with_its_reason(
    tmp_path: Path, file: str, content: str | None
) -> None:
    good = written(tmp_path / "good")
    written(tmp_path / "bad")
    if content is None:
        (tmp_path / "bad" / file).unlink()
    else:
        (tmp_path / "bad" / file).write_text(content)
    assert list_runs(tmp_path) == [good]
    (damaged,) = damaged_runs(tmp_path)
    assert damaged.folder == tmp_path / "bad"
    assert "bad" in damaged.reason


def test_a_folder_that_is_no_run_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(StudioError, match="run"):
            load_run(folder)


def test_a_run_gets_another_name_and_keeps_all_else(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    assert rename_run(run, "  Best 帽子 ") == replace(run, name="Best 帽子")
    assert load_run(run.folder) == replace(run, name="Best 帽子")
    with pytest.raises(StudioError):
        rename_run(run, "  ")


def test_a_run_may_move_to_another_place(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    shutil.move(run.folder, tmp_path / "elsewhere")
    assert load_run(tmp_path / "elsewhere") == replace(run, folder=tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("class_names", ["one", 2], "is damaged"),
        ("class_names", ["one"], "is damaged"),
        ("class_names", ["one", "two", "three"], "is damaged"),
        ("class_names", "ab", "is damaged"),
        ("schema_version", 99, "made by a newer version"),
        ("schema_version", "x", "is damaged"),
        ("schema_version", 1.5, "is damaged"),
    ],
)
def test_a_run_whose_description_makes_no_sense_is_refused_in_words(
    tmp_path: Path, key: str, value: object, words: str
) -> None:
    written(tmp_path / "run")
    file = tmp_path / "run" / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    with pytest.raises(StudioError, match=words):
        load_run(tmp_path / "run")
