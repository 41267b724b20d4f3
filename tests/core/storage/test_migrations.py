"""Files of older versions become those of this one: in memory, and never half."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core import runs
from cnnstudio.core.errors import StudioError
from cnnstudio.core.runs import load_run, rename_run
from cnnstudio.core.storage import project_file
from cnnstudio.core.storage.migrations import NoSuchVersion, migrated

STORED = Path(__file__).parents[2] / "stored_runs"


def of_version_0(content: dict[str, Any]) -> dict[str, Any]:
    """A made-up version, in which classes were called labels and titles did not exist."""
    old = {**content, "schema_version": 0, "labels": content["class_names"]}
    del old["class_names"], old["class_titles"]
    return old


def to_version_1(content: dict[str, Any]) -> dict[str, Any]:
    return {**content, "class_names": content["labels"]}


def test_a_run_of_an_old_version_is_read_as_one_of_today_and_its_file_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(STORED / "0.1.0" / "run", tmp_path / "run")
    today = load_run(folder)
    file = folder / "config.json"
    file.write_text(old := json.dumps(of_version_0(json.loads(file.read_text()))))
    with pytest.raises(StudioError, match="damaged"):
        load_run(folder)
    monkeypatch.setattr(runs, "RUN_STEPS", {0: to_version_1})
    assert load_run(folder) == today
    assert file.read_text() == old
    # It is written anew as a whole, as one of today.
    rename_run(load_run(folder), "Renamed")
    written = json.loads(file.read_text())
    assert written["schema_version"] == 1
    assert written["class_names"] == ["green", "red"]
    assert "labels" not in written


def test_steps_follow_each_other_and_change_nothing_that_was_given() -> None:
    steps = {
        0: lambda content: {**content, "seen": ["0 to 1"]},
        1: lambda content: {**content, "seen": [*content["seen"], "1 to 2"]},
    }
    given = {"schema_version": 0}
    assert migrated(given, 2, steps, "It")["seen"] == ["0 to 1", "1 to 2"]
    assert given == {"schema_version": 0}
    assert migrated({"schema_version": 2}, 2, steps, "It") == {"schema_version": 2}
    for nonsense in (-1, 1.5, 2.0, "1", "x", None, True, float("inf"), []):
        with pytest.raises(NoSuchVersion):
            migrated({"schema_version": nonsense}, 2, steps, "It")


def test_the_project_file_of_every_released_version_is_read(tmp_path: Path) -> None:
    for version in STORED.iterdir():
        root = tmp_path / version.name
        (root / ".cnnstudio").mkdir(parents=True)
        shutil.copy(version / "project.json", root / ".cnnstudio")
        saved = project_file.load(root)
        assert [each.title for each in saved.classes] == ["Green things", "red"]
        assert saved.config.training.image_size == 16


@pytest.mark.parametrize("version", [each.name for each in STORED.iterdir()])
def test_a_run_of_every_released_version_is_read(version: str) -> None:
    run = load_run(STORED / version / "run")
    assert run.versions["cnnstudio"] == version
    assert run.class_titles == ("green", "red")
    assert run.test_accuracy == 1.0
    assert len(run.history) == run.epochs == 3
    assert runs.read_samples(run)
