"""Exporting a run in the window: chosen, proved, handed over or held back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel

from cnnstudio.ui.dialogs.export_dialog import ExportDialog
from tests.fakes import FakeEngine
from tests.robots.predict_robot import PredictRobot
from tests.robots.window_robot import WindowRobot


class ExportRobot:
    """Somebody in front of the dialog, who exports into `folder`."""

    def __init__(self, robot: PredictRobot, folder: Path) -> None:
        robot.click("export")
        self.user: WindowRobot = robot.user
        self.dialog = self.user.find(ExportDialog, "export_dialog")
        self.folder = folder
        folder.mkdir()
        self.dialog.export_into(folder)

    def choose(self, *keys: str) -> None:
        for box in self.dialog.findChildren(QCheckBox):
            if box.objectName().startswith("export_choice_"):
                box.setChecked(box.objectName().removeprefix("export_choice_") in keys)

    def click(self, name: str) -> None:
        button = self.dialog.findChild(QAbstractButton, name)
        assert isinstance(button, QAbstractButton)
        assert button.isVisible(), name
        assert button.isEnabled(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.user.settle()

    def can_click(self, name: str) -> bool:
        button = self.dialog.findChild(QAbstractButton, name)
        return isinstance(button, QAbstractButton) and button.isVisible() and button.isEnabled()

    def words(self, key: str) -> str:
        label = self.dialog.findChild(QLabel, f"export_words_{key}")
        assert isinstance(label, QLabel)
        return label.text()

    def files(self) -> list[str]:
        return sorted(each.name for each in self.folder.iterdir())


@pytest.fixture
def exporting(robot: PredictRobot, tmp_path: Path) -> ExportRobot:
    return ExportRobot(robot, tmp_path / "exports")


def test_what_answers_as_the_window_does_is_handed_over(exporting: ExportRobot) -> None:
    exporting.choose("onnx")
    exporting.click("export_start")
    assert exporting.words("onnx").startswith("Agrees on ")
    (made,) = exporting.files()
    inside = {each.name for each in (exporting.folder / made).iterdir()}
    assert {"model.onnx", "labels.txt", "classify.py", "README.md"} <= inside
    assert exporting.can_click("export_show")
    exporting.dialog.close()


def test_what_answers_otherwise_waits_for_the_users_word(
    exporting: ExportRobot, fake_engine: FakeEngine
) -> None:
    fake_engine.swaps_on_export = True
    exporting.choose("onnx")
    exporting.click("export_start")
    assert "Held back:" in exporting.words("onnx")
    assert not any(name.endswith("onnx") for name in exporting.files())
    exporting.click("export_keep_onnx")
    assert "Kept on your word." in exporting.words("onnx")
    assert any(name.endswith("onnx") for name in exporting.files())
    exporting.click("export_start")
    exporting.click("export_discard_onnx")
    assert "Thrown away." in exporting.words("onnx")
    assert len(exporting.files()) == 1
    exporting.click("export_start")
    exporting.dialog.close()  # without a word
    exporting.user.settle()
    assert len(exporting.files()) == 1


def test_nothing_can_be_exported_before_a_format_is_chosen(exporting: ExportRobot) -> None:
    exporting.choose()
    assert not exporting.can_click("export_start")
    exporting.dialog.close()


def test_without_a_run_it_says_to_train_first(user: WindowRobot, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    user.open(tmp_path / "empty")
    user.go_to("predict")
    robot = PredictRobot(user)
    robot.click("export")
    assert robot.banner().startswith("There is no trained network yet.")
