"""Pinned pictures: kept with the project, asked about after every epoch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.config import with_setting
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import PinsAnswered, PinsFollowed
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import NamedBytes
from cnnstudio.core.project import Project
from cnnstudio.core.storage.pins import add_pins, load_pins, remove_pin
from cnnstudio.core.training import train_project
from tests.builders import coloured_folder, coloured_picture
from tests.fakes import FakeEngine


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = coloured_folder(tmp_path / "project", {"red": 8, "green": 8, "blue": 8}, size=64)
    project = scan(root)
    return replace(project, config=with_setting(project.config, "epochs", "2"))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere.png"
    coloured_picture(path, "red", seed="elsewhere")
    return path


def test_pins_outlive_the_files_they_came_from(project: Project, outside: Path) -> None:
    inside = project.absolute(project.samples[0])
    pins = add_pins(project.root, [outside, inside])
    outside.unlink()
    assert load_pins(project.root) == pins
    assert [each.file_name for each in pins] == ["elsewhere.png", inside.name]
    assert pins[1].file.read_bytes() == inside.read_bytes()
    assert add_pins(project.root, [inside]) == pins, "it is pinned already"
    assert len(scan(project.root).samples) == 24, "copies are no pictures of the project"


def test_a_pin_can_be_taken_away(project: Project, outside: Path) -> None:
    (pin,) = add_pins(project.root, [NamedBytes("pasted picture", outside.read_bytes())])
    assert pin.file_name == "pasted picture"
    assert remove_pin(project.root, pin.fingerprint) == ()
    assert load_pins(project.root) == ()
    assert not pin.file.exists()


def test_too_many_or_unreadable_ones_change_nothing(project: Project, tmp_path: Path) -> None:
    files = [project.absolute(sample) for sample in project.samples]
    pins = add_pins(project.root, files[:6])
    with pytest.raises(StudioError, match="No more than 6"):
        add_pins(project.root, files[6:8])
    remove_pin(project.root, pins[0].fingerprint)
    (tmp_path / "words.png").write_text("no picture")
    with pytest.raises(StudioError):
        add_pins(project.root, [tmp_path / "words.png"])
    assert load_pins(project.root) == pins[1:]


@pytest.mark.parametrize("words", ["{", '{"pins": [{"name": "a", "fingerprint": "../../x"}]}'])
def test_a_damaged_list_has_no_pins(project: Project, words: str) -> None:
    folder = project.state_folder / "pins"
    folder.mkdir(parents=True)
    (folder / "pins.json").write_text(words)
    assert load_pins(project.root) == ()


@pytest.mark.parametrize("preset", ["fast", "classic"])
def test_a_training_answers_about_its_pins(project: Project, outside: Path, preset: str) -> None:
    (pin,) = add_pins(project.root, [outside])
    config = with_setting(with_setting(project.config, "preset", preset), "image_size", "32")
    config = with_setting(config, "epochs", "2")
    events: list[object] = []
    train_project(FakeEngine(), replace(project, config=config))(TaskContext(events.append))
    followed = next(each for each in events if isinstance(each, PinsFollowed))
    assert followed.fingerprints == (pin.fingerprint,)
    assert followed.class_names == ("blue", "green", "red")
    answered = [each for each in events if isinstance(each, PinsAnswered)]
    assert [each.epoch for each in answered] == [1, 2]
    first, last = (max(range(3), key=each.answers[0].__getitem__) for each in answered)
    assert (first, last) == (0, 2), "at first it took red for blue"


def test_without_pins_nothing_is_asked(project: Project) -> None:
    events: list[object] = []
    train_project(FakeEngine(), project)(TaskContext(events.append))
    assert not any(isinstance(each, PinsFollowed | PinsAnswered) for each in events)
