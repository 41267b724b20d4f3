"""The project file keeps titles, order and settings, and never keeps a folder from opening."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.config import RunConfig, with_setting
from cnnstudio.core.project import ImageClass, Project
from cnnstudio.core.storage import project_file


@pytest.fixture
def project(tmp_path: Path) -> Project:
    config = with_setting(RunConfig(), "epochs", "7")
    classes = (ImageClass("b", "Bees"), ImageClass("a", "Ants"))
    return Project(tmp_path, classes, config=config)


def test_what_was_saved_is_read_again(project: Project) -> None:
    project_file.save(project)
    saved = project_file.load(project.root)
    assert saved.config == project.config
    assert list(saved.titles.items()) == [("b", "Bees"), ("a", "Ants")]


@pytest.mark.parametrize(
    "damage", [b"", b'{"classes": [', b"[1, 2]", b"\xff\xfe\x00", b"[" * 100000]
)
def test_a_damaged_file_is_set_aside_and_the_defaults_hold(project: Project, damage: bytes) -> None:
    path = project.state_folder / "project.json"
    for _ in range(2):
        project_file.save(project)
        path.write_bytes(damage)
        assert project_file.load(project.root) == project_file.SavedProject()
        assert not path.exists()
    assert path.with_name("project.json.damaged").read_bytes() == damage
    assert path.with_name("project.json.damaged-2").read_bytes() == damage


def test_what_another_version_wrote_is_passed_over(project: Project) -> None:
    project_file.save(project)
    path = project.state_folder / "project.json"
    content = json.loads(path.read_text())
    content["schema_version"] = 9
    content["news"] = {"a": 1}
    content["classes"] += ["odd", {"name": 3}, {"name": "c", "title": None}]
    content["config"]["training"].update(epochs=8, batch_size="many", warp=9)
    path.write_text(json.dumps(content))
    saved = project_file.load(project.root)
    assert saved.config.training == replace(RunConfig().training, epochs=8)
    assert dict(saved.titles) == {"b": "Bees", "a": "Ants", "c": "c"}
