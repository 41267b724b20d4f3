"""Shipped files are found from a checkout and in a frozen application."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.core.resources import resource_path


def test_a_checkout_has_its_resources() -> None:
    assert resource_path("sample", "digits.png").is_file()


def test_a_frozen_application_reads_its_own_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "cnnstudio" / "resources" / "help" / "help.md"
    own.parent.mkdir(parents=True)
    own.write_text("frozen")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_path("help", "help.md").read_text() == "frozen"


def test_a_missing_resource_is_told_in_a_sentence() -> None:
    with pytest.raises(StudioError, match=r"resources/icons/none\.svg") as caught:
        resource_path("icons", "none.svg")
    assert "Install" in caught.value.hint
