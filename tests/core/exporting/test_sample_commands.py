"""The sample code at a terminal: one odd name costs no other picture its answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from cnnstudio.core.resources import resource_path

RUNTIME = """
import types
class InferenceSession:
    def __init__(self, path): pass
    def get_outputs(self): return [types.SimpleNamespace(name="probabilities")]
    def run(self, names, given): return [[[0.25, 0.75]]]
"""
CARD = {
    "class_names": ["cat", "dog"],
    "input": {"size_px": 8},
    "resize": {"mode": "crop"},
    "not_sure": {"least_probability": 0.5, "farthest": None},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(resource_path("export", "classify_onnx.py"), tmp_path / "classify.py")
    shutil.copy(resource_path("export", "pictures.py"), tmp_path)
    (tmp_path / "onnxruntime.py").write_text(RUNTIME, encoding="utf-8")
    (tmp_path / "model.json").write_text(json.dumps(CARD), encoding="utf-8")
    Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
    return tmp_path


def asked(folder: Path, encoding: str, *given: str | bytes, said: bytes = b"") -> tuple[int, bytes]:
    ran = subprocess.run(
        [sys.executable, "classify.py", *given],
        cwd=folder,
        input=said,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert b"Traceback" not in ran.stderr
    return ran.returncode, ran.stdout.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("encoding", ["utf-8:strict", "cp1252"])
def test_a_name_that_the_terminal_cannot_show_stops_nothing(folder: Path, encoding: str) -> None:
    Image.new("RGB", (8, 8)).save(folder / "帽子.png")
    code, told = asked(folder, encoding, "帽子.png", "missing.png", "plain.png")
    first, second, third = told.decode("utf-8").splitlines()
    assert code == 0
    assert first.endswith(".png: dog (75.0%)")
    assert second.startswith("missing.png: not read, ")
    assert third == "plain.png: dog (75.0%)"


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_answered_and_spelled_out(folder: Path) -> None:
    odd = b"caf\xe9.png"
    shutil.copy(folder / "plain.png", folder / os.fsdecode(odd))
    expected = (0, b"caf\\udce9.png: dog (75.0%)\nplain.png: dog (75.0%)\n")
    assert asked(folder, "utf-8:strict", odd, "plain.png") == expected
    assert asked(folder, "utf-8:strict", said=odd + b"\nplain.png\n") == expected


def test_it_ends_with_1_where_no_picture_could_be_read(folder: Path) -> None:
    code, told = asked(folder, "utf-8:strict", "missing.png", "--json")
    assert code == 1
    assert json.loads(told)["path"] == "missing.png"
