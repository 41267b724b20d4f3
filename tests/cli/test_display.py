"""Whether a window can open, and the one sentence when it cannot."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio.display import (
    PACKAGES_OF_LIBRARIES,
    missing_qt_libraries,
    reason_without_window,
)
from tests.cli.conftest import Terminal

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems always have a display"
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_display_there_is_a_reason() -> None:
    assert "DISPLAY" in (reason_without_window() or "")


def test_a_display_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":7654")
    assert ":7654" in (reason_without_window() or "")


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600"])
def test_a_platform_without_a_screen_is_taken_at_its_word(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert reason_without_window() is None


def test_x11_wanted_without_a_display_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert reason_without_window() is not None


def test_a_wayland_socket_that_answers_is_a_display(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("w")  # a short path: sockets take about 100 characters
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert reason_without_window() is not None
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "wayland-0"))
        listener.listen()
        assert reason_without_window() is None


def test_the_list_of_libraries_is_that_of_the_script() -> None:
    script = (ROOT / "packaging" / "linux" / "qt-libraries.sh").read_text()
    listed = dict(re.findall(r"^(lib\S+\.so\S*) (\S+)$", script, re.MULTILINE))
    assert listed == PACKAGES_OF_LIBRARIES


@pytest.fixture
def without_egl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt as it is on a machine without libEGL."""
    package = tmp_path / "PySide6"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "QtWidgets.py").write_text(
        'raise ImportError("libEGL.so.1: cannot open shared object file: No such file")'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [each for each in sys.modules if each.partition(".")[0] == "PySide6"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("without_egl")
def test_a_missing_library_is_one_sentence_with_the_line_that_installs_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    sentence = missing_qt_libraries() or ""
    assert "libEGL.so.1 is missing" in sentence
    assert "sudo apt-get install libegl1" in sentence
    ran = terminal()
    assert ran.code == 1
    assert sentence in ran.err
    assert len(ran.err.splitlines()) == 1
    assert terminal.windows == []


MISSING_CURSOR = """
import ctypes
from cnnstudio.display import missing_qt_libraries
load = ctypes.CDLL
def without_cursor(name, *rest):
    if "libqxcb" in name or "xcb-cursor" in name:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file")
    return load(name, *rest)
ctypes.CDLL = without_cursor
print(missing_qt_libraries())
"""


def test_a_library_that_only_the_platform_plugin_needs_is_named(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MISSING_CURSOR],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DISPLAY": ":0"},
    )
    assert "libxcb-cursor.so.0 is missing" in ran.stdout
    assert "libxcb-cursor0" in ran.stdout
