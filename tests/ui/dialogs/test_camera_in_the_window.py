"""The camera's dialog together with the real session and window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest

from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import add_imported
from cnnstudio.ui.dialogs.camera_dialog import CameraDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.widgets.hold_button import HoldButton
from cnnstudio.ui.widgets.picture_strip import PictureStrip
from tests.builders import coloured_folder
from tests.camera_fakes import FakeCamera
from tests.robots.window_robot import WindowRobot

LEFT = Qt.MouseButton.LeftButton


class Recording:
    """The dialog, opened as the Images step opens it."""

    def __init__(self, user: WindowRobot, root: Path) -> None:
        user.open(root)
        session = user.session
        assert session.project is not None
        self.user = user
        self.camera = FakeCamera()
        self.dialog = CameraDialog(
            self.camera, session.project, "red", Icons(user.window.theme), user.window
        )
        self.dialog.burst_recorded.connect(lambda staged: session.edit(add_imported(staged)))
        self.dialog.undo_wanted.connect(session.undo)
        session.project_changed.connect(self.dialog.follow_project)
        session.failed.connect(self.dialog.on_edit_failed)
        self.dialog.open()
        user.until(lambda: self.camera.running is not None)
        self.record = self.dialog.findChild(HoldButton, "camera_record")
        self.strip = self.dialog.findChild(PictureStrip, "camera_strip")

    def press(self) -> None:
        """Press the button and wait for the first picture."""
        before = self.strip.count()
        QTest.mousePress(self.record, LEFT)
        self.user.until(lambda: self.strip.count() > before)

    def release(self) -> None:
        QTest.mouseRelease(self.record, LEFT)

    def undo(self) -> None:
        QTest.keyClick(self.dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    def reds(self) -> int:
        project = self.user.session.project
        assert project is not None
        return project.counts.get("red", 0)


@pytest.fixture
def recording(user: WindowRobot, tmp_path: Path) -> Recording:
    return Recording(user, coloured_folder(tmp_path / "fruit", {"red": 2, "green": 2}))


def close(recording: Recording) -> None:
    recording.dialog.reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_burst_is_one_step_of_the_history(recording: Recording) -> None:
    recording.press()
    recording.release()
    recording.user.until(lambda: recording.reds() >= 3)
    first = recording.reds()
    recording.press()
    recording.release()
    recording.user.until(lambda: recording.reds() > first)
    recording.undo()
    recording.undo()
    recording.user.until(lambda: recording.reds() == 2)
    assert recording.strip.count() == 0
    close(recording)
    recording.user.settle()
    assert scan(recording.user.session.project.root).counts == {"red": 2, "green": 2}


def test_the_whole_window_may_close_while_it_records(recording: Recording, tmp_path: Path) -> None:
    recording.press()
    recording.user.window.close()
    recording.user.until(lambda: not recording.user.window.isVisible())
    assert recording.camera.running is None, "the camera's light is still on"
    assert list((tmp_path / "fruit" / ".cnnstudio" / "incoming").glob("*")) == []
