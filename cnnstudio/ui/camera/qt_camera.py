"""`QtCamera`: the webcams of this computer, through QtMultimedia.

QtMultimedia is imported when a camera is opened, not with this module: most people never do, and
where a library of the system is missing everything else still works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCameraPermission,
    QCoreApplication,
    QLoggingCategory,
    QObject,
    QRunnable,
    Qt,
    QThreadPool,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage, QTransform

from cnnstudio.ui.camera import camera_words
from cnnstudio.ui.camera.camera_formats import OfferedFormat, best_format
from cnnstudio.ui.camera.frame_source import Camera, FrameSource, NoCameras

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QCamera, QCameraDevice, QCameraFormat, QVideoFrame

_PATIENCE_MS = 8000


def open_cameras(parent: QObject | None = None) -> FrameSource:
    """Return the cameras of this computer, or a source that says why there are none."""
    # Libraries for screen recording and video cards that it looks for and does without: no news
    # for whoever started from a terminal.
    QLoggingCategory.setFilterRules("qt.multimedia.symbolsresolver=false")
    try:
        return QtCamera(parent)
    except ImportError as error:
        return NoCameras(camera_words.cannot_be_used(str(error)), parent)


class QtCamera(FrameSource):
    """One webcam at a time; its pictures are made in a thread.

    Raises `ImportError` where QtMultimedia or a library that it needs is missing.
    """

    def __init__(self, parent: QObject | None = None, patience_ms: int = _PATIENCE_MS) -> None:
        # Before anything is made: it may fail.
        from PySide6.QtMultimedia import QMediaCaptureSession, QMediaDevices

        super().__init__(parent)
        self._devices = QMediaDevices(self)
        self._devices.videoInputsChanged.connect(self._on_devices_changed)
        self._capture = QMediaCaptureSession(self)
        self._frames = FrameReader(self)
        self._frames.image_made.connect(self._on_image)
        self._capture.setVideoSink(self._frames.sink)
        self._camera: QCamera | None = None
        self._camera_id = ""
        self._is_wanted = False
        self._has_picture = False
        self._patience = QTimer(self, singleShot=True, interval=patience_ms)
        self._patience.timeout.connect(self._on_no_picture)

    def cameras(self) -> tuple[Camera, ...]:
        """Return the cameras that are plugged in, the system's own choice first."""
        found = sorted(self._devices.videoInputs(), key=lambda each: not each.isDefault())
        return tuple(Camera(_id_of(each), each.description() or "Camera") for each in found)

    def start(self, camera_id: str) -> None:
        """Open a camera, once the person has allowed it."""
        self.stop()
        self._camera_id, self._is_wanted = camera_id, True
        app, permission = QCoreApplication.instance(), QCameraPermission()
        if app is None:
            return
        status = app.checkPermission(permission)
        if status == Qt.PermissionStatus.Undetermined:
            app.requestPermission(permission, self, self._on_permission)
        else:
            self._open(is_allowed=status == Qt.PermissionStatus.Granted)

    def stop(self) -> None:
        """Close the camera: its light goes off."""
        self._patience.stop()
        self._is_wanted = False
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.errorOccurred.disconnect(self._on_error)
            camera.stop()
            self._capture.setCamera(None)  # type: ignore[arg-type]  # Qt takes none, its stub does not
            camera.deleteLater()
        self._frames.forget()

    def _on_permission(self, permission: QCameraPermission) -> None:
        app = QCoreApplication.instance()
        # The dialog may have been closed while the system asked.
        if app is not None and self._is_wanted:
            status = app.checkPermission(permission)
            self._open(is_allowed=status == Qt.PermissionStatus.Granted)

    def _open(self, *, is_allowed: bool) -> None:
        from PySide6.QtMultimedia import QCamera

        if not is_allowed:
            self._fail(camera_words.not_allowed())
            return
        device = self._device(self._camera_id)
        if device is None:
            self._fail(camera_words.none_found())
            return
        self._camera = QCamera(device, self)
        chosen = _format_of(device)
        if chosen is not None:
            self._camera.setCameraFormat(chosen)
        self._camera.errorOccurred.connect(self._on_error)
        self._has_picture = False
        self._capture.setCamera(self._camera)
        self._patience.start()
        self._camera.start()

    def _device(self, camera_id: str) -> QCameraDevice | None:
        return next((e for e in self._devices.videoInputs() if _id_of(e) == camera_id), None)

    def _fail(self, error: Exception) -> None:
        self.stop()
        self.failed.emit(error)

    @Slot(object)
    def _on_image(self, image: QImage) -> None:
        if self._camera is None:
            return
        if not self._has_picture:
            self._has_picture = True
            self._patience.stop()
            self.started.emit()
        self.frame_arrived.emit(image)

    @Slot()
    def _on_no_picture(self) -> None:
        self._fail(camera_words.no_picture())

    @Slot()
    def _on_error(self) -> None:
        camera = self._camera
        if camera is not None and camera.error() != type(camera).Error.NoError:
            self._fail(camera_words.does_not_start(camera.errorString()))

    @Slot()
    def _on_devices_changed(self) -> None:
        if self._camera is not None and self._device(self._camera_id) is None:
            self._fail(camera_words.pulled_out())
        self.cameras_changed.emit()


class FrameReader(QObject):
    """Makes pictures of the frames that come into its `sink`, in a thread, one at a time.

    Frames that come meanwhile are left out, but for the newest. `image_made` carries a `QImage`.
    """

    image_made = Signal(object)
    _converted = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        from PySide6.QtMultimedia import QVideoSink

        super().__init__(parent)
        self.sink = QVideoSink(self)
        self._newest: QVideoFrame | None = None
        self._is_busy = False
        self._run = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._converted.connect(self._on_converted, Qt.ConnectionType.QueuedConnection)
        self.sink.videoFrameChanged.connect(self._on_frame, Qt.ConnectionType.QueuedConnection)

    def forget(self) -> None:
        """Leave out what has come until now."""
        self._run += 1
        self._newest = None

    def _on_frame(self, frame: QVideoFrame) -> None:
        if frame.isValid():
            self._newest = frame
            self._convert_next()

    def _convert_next(self) -> None:
        if self._is_busy or self._newest is None:
            return
        frame, self._newest = self._newest, None
        self._is_busy = True
        self._pool.start(_Conversion(frame, self._run, self._converted.emit))

    @Slot(int, object)
    def _on_converted(self, run: int, image: QImage) -> None:
        self._is_busy = False
        if run == self._run and not image.isNull():
            self.image_made.emit(image)
        self._convert_next()


class _Conversion(QRunnable):
    """Turns one frame into a picture: colours, turned upright, in the format that paints fast.

    `toImage` undoes how the pixels are stored (bottom up, for example). How a frame is meant to be
    shown it leaves alone: the turn is made here, and the wish of some front cameras to be shown
    mirrored is not for what is saved. It may be called in any thread since Qt 6.9 (QTBUG-131107).
    """

    def __init__(self, frame: QVideoFrame, run: int, report: Callable[[int, QImage], None]) -> None:
        super().__init__()
        self._frame = frame
        self._run = run
        self._report = report

    def run(self) -> None:
        """Called by the pool in its thread."""
        image = self._frame.toImage()
        turn = self._frame.rotation().value
        if turn:
            image = image.transformed(QTransform().rotate(turn))
        self._report(self._run, image.convertToFormat(QImage.Format.Format_RGB32))


def _id_of(device: QCameraDevice) -> str:
    return device.id().toStdString()


def _format_of(device: QCameraDevice) -> QCameraFormat | None:
    formats = device.videoFormats()
    offered = [
        OfferedFormat(each.resolution().width(), each.resolution().height(), each.maxFrameRate())
        for each in formats
    ]
    place = best_format(offered)
    return None if place is None else formats[place]
