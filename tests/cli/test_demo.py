"""`cnnstudio demo`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.sample import PICTURE_SIZE_PX
from cnnstudio.folders import sample_project_folder
from tests.builders import coloured_folder
from tests.cli.conftest import Terminal

ROOT = Path(__file__).resolve().parents[2]


def test_in_the_terminal_it_trains_predicts_and_says_where_everything_is(
    terminal: Terminal,
) -> None:
    ran = terminal("demo", "--headless", "--epochs", 2)
    assert ran.code == 0
    assert "Epoch   2" in ran.out
    assert "Test:" in ran.out
    assert ran.out.count("digit_") == 5
    assert f"The pictures are in {sample_project_folder()}" in ran.out
    assert "The run is in" in ran.out
    assert len(scan(sample_project_folder()).samples) == 1797
    assert terminal.windows == []


def test_as_json_it_has_epochs_predictions_and_the_run(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    ran = terminal("demo", "--folder", folder, "--epochs", 1, "--json")
    assert [line["event"] for line in ran.lines] == ["epoch", *["prediction"] * 5, "finished"]
    assert Path(ran.last["run"]).is_relative_to(folder)
    assert ran.last["project"] == str(folder)
    assert len({line["path"] for line in ran.lines[1:6]}) == 5


def test_with_a_display_the_window_opens_on_the_sample_and_trains(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert terminal("demo").code == 0
    assert terminal.windows == [(sample_project_folder(), True)]
    project = scan(sample_project_folder())
    assert project.config.training.image_size == PICTURE_SIZE_PX
    assert not project.config.augmentation.horizontal_flip


def test_without_a_display_it_says_why_and_goes_on_in_the_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    ran = terminal("demo", "--epochs", 1)
    assert ran.code == 0
    assert "DISPLAY" in ran.err.splitlines()[0]
    assert "Test:" in ran.out
    assert terminal.windows == []


def test_a_folder_of_other_pictures_is_not_taken_for_the_sample(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = coloured_folder(tmp_path / "mine", {"red": 3, "green": 3})
    ran = terminal("demo", "--headless", "--folder", folder)
    assert ran.code == 1
    assert "something else" in ran.err
    assert not (folder / ".cnnstudio").exists()


def test_the_sample_may_lose_its_settings(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    terminal("demo", "--headless", "--folder", folder, "--epochs", 1)
    (folder / ".cnnstudio" / "project.json").unlink()
    assert terminal("demo", "--headless", "--folder", folder, "--epochs", 1).code == 0
    assert scan(folder).config.training.image_size == PICTURE_SIZE_PX


def test_the_demo_with_the_real_engine_gets_most_digits_right(
    tmp_path: Path, kept_networks: Path
) -> None:
    command = [sys.executable, "-m", "cnnstudio", "demo", "--headless", "--epochs", "4", "--json"]
    ran = subprocess.run(
        [*command, "--folder", str(tmp_path / "digits")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(kept_networks.parent)},
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert lines[-1]["test_accuracy"] > 0.9
    right = [Path(line["path"]).parent.name == line["predicted_class"] for line in lines[4:9]]
    assert sum(right) >= 3


@pytest.mark.slow
def test_the_whole_demo_gets_19_of_20_digits_right(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cnnstudio", "demo", "--headless", "--json"]
    ran = subprocess.run(
        [*command, "--folder", str(tmp_path / "digits")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["test_accuracy"] >= 0.95
