"""`cnnstudio explain`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.builders import coloured_picture
from tests.cli.conftest import Terminal


@pytest.mark.parametrize("method", ["gradcam", "occlusion"])
def test_the_picture_is_saved_with_its_heat_map(
    terminal: Terminal, run_folder: Path, tmp_path: Path, method: str
) -> None:
    picture, out = coloured_picture(tmp_path / "red.png", "red", "new"), tmp_path / "why.png"
    ran = terminal("explain", run_folder, picture, "--out", out, "--method", method, "--json")
    assert ran.code == 0
    last = ran.lines[-1]
    assert (last["event"], last["explained_class"], last["method"]) == ("finished", "red", method)
    assert last["probability"] > 0.5
    plain = np.asarray(Image.open(picture)).mean(axis=(0, 1))
    assert not np.allclose(np.asarray(Image.open(out)).mean(axis=(0, 1)), plain, atol=20)


def test_another_class_can_be_asked_about(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    picture, out = coloured_picture(tmp_path / "red.png", "red", "new"), tmp_path / "why.png"
    ran = terminal("explain", run_folder, picture, "--out", out, "--class", "green")
    assert ran.code == 0
    assert ran.out.startswith("green: ")
    assert out.is_file()


@pytest.mark.parametrize(("name", "kind"), [("why.JPG", "JPEG"), ("why.webp", "WEBP")])
def test_the_ending_says_what_kind_of_picture_is_saved(
    terminal: Terminal, run_folder: Path, tmp_path: Path, name: str, kind: str
) -> None:
    picture = coloured_picture(tmp_path / "red.png", "red", "new")
    ran = terminal("explain", run_folder, picture, "--out", tmp_path / name)
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / name) as saved:
        assert saved.format == kind
    refused = terminal("explain", run_folder, picture, "--out", tmp_path / "why.gif")
    assert refused.code == 2
    assert ".png, .jpg or .webp" in refused.err
    assert not (tmp_path / "why.gif").exists()


def test_a_class_it_does_not_know_is_said(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    picture, out = coloured_picture(tmp_path / "red.png", "red", "new"), tmp_path / "why.png"
    ran = terminal("explain", run_folder, picture, "--out", out, "--class", "horse")
    assert ran.code == 2
    assert "no class 'horse'" in ran.err
    assert not out.exists()


def test_a_picture_that_cannot_be_read_is_said(
    terminal: Terminal, run_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    ran = terminal("explain", run_folder, tmp_path / "broken.png", "--out", tmp_path / "why.png")
    assert ran.code == 1
    assert "cannot be read" in ran.err
