"""The project file keeps titles, order and settings, and never keeps a folder from opening."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.config import RunConfig, with_setting
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import ImageClass, Project
from cnnstudio.core.storage import project_file


@pytest.fixture
def project(tmp_path: Path) -> Project:
    config = with_setting(RunConfig(), "epochs", "7")
    bees = ImageClass("b", "Bees", 3, "x", "with wings", is_switched_on=False)
    classes = (bees, ImageClass("a", "Ants"))
    return Project(tmp_path, classes, config=config, ignored_findings=frozenset({"k"}))


def test_what_was_saved_is_read_again(project: Project) -> None:
    project_file.save(project)
    saved = project_file.load(project.root)
    assert saved.config == project.config
    assert saved.classes == project.classes
    assert saved.ignored_findings == {"k"}


def test_classes_of_a_file_without_colours_get_different_ones(project: Project) -> None:
    project_file.save(project)
    path = project.state_folder / "project.json"
    names = [{"name": name, "title": name} for name in "abc"]
    path.write_text(json.dumps({"schema_version": 1, "classes": names}))
    assert [each.colour for each in project_file.load(project.root).classes] == [0, 1, 2]


def test_a_kill_between_saving_and_moving_loses_nothing_said_of_a_class(project: Project) -> None:
    renamed = replace(project, classes=(replace(project.classes[0], name="z"), project.classes[1]))
    project_file.save(renamed, also=project.classes)
    known = {each.name: each for each in project_file.load(project.root).classes}
    assert known["b"] == project.classes[0]
    assert known["z"].note == "with wings"


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


@pytest.mark.parametrize("version", [0, -1, 1.5, "x", None])
def test_a_file_of_a_version_that_never_was_is_set_aside_and_that_is_said(
    project: Project, version: object
) -> None:
    project_file.save(project)
    path = project.state_folder / "project.json"
    path.write_text(odd := json.dumps({**json.loads(path.read_text()), "schema_version": version}))
    assert project_file.load(project.root, is_read_only=True).classes == ()
    assert path.read_text() == odd, "only looked at"
    trouble = project_file.load(project.root).trouble
    assert trouble is not None
    assert f"of version {json.dumps(version)}, and there is no such version" in trouble.sentence
    assert "kept as .cnnstudio/project.json.damaged" in trouble.hint
    assert path.with_name("project.json.damaged").read_text() == odd


def test_saving_writes_over_nothing_that_it_cannot_read(project: Project) -> None:
    """Another program may have put it there since the project was opened."""
    path = project.state_folder / "project.json"
    path.parent.mkdir()
    path.write_text("torn")
    project_file.save(project)
    assert path.with_name("project.json.damaged").read_text() == "torn"
    assert project_file.load(project.root).classes == project.classes
    path.write_text(newer := json.dumps({"schema_version": 9}))
    with pytest.raises(StudioError, match="newer version"):
        project_file.save(project)
    assert path.read_text() == newer


def test_a_project_of_a_newer_version_is_refused_and_stays_as_it_is(project: Project) -> None:
    project_file.save(project)
    path = project.state_folder / "project.json"
    content = json.loads(path.read_text())
    path.write_text(newer := json.dumps({**content, "schema_version": 9}))
    with pytest.raises(StudioError, match="newer version"):
        project_file.load(project.root)
    assert path.read_text() == newer


def test_what_is_unknown_is_passed_over(project: Project) -> None:
    project_file.save(project)
    path = project.state_folder / "project.json"
    content = json.loads(path.read_text())
    content["news"] = {"a": 1}
    odd = {"name": "c", "title": None, "key": 7, "colour": "red", "note": []}
    content["classes"] += ["odd", {"name": 3}, odd]
    content["config"]["training"].update(epochs=8, batch_size="many", warp=9)
    path.write_text(json.dumps(content))
    saved = project_file.load(project.root)
    assert saved.config.training == replace(RunConfig().training, epochs=8)
    assert [each.title for each in saved.classes] == ["Bees", "Ants", "c"]
