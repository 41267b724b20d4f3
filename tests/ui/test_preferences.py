"""What a person prefers is kept, and a damaged file never keeps the window from opening."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.ui.preferences import Preferences, load_preferences, save_preferences


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load_preferences(tmp_path / "missing") == Preferences()


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    preferences = replace(Preferences(), theme="dark")
    save_preferences(tmp_path / "new" / "folder", preferences)
    assert load_preferences(tmp_path / "new" / "folder") == preferences


def test_only_what_differs_is_stored_so_that_better_defaults_reach_everybody(
    tmp_path: Path,
) -> None:
    save_preferences(tmp_path, replace(Preferences(), theme="light"))
    assert json.loads((tmp_path / "preferences.json").read_text()) == {"theme": "light"}
    save_preferences(tmp_path, Preferences())
    assert json.loads((tmp_path / "preferences.json").read_text()) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"dark"',
        b'{"theme": "purple"}',
        b'{"theme": 3}',
        b'{"theme": null, "from_the_future": true}',
        b"\xff\xfe\x00broken",
    ],
)
def test_what_is_damaged_or_unknown_takes_its_default(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "preferences.json").write_bytes(content)
    assert load_preferences(tmp_path) == Preferences()


def test_what_is_unknown_does_not_take_what_is_known_with_it(tmp_path: Path) -> None:
    (tmp_path / "preferences.json").write_text('{"theme": "dark", "from_the_future": true}')
    assert load_preferences(tmp_path).theme == "dark"


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(StudioError, match="could not be written"):
        save_preferences(tmp_path / "a file", replace(Preferences(), theme="dark"))
