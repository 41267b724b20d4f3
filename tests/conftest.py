"""What every test shares: an offscreen window system, the real pictures, and the whole window.

A test that uses Qt fails when it leaves a thread running or a window open.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cnnstudio.core.engine_api import Engine
from tests.fakes import FakeEngine

if TYPE_CHECKING:  # tests of core need not wait for Qt
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from tests.robots.window_robot import WindowRobot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "data"
_LONGEST_ENDING_S = 5


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures; the test is skipped where it is absent."""
    folder = Path(os.environ.get("CNNSTUDIO_SHARED_DATA", _BESIDE_THE_PROJECT))
    if not folder.is_dir():
        pytest.skip(f"the real pictures are not at {folder}")
    return folder


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    threads_before = _threads_in_python()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    windows = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    assert not windows, "the test leaves windows open"
    # A thread that was told to end may need a moment for it.
    end = time.monotonic() + _LONGEST_ENDING_S
    while (left := _threads_in_python() - threads_before) and time.monotonic() < end:
        time.sleep(0.01)
    assert not left, "the test leaves threads running"


def _threads_in_python() -> set[int]:
    """Threads, also Qt's own, that run Python code now; those of libraries are none of ours."""
    return set(sys._current_frames())


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Waits without a slot in Python: pytest-qt makes one every 10 ms, and once one was lost."""
    from PySide6.QtCore import QEventLoop, QTimer

    def wait(ms: int) -> None:
        loop, timer = QEventLoop(), QTimer()
        timer.setSingleShot(True)
        timer.timeout.connect(loop.quit)
        timer.start(ms)
        loop.exec()

    qtbot.wait = wait
    return qtbot


@pytest.fixture(scope="session")
def kept_networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where engines keep the converted backbone, for all workers: making it takes 20 s of CPU.

    On Linux a program finds it there by itself when XDG_CACHE_HOME is the folder around it.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = base / "cache" / "cnnstudio"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def fake_engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def open_window(
    qtbot: QtBot,
    qapp: QApplication,
    tmp_path: Path,
    fake_engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., WindowRobot]]:
    """Opens the whole window on settings of the test's own; closes it when the test is over."""
    from cnnstudio import app
    from tests.robots.window_robot import WindowRobot

    sample = tmp_path / "Handwritten digits"
    monkeypatch.setattr(app, "sample_project_folder", lambda: sample)
    robots: list[WindowRobot] = []

    def open_it(engine: Engine | None = None, *, resized: bool = True) -> WindowRobot:
        window = app.build_window(qapp, engine or fake_engine, tmp_path / "settings")
        robot = WindowRobot(qtbot, window)
        robots.append(robot)
        robot.show(resized=resized)
        return robot

    yield open_it
    for robot in robots:
        robot.put_away()


@pytest.fixture
def user(open_window: Callable[..., WindowRobot]) -> WindowRobot:
    """A person in front of the whole window, with the fake engine and no project open."""
    return open_window()
