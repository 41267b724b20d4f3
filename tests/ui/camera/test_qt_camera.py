"""The real QtMultimedia, as far as it goes without a camera: frames, colours, turns, reasons."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from cnnstudio.core.errors import StudioError
from cnnstudio.ui.camera.frame_source import NoCameras
from cnnstudio.ui.camera.qt_camera import FrameReader, QtCamera, open_cameras
from tests.camera_fakes import two_halves

# What Qt's own libraries say about this computer.
pytestmark = pytest.mark.qt_log_ignore("Couldn't (load|resolve)", "No RHI backend")

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def multimedia() -> ModuleType:
    found = pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError)
    assert isinstance(found, ModuleType)
    return found


class Watched:
    """A reader, and the pictures that it made."""

    def __init__(self, qtbot: QtBot) -> None:
        self.reader = FrameReader()
        self.images: list[QImage] = []
        self.reader.image_made.connect(self.images.append)
        self._qtbot = qtbot

    def show(self, frame: object) -> None:
        """Give it a frame, as a camera does."""
        self.reader.sink.setVideoFrame(frame)

    def first(self) -> QImage:
        self._qtbot.waitUntil(lambda: bool(self.images))
        return self.images[0]


@pytest.fixture
def watched(qtbot: QtBot, multimedia: ModuleType) -> Watched:
    return Watched(qtbot)


def colour(image: QImage, x: float, y: float) -> str:
    """The strongest of red, green and blue at a place given in shares of width and height."""
    at = image.pixelColor(int(image.width() * x), int(image.height() * y))
    parts = {"red": at.red(), "green": at.green(), "blue": at.blue()}
    return max(parts, key=lambda name: parts[name])


def yuv_frame(
    media: ModuleType, image: QImage, turned: int = 0, *, stored_mirrored: bool = False
) -> Any:
    """A frame as webcams send them: YUYV, one byte of colour for two pixels."""
    width, height = image.width(), image.height()
    kind = media.QVideoFrameFormat(
        QSize(width, height), media.QVideoFrameFormat.PixelFormat.Format_YUYV
    )
    kind.setMirrored(stored_mirrored)
    frame = media.QVideoFrame(kind)
    assert frame.map(media.QVideoFrame.MapMode.WriteOnly)
    rows = np.asarray(frame.bits(0)).reshape(height, frame.bytesPerLine(0))
    for y in range(height):
        for x in range(0, width, 2):
            at = QColor(image.pixelColor(x, y))
            red, green, blue = at.red(), at.green(), at.blue()
            luma = round(16 + 0.257 * red + 0.504 * green + 0.098 * blue)
            cb = round(128 - 0.148 * red - 0.291 * green + 0.439 * blue)
            cr = round(128 + 0.439 * red - 0.368 * green - 0.071 * blue)
            rows[y, 2 * x : 2 * x + 4] = (luma, cb, luma, cr)
    frame.unmap()
    frame.setRotation(media.QtVideo.Rotation(turned))
    return frame


def test_colours_come_out_as_the_camera_saw_them(
    qtbot: QtBot, multimedia: ModuleType, watched: Watched
) -> None:
    watched.show(yuv_frame(multimedia, two_halves()))
    image = watched.first()
    assert image.size() == QSize(64, 36)
    assert (colour(image, 0.2, 0.5), colour(image, 0.8, 0.5)) == ("red", "blue")
    assert image.pixelColor(5, 5).red() == pytest.approx(0xE0, abs=8)


@pytest.mark.parametrize(("turned", "above", "below"), [(90, "red", "blue"), (270, "blue", "red")])
def test_a_camera_that_lies_on_its_side_gives_upright_pictures(
    qtbot: QtBot, multimedia: ModuleType, watched: Watched, turned: int, above: str, below: str
) -> None:
    watched.show(yuv_frame(multimedia, two_halves(), turned))
    image = watched.first()
    assert image.size() == QSize(36, 64)
    assert (colour(image, 0.5, 0.2), colour(image, 0.5, 0.8)) == (above, below)


def test_a_camera_that_wants_to_be_shown_mirrored_gives_what_it_sees(
    qtbot: QtBot, multimedia: ModuleType, watched: Watched
) -> None:
    frame = yuv_frame(multimedia, two_halves())
    frame.setMirrored(True)
    watched.show(frame)
    image = watched.first()
    assert (colour(image, 0.2, 0.5), colour(image, 0.8, 0.5)) == ("red", "blue")


def test_pixels_that_are_stored_mirrored_come_out_as_they_were(
    qtbot: QtBot, multimedia: ModuleType, watched: Watched
) -> None:
    stored = two_halves("#0000e0", "#e00000")
    watched.show(yuv_frame(multimedia, stored, stored_mirrored=True))
    image = watched.first()
    assert (colour(image, 0.2, 0.5), colour(image, 0.8, 0.5)) == ("red", "blue")


def test_of_frames_that_come_too_fast_the_newest_is_shown(
    qtbot: QtBot, multimedia: ModuleType, watched: Watched
) -> None:
    for _ in range(30):
        watched.show(yuv_frame(multimedia, two_halves()))
    watched.show(yuv_frame(multimedia, two_halves("#00c000", "#00c000")))
    qtbot.waitUntil(
        lambda: bool(watched.images) and colour(watched.images[-1], 0.5, 0.5) == "green"
    )
    assert len(watched.images) < 31


def test_what_was_on_its_way_when_the_camera_stopped_is_not_shown(
    qtbot: QtBot, multimedia: ModuleType, watched: Watched
) -> None:
    watched.reader._on_frame(yuv_frame(multimedia, two_halves()))
    watched.reader.forget()
    watched.show(yuv_frame(multimedia, two_halves("#00c000", "#00c000")))
    assert colour(watched.first(), 0.5, 0.5) == "green"


def test_a_real_stream_becomes_pictures(
    qtbot: QtBot, multimedia: ModuleType, watched: Watched, tmp_path: Path
) -> None:
    video = str(tmp_path / "stream.mp4")
    writer = cv2.VideoWriter(video, cv2.VideoWriter.fourcc(*"mp4v"), 30, (320, 180))
    if not writer.isOpened():
        pytest.skip("OpenCV was built without a video encoder")
    shown = np.zeros((180, 320, 3), np.uint8)
    shown[:, :160], shown[:, 160:] = (0, 0, 220), (220, 0, 0)  # blue comes first in OpenCV
    for _ in range(15):
        writer.write(shown)
    writer.release()
    player = multimedia.QMediaPlayer()
    player.setVideoSink(watched.reader.sink)
    player.setSource(QUrl.fromLocalFile(video))
    player.play()
    qtbot.waitUntil(lambda: len(watched.images) >= 3)
    image = watched.first()
    player.stop()
    player.setVideoSink(None)
    assert image.size() == QSize(320, 180)
    assert (colour(image, 0.2, 0.5), colour(image, 0.8, 0.5)) == ("red", "blue")


def test_without_a_camera_it_says_what_to_do(qtbot: QtBot, multimedia: ModuleType) -> None:
    camera = QtCamera()
    if camera.cameras():
        pytest.skip("this computer has a camera")
    with qtbot.waitSignal(camera.failed) as heard:
        camera.start("")
    assert heard.args is not None
    error = heard.args[0]
    assert isinstance(error, StudioError)
    assert error.sentence == "No camera was found."
    assert "Plug one in" in error.hint
    camera.stop()


def test_a_camera_that_sends_nothing_is_told_and_let_go(
    qtbot: QtBot, multimedia: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = QtCamera(patience_ms=20)
    monkeypatch.setattr(camera, "_device", lambda camera_id: multimedia.QCameraDevice())
    with qtbot.waitSignal(camera.failed) as heard:
        camera.start("dead")
    assert heard.args is not None
    assert isinstance(heard.args[0], StudioError)
    assert "Close other programs" in heard.args[0].hint
    assert not any(each.isActive() for each in camera.findChildren(multimedia.QCamera))


def test_where_cameras_cannot_be_used_at_all_there_is_a_sentence(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    source = open_cameras()
    assert isinstance(source, NoCameras)
    assert source.cameras() == ()
    with qtbot.waitSignal(source.failed) as heard:
        source.start("")
    assert heard.args is not None
    assert heard.args[0].sentence == "Cameras cannot be used on this computer."
    assert "Add pictures" in heard.args[0].hint


def test_the_window_does_not_load_the_camera_library_until_it_is_needed() -> None:
    program = (
        "import sys, cnnstudio.app, cnnstudio.ui.dialogs.camera_dialog, "
        "cnnstudio.ui.camera.qt_camera\n"
        "sys.exit('PySide6.QtMultimedia' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert done.returncode == 0
