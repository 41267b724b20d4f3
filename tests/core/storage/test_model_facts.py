"""A model file can be used without the run that it came from."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cnnstudio.core.storage.model_facts import MEMBER, ModelFacts, add_facts, read_facts

FACTS = ModelFacts(("a", "b"), ("Äpfel", "Birnen"), 224, "pad", "fast", "0.4")


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    return path


def test_what_was_added_is_read_again_and_the_rest_stays(model_file: Path) -> None:
    add_facts(model_file, FACTS)
    assert read_facts(model_file) == FACTS
    with zipfile.ZipFile(model_file) as archive:
        assert archive.read("config.json") == b"{}"


def test_a_file_without_facts_has_none(model_file: Path, tmp_path: Path) -> None:
    assert read_facts(model_file) is None
    assert read_facts(tmp_path / "missing.keras") is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"resize_mode": "crop"}', '{"resize_mode": "blur"}', "[" * 9999]
)
def test_nonsense_is_no_facts(model_file: Path, content: str) -> None:
    with zipfile.ZipFile(model_file, "a") as archive:
        archive.writestr(MEMBER, content)
    assert read_facts(model_file) is None
