"""What is held in front of the camera is named at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel

from cnnstudio import app
from cnnstudio.core.errors import StudioError
from cnnstudio.ui.predicting.live_dialog import LiveDialog
from cnnstudio.ui.widgets.class_bars import ClassBars
from cnnstudio.ui.widgets.empty_state import EmptyState
from tests.camera_fakes import FakeCamera
from tests.fakes import FakeEngine
from tests.robots.predict_robot import PredictRobot
from tests.robots.window_robot import WindowRobot


def frame(colour: tuple[int, int, int]) -> QImage:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor(*colour))
    return image


RED, BLUE = frame((200, 30, 30)), frame((40, 50, 210))


class Live:
    """A person in front of the camera."""

    def __init__(self, robot: PredictRobot, camera: FakeCamera) -> None:
        self.user = robot.user
        self.camera = camera
        robot.click("live")
        (self.dialog,) = robot.user.window.findChildren(LiveDialog)

    def hold_up(self, image: QImage) -> None:
        self.camera.frames = [image]
        self.camera.send()

    def likeliest(self) -> str:
        lines = self.dialog.findChild(ClassBars, "live_bars").lines()
        return lines[0].split()[0] if lines else ""

    def hold_up_until(self, image: QImage, name: str) -> None:
        def is_named() -> bool:
            self.hold_up(image)
            return self.likeliest() == name

        self.user.until(is_named)

    def text(self, name: str) -> str:
        label = self.dialog.findChild(QLabel, f"live_{name}")
        return str(label.text()) if label.isVisible() else ""

    def empty(self) -> str:
        return self.dialog.findChild(EmptyState, "live_empty").sentence()


@pytest.fixture
def camera() -> FakeCamera:
    return FakeCamera([RED])


@pytest.fixture
def robot(
    camera: FakeCamera,
    open_window: Callable[[], WindowRobot],
    train: Callable[[WindowRobot], PredictRobot],
    monkeypatch: pytest.MonkeyPatch,
) -> PredictRobot:
    monkeypatch.setattr(app, "open_cameras", lambda: camera)
    return train(open_window())


@pytest.fixture
def close_live(robot: PredictRobot) -> Iterator[None]:
    yield
    for dialog in robot.user.window.findChildren(LiveDialog):
        dialog.reject()


@pytest.mark.usefixtures("close_live")
def test_the_bars_follow_what_is_held_up(robot: PredictRobot, camera: FakeCamera) -> None:
    live = Live(robot, camera)
    live.hold_up_until(RED, "red")
    live.hold_up_until(BLUE, "blue")
    live.user.until(lambda: live.text("rate").endswith("pictures a second"))
    assert "do not jump" in live.text("smoothed")
    live.dialog.reject()
    assert camera.running is None
    live.user.until(lambda: live.user.session.engine_jobs.is_idle)


@pytest.mark.usefixtures("close_live")
def test_while_a_training_runs_it_waits_and_says_so(
    robot: PredictRobot, camera: FakeCamera, fake_engine: FakeEngine
) -> None:
    fake_engine.may_end_epoch = threading.Event()
    job = robot.user.session.train()
    live = Live(robot, camera)
    live.user.until(lambda: live.text("state").startswith("A training runs."))
    assert live.likeliest() == ""
    job.stop()
    live.hold_up_until(RED, "red")
    assert live.text("state") == ""


@pytest.mark.usefixtures("close_live")
def test_without_a_camera_it_says_what_to_do(robot: PredictRobot, camera: FakeCamera) -> None:
    camera.plugged_in = []
    live = Live(robot, camera)
    live.user.until(lambda: live.empty().startswith("No camera was found."))
    assert live.text("state") == ""
    camera.plug_in("Webcam")
    live.hold_up_until(RED, "red")
    camera.fail_with = StudioError("The camera is gone.", "Plug it in.")
    camera.pull_out("Webcam")
    live.user.until(lambda: live.empty().startswith("The camera was unplugged."))
    assert live.likeliest() == ""


def test_without_a_run_it_says_to_train_first(user: WindowRobot, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    user.open(tmp_path / "p")
    user.go_to("predict")
    robot = PredictRobot(user)
    robot.click("live")
    assert "Train one" in robot.banner()
    robot.click("watch")
    assert "Train one" in robot.banner()
