"""The list of recent projects."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.storage import recents


def make(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir(exist_ok=True)
    return tmp_path / name


def test_the_project_opened_last_comes_first_and_only_once(tmp_path: Path) -> None:
    one, two = make(tmp_path, "one"), make(tmp_path, "two ü")
    for root in (one, two, one):
        recents.add(tmp_path / "settings", root)
    assert recents.load(tmp_path / "settings") == [one, two]
    recents.remove(tmp_path / "settings", one)
    assert recents.load(tmp_path / "settings") == [two]


def test_a_project_whose_drive_is_gone_comes_back_with_it(tmp_path: Path) -> None:
    one, two = make(tmp_path, "one"), make(tmp_path, "two")
    recents.add(tmp_path, one)
    one.rename(tmp_path / "away")
    recents.add(tmp_path, two)
    assert recents.load(tmp_path) == [two]
    (tmp_path / "away").rename(one)
    assert recents.load(tmp_path) == [two, one]


@pytest.mark.parametrize("text", ["", "{}", '[3, null, "\\u0000"]'])
def test_a_damaged_list_counts_as_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "recent_projects.json").write_text(text)
    assert recents.load(tmp_path) == []


def test_the_list_has_an_end(tmp_path: Path) -> None:
    for number in range(30):
        recents.add(tmp_path, make(tmp_path, str(number)))
    assert len(recents.load(tmp_path)) == recents.MOST
