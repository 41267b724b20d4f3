"""`FrameSource`: whatever gives live pictures, a webcam or, in tests, pictures from a folder."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from cnnstudio.core.errors import StudioError


@dataclass(frozen=True)
class Camera:
    """A camera that can be chosen: `id` tells it from others, `title` is what people read."""

    id: str
    title: str


class FrameSource(QObject):
    """Gives the pictures of one camera at a time.

    After `start` either `started` follows and then `frame_arrived` with each picture (upright, as
    the camera sees it, never mirrored), or `failed` with a `StudioError`. `failed` may also come
    later, when the camera is pulled out; the source has stopped by then. All signals are emitted in
    the GUI thread.
    """

    started = Signal()
    frame_arrived = Signal(object)  # QImage; as a QImage it would be copied for every receiver
    failed = Signal(object)
    cameras_changed = Signal()

    def cameras(self) -> tuple[Camera, ...]:
        """Return the cameras that are plugged in, the one to begin with first."""
        raise NotImplementedError

    def start(self, camera_id: str) -> None:
        """Begin with this camera; one that runs is stopped before."""
        raise NotImplementedError

    def stop(self) -> None:
        """Let go of the camera, so that its light goes off; nothing arrives afterwards."""
        raise NotImplementedError


class NoCameras(FrameSource):
    """Stands in where this computer cannot use cameras at all, and says why."""

    def __init__(self, reason: StudioError, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reason = reason

    def cameras(self) -> tuple[Camera, ...]:
        """Return none."""
        return ()

    def start(self, camera_id: str) -> None:
        """Say why there is no picture."""
        self.failed.emit(self._reason)

    def stop(self) -> None:
        """Do nothing: there is nothing that runs."""
