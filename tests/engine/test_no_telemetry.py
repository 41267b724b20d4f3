"""ONNX Runtime reports to its makers by itself: neither the program nor sample code lets it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio.core.resources import resource_path

_REPORTING = ("ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI")


@pytest.mark.parametrize("program", ["import cnnstudio.engine.foreign.onnx_runner", "classify.py"])
def test_nothing_is_kept_to_be_reported(program: str, tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "export"
    home.mkdir()
    folder.mkdir()
    (folder / "model.json").write_text("{}", encoding="utf-8")
    shutil.copy(resource_path("export", "classify_onnx.py"), folder / "classify.py")
    shutil.copy(resource_path("export", "pictures.py"), folder)
    environment = {name: value for name, value in os.environ.items() if name not in _REPORTING}
    environment |= {"HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("XDG_CACHE_HOME", None)
    asked = [program, "--help"] if program.endswith(".py") else ["-c", program]
    here = folder if program.endswith(".py") else Path.cwd()
    subprocess.run([sys.executable, *asked], check=True, cwd=here, env=environment, timeout=120)
    assert not [each for each in home.rglob("*") if "icrosoft" in str(each) or ".ses" in each.name]
