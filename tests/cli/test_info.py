"""`cnnstudio info`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Terminal


def test_info_names_versions_and_folders(terminal: Terminal, home: Path) -> None:
    ran = terminal("info")
    assert ran.code == 0
    for words in ("CNN Studio", "Python 3.", "numpy", "settings", "Handwritten digits"):
        assert words in ran.out
    assert str(home) in ran.out


def test_info_as_json_is_one_line(terminal: Terminal, home: Path) -> None:
    ran = terminal("info", "--json")
    (line,) = ran.lines
    assert line["event"] == "finished"
    assert line["packages"]["numpy"]
    assert Path(line["folders"]["settings"]).is_relative_to(home)
    assert "devices" not in line


def test_info_creates_nothing(terminal: Terminal, home: Path) -> None:
    terminal("info")
    terminal("--help")
    assert list(home.iterdir()) == []


def test_devices_are_named_with_the_reason_for_no_gpu(terminal: Terminal) -> None:
    assert "No GPU was found." in terminal("info", "--devices").out
    devices = terminal("info", "--devices", "--json").last["devices"]
    assert devices["words"] == "CPU, 2 cores"
    assert devices["gpus"] == []
    assert devices["reason_without_gpu"] == "No GPU was found."


def test_a_package_that_is_missing_is_said_to_be(terminal: Terminal, monkeypatch: object) -> None:
    from cnnstudio.commands import info

    assert info._installed("no-such-package-anywhere") is None


def test_help_and_info_load_nothing_that_takes_time() -> None:
    program = """
import sys
from cnnstudio.commands.program import make_cli
cli = make_cli(lambda: 1 / 0, lambda *_: 1 / 0)
for arguments in (["--help"], ["train", "--help"], ["info"], ["info", "--json"], ["--version"]):
    assert cli.main(arguments, standalone_mode=False) == 0
heavy = {"tensorflow", "keras", "PySide6", "numpy", "cv2", "rich", "PIL"} & set(sys.modules)
sys.exit(f"loaded: {heavy}" if heavy else 0)
"""
    completed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stderr
