"""`cnnstudio [PROJECT]`: a folder opens the window, anything else has to be a command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal


def test_without_arguments_the_window_opens_on_its_start_page(terminal: Terminal) -> None:
    assert terminal().code == 0
    assert terminal.windows == [(None, False)]


def test_a_folder_opens_in_the_window(terminal: Terminal, pictures: Path) -> None:
    assert terminal(pictures).code == 0
    assert terminal("open", pictures).code == 0
    assert terminal.windows == [(pictures, False), (pictures, False)]


def test_a_folder_named_like_a_command_opens_by_the_command_open(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "check").mkdir()
    monkeypatch.chdir(tmp_path)
    assert terminal("open", "check").code == 0
    assert terminal.windows == [(Path("check"), False)]


@pytest.mark.parametrize("name", ["trian", "no such folder", "x" * 5000, "a\0b", ""])
def test_what_is_neither_command_nor_folder_is_a_usage_error_that_names_the_commands(
    terminal: Terminal, name: str
) -> None:
    ran = terminal(name)
    assert ran.code == 2
    assert ran.out == ""
    for command in ("open", "demo", "info", "check", "summary", "train", "evaluate", "predict"):
        assert command in ran.err
    assert terminal.windows == []


def test_a_misspelt_command_gets_a_guess(terminal: Terminal) -> None:
    assert "Did you mean train?" in terminal("trian").err


def test_a_project_that_is_not_there_is_explained(terminal: Terminal, tmp_path: Path) -> None:
    ran = terminal("open", tmp_path / "gone")
    assert ran.code == 1
    assert "There is no folder" in ran.err


def test_without_a_display_one_sentence_says_so(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    ran = terminal()
    assert ran.code == 1
    assert "DISPLAY" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert terminal.windows == []


def test_the_windows_exit_code_is_the_programs(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "_open_window", lambda *_: 3)
    assert terminal().code == 3


def test_help_lists_every_command_and_how_to_open_a_project(terminal: Terminal) -> None:
    ran = terminal("--help")
    assert ran.code == 0
    assert "[PROJECT | COMMAND" in ran.out
    for command in ("open", "demo", "info", "check", "summary", "train", "evaluate", "predict"):
        assert f"\n  {command} " in ran.out
        assert terminal(command, "--help").code == 0


def test_the_version_is_said(terminal: Terminal) -> None:
    ran = terminal("--version")
    assert ran.code == 0
    assert ran.out.startswith("cnnstudio ")
    assert ran.out.strip() != "cnnstudio unknown"


def test_folders_under_other_names_for_the_current_one_open(
    terminal: Terminal, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures)
    assert terminal(".").code == 0
    assert terminal(f"..{os.sep}{pictures.name}").code == 0
    assert len(terminal.windows) == 2
