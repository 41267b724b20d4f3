"""A camera for tests: it plays given pictures when it is told to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QImage, QPainter

from cnnstudio.core.errors import StudioError
from cnnstudio.ui.camera.frame_source import Camera, FrameSource


class FakeCamera(FrameSource):
    """Cameras may be plugged in and pulled out by setting `plugged_in` and telling it so.

    `running` is the id of the camera whose light is on, or None.
    """

    def __init__(
        self,
        frames: Sequence[QImage] = (),
        plugged_in: Sequence[str] = ("Webcam",),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.frames = list(frames) or [two_halves()]
        self.plugged_in = list(plugged_in)
        self.running: str | None = None
        self.fail_with: StudioError | None = None
        self._shown = 0

    def cameras(self) -> tuple[Camera, ...]:
        return tuple(Camera(f"id of {title}", title) for title in self.plugged_in)

    def start(self, camera_id: str) -> None:
        self.stop()
        if self.fail_with is not None:
            self.failed.emit(self.fail_with)
        elif camera_id not in [each.id for each in self.cameras()]:
            self.failed.emit(StudioError("No camera was found.", "Plug one in."))
        else:
            self.running = camera_id
            self.started.emit()
            self.send()

    def stop(self) -> None:
        self.running = None

    def send(self, count: int = 1) -> None:
        """Play the next pictures, as long as the light is on."""
        for _ in range(count):
            if self.running is not None:
                self.frame_arrived.emit(self.frames[self._shown % len(self.frames)])
                self._shown += 1

    def plug_in(self, title: str) -> None:
        self.plugged_in.append(title)
        self.cameras_changed.emit()

    def pull_out(self, title: str) -> None:
        was_running = self.running == f"id of {title}"
        self.plugged_in.remove(title)
        if was_running:
            self.stop()
            self.failed.emit(StudioError("The camera was unplugged.", "Plug it in again."))
        self.cameras_changed.emit()


def two_halves(
    left: str = "#e00000", right: str = "#0000e0", size: tuple[int, int] = (64, 36)
) -> QImage:
    """A picture whose halves differ, so that a mirrored one is told from a plain one."""
    width, height = size
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.fillRect(0, 0, width // 2, height, QColor(left))
    painter.fillRect(width // 2, 0, width - width // 2, height, QColor(right))
    painter.end()
    return image
