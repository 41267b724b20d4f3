"""Getting ONNX Runtime Web: never anything but exactly that package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cnnstudio.core.errors import Cancelled, StudioError
from cnnstudio.core.exporting.onnxruntime_web import (
    SCRIPT_FILE,
    WASM_FILE,
    fetch,
    found_or_fetched,
    kept_in,
    take_from,
)


def never() -> None:
    """Nobody cancels."""


def fake_npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin")


def test_files_that_were_changed_are_not_used(tmp_path: Path) -> None:
    assert kept_in(tmp_path) is None
    for name in (SCRIPT_FILE, WASM_FILE):
        (tmp_path / name).write_bytes(b"something else")
    assert kept_in(tmp_path) is None


def test_another_package_file_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    archive = tmp_path / "onnxruntime-web-1.30.0.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(StudioError, match=r"is not the npm package onnxruntime-web@1\.30\.0"):
        take_from(archive, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_without_npm_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StudioError, match="npm is not installed") as raised:
        found_or_fetched(tmp_path / "cache", never)
    assert "Install Node.js" in raised.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a shell script")
def test_without_network_and_with_something_else_sent_a_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_npm(tmp_path / "offline", "exit 1", monkeypatch)
    with pytest.raises(StudioError, match="is there a network"):
        fetch(tmp_path / "kept", never)
    fake_npm(tmp_path / "wrong", "echo something else > onnxruntime-web-1.30.0.tgz", monkeypatch)
    with pytest.raises(StudioError, match="is not the npm package"):
        fetch(tmp_path / "kept", never)
    assert not (tmp_path / "kept").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a shell script")
def test_fetching_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path / "slow", "exec sleep 60", monkeypatch)

    def cancel() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fetch(tmp_path / "kept", cancel)
