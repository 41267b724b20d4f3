"""Sharing the chosen run with a browser and other programs on this computer."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QProcess
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPushButton

from cnnstudio.core.runs import Run
from cnnstudio.ui.predicting import run_service
from tests.robots.predict_robot import PredictRobot

URL = "http://127.0.0.1:40001/"

# What `cnnstudio serve --json --stop-with-stdin` does, without loading a network.
_SERVES = f"""
import sys
print('{{"event": "serving", "url": "{URL}"}}', flush=True)
sys.stdin.read()
"""
_FAILS = """
print('{"event": "failed", "reason": "No packages.", "hint": "Install them."}', flush=True)
raise SystemExit(1)
"""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders of the runs that were served."""
    folders: list[Path] = []

    def command(run: Run) -> list[str]:
        folders.append(run.folder)
        return [sys.executable, "-c", _SERVES]

    monkeypatch.setattr(run_service, "service_command", command)
    return folders


def begin(robot: PredictRobot) -> int:
    """Share, and return the process."""
    robot.click("share")
    robot.user.until(lambda: robot.user.is_shown("predict_share_link"))
    return process_of(robot)


def process_of(robot: PredictRobot) -> int:
    return int(robot.user.session.findChildren(QProcess, "run_service")[-1].processId())


def test_the_address_is_shown_copied_opened_and_taken_back(
    robot: PredictRobot, served: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = begin(robot)
    assert "answers on this computer." in robot.sharing()
    assert robot.user.find(QPushButton, "predict_share_link").text() == URL
    robot.click("share_copy")
    assert QGuiApplication.clipboard().text() == URL
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    robot.click("share_open")
    robot.click("share_link")
    assert opened == [URL, URL]
    robot.click("share_stop")
    assert robot.sharing() == ""
    robot.user.until(lambda: not psutil.pid_exists(process))


def test_another_run_is_shared_only_when_the_user_says_so(
    robot: PredictRobot, served: list[Path]
) -> None:
    before = begin(robot)
    robot.user.session.train()
    robot.user.until(lambda: len(robot.user.session.runs) == 2)
    robot.user.settle()
    assert f"still answers at {URL}" in robot.sharing()
    assert len(served) == 1
    robot.click("share_switch")
    robot.user.until(lambda: "answers on this computer." in robot.sharing())
    assert [each.name for each in served] == [
        robot.user.session.runs[1].folder.name,
        robot.user.session.runs[0].folder.name,
    ]
    robot.user.until(lambda: not psutil.pid_exists(before))


def test_it_ends_with_the_window(robot: PredictRobot, served: list[Path]) -> None:
    process = begin(robot)
    robot.user.close()
    robot.user.until(lambda: not psutil.pid_exists(process))


def test_why_it_cannot_be_shared_is_said(
    robot: PredictRobot, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", _FAILS]
    monkeypatch.setattr(run_service, "service_command", lambda _run: command)
    robot.click("share")
    robot.user.until(lambda: robot.sharing() == "No packages. Install them.")
    monkeypatch.setattr(run_service, "service_command", lambda _run: ["/there/is/no/such/program"])
    robot.click("share")
    robot.user.until(lambda: "ended by itself" in robot.sharing())


def test_the_command_is_the_real_one_with_the_pipe_it_listens_to(robot: PredictRobot) -> None:
    run = robot.user.session.runs[0]
    command = run_service.service_command(run)
    assert command[0] == sys.executable
    assert command[command.index("serve") + 1] == str(run.folder)
    assert {"--json", "--stop-with-stdin"} <= set(command)
