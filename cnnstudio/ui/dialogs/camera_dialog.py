"""`CameraDialog`: records pictures of a webcam into a class, for as long as a button is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.config import ResizeMode
from cnnstudio.core.dataset.importing import ImportedPictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project, checked_title
from cnnstudio.ui.camera.burst_recorder import BurstRecorder, BurstSettings, PictureTaken
from cnnstudio.ui.camera.frame_source import FrameSource
from cnnstudio.ui.camera.shutter import HANDS_FREE_S, Shutter, ShutterState
from cnnstudio.ui.camera.taken_bursts import TakenBursts
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.widgets.camera_controls import CameraControls
from cnnstudio.ui.widgets.camera_view import CameraView
from cnnstudio.ui.widgets.class_picker import ClassPicker
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.hold_button import HoldButton
from cnnstudio.ui.widgets.picture_strip import PictureStrip
from cnnstudio.ui.widgets.primary_button import styled_button
from cnnstudio.ui.words import pictures

_MARGIN_PX = 16
_COLUMN_PX = 264
_LINES_PX = 104  # what stands below the picture
_SIZE = QSize(1060, 580)
_READY = "Hold the button or the Space bar. A short press takes one picture."
_READY_TO_COUNT = "Press the button or the Space bar, then step in front of the camera."
_SEEN: dict[ResizeMode, str] = {
    "crop": "The network sees the square.",
    "pad": "The network sees the whole picture.",
    "stretch": "The network sees the whole picture, stretched to a square.",
}


class CameraDialog(QDialog):
    """Shows the live picture and records bursts; `project` is where they go.

    Each burst is handed over by `burst_recorded` (an `ImportedPictures`, one undoable edit).
    `undo_wanted` asks to take the last edit back; it is only emitted when that is a burst of this
    dialog, which `follow_project` must have been told of. The dialog owns `source`.
    """

    burst_recorded = Signal(object)
    undo_wanted = Signal()

    def __init__(
        self,
        source: FrameSource,
        project: Project,
        class_title: str | None,
        icons: Icons,
        parent: QWidget | None = None,
        *,
        second_ms: int = 1000,
    ) -> None:
        super().__init__(parent)
        source.setParent(self)
        self._source = source
        self._project = project
        self._icons = icons
        self._camera_id = ""
        self._is_live = False
        self._is_closing = False
        self._newest = QImage()
        self._in_burst = 0
        self._bursts = TakenBursts()
        self._undos_wanted = 0
        self._shutter = Shutter(self, second_ms)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("camera_dialog")
        self.setWindowTitle("Record with the camera")
        self._build()
        # Its thread must be ended: it begins when nothing else can fail.
        self._recorder = BurstRecorder(self)
        self._connect()
        self._class.set_classes(project.classes, class_title)
        self.resize(_SIZE)
        if parent is not None:
            self.resize(_size_beside(parent.window().size()))
            parent.window().installEventFilter(self)

    # Parts

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        layout.setSpacing(_MARGIN_PX)
        layout.addLayout(self._build_picture(), 1)
        layout.addWidget(self._build_column())

    def _build_picture(self) -> QVBoxLayout:
        theme = self._icons.theme
        self._view = CameraView(theme)
        self._view.setObjectName("camera_view")
        self._view.set_square(self._resize_mode == "crop")
        self._empty = EmptyState(self._icons, "camera", "")
        self._empty.setObjectName("camera_empty")
        self._again = self._empty.add_button("Try again")
        self._again.setObjectName("camera_try_again")
        self._again.setAutoDefault(False)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._view)
        self._stack.addWidget(self._empty)
        self._status = _label("camera_status")
        self._seen = _label("camera_seen", "muted")
        self._seen.setText(_SEEN[self._resize_mode])
        self._strip = PictureStrip(theme, "Last pictures taken")
        self._strip.setObjectName("camera_strip")
        line = QHBoxLayout()
        line.addWidget(self._status, 1)
        line.addWidget(self._seen)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(self._stack, 1)
        column.addLayout(line)
        column.addWidget(self._strip)
        return column

    def _build_column(self) -> QWidget:
        column = QWidget()
        column.setFixedWidth(_COLUMN_PX)
        heading = QLabel("Record into")
        heading.setProperty("class", "heading")
        self._class = ClassPicker()
        self._class.setObjectName("camera_class")
        self._class.setAccessibleName("Class to record into, or the name of a new one")
        self._count = _label("camera_count", "muted", wraps=True)
        self._controls = CameraControls()
        self._record = HoldButton("")
        self._record.setObjectName("camera_record")
        self._hint = _label("camera_hint", "facts", wraps=True)
        close = styled_button("Close")
        close.setObjectName("camera_close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(self._class)
        layout.addWidget(self._count)
        layout.addSpacing(16)
        layout.addWidget(self._controls)
        layout.addStretch(1)
        layout.addWidget(self._hint)
        layout.addWidget(self._record)
        layout.addWidget(close)
        return column

    def _connect(self) -> None:
        source, shutter, recorder = self._source, self._shutter, self._recorder
        source.started.connect(self._on_started)
        source.frame_arrived.connect(self._on_frame)
        source.failed.connect(self._on_source_failed)
        source.cameras_changed.connect(self._on_cameras_changed)
        shutter.counted.connect(self._on_counted)
        shutter.began.connect(self._on_began)
        shutter.ended.connect(self._on_ended)
        shutter.abandoned.connect(self._on_abandoned)
        recorder.picture_taken.connect(self._on_picture_taken)
        recorder.recorded.connect(self._on_recorded)
        recorder.cancelled.connect(self._on_cancelled)
        recorder.failed.connect(self._on_recorder_failed)
        recorder.emptied.connect(self._on_written)
        self._record.hold_began.connect(shutter.press)
        self._record.hold_ended.connect(shutter.release)
        self._class.title_changed.connect(self._show_class)
        self._class.chosen.connect(self._record.setFocus)
        self._controls.mirror_changed.connect(self._view.set_mirrored)
        self._controls.countdown_changed.connect(self._on_countdown_changed)
        self._controls.camera_chosen.connect(self._start)
        self._again.clicked.connect(self._look_for_cameras)
        undo = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        undo.activated.connect(self._undo)

    # Opening and closing

    def showEvent(self, event: QShowEvent) -> None:
        """Open the camera once the dialog is painted: it takes a moment."""
        super().showEvent(event)
        if not event.spontaneous():
            self._say("")
            self._show_empty("Starting the camera.", can_try=False)
            QTimer.singleShot(0, self, self._look_for_cameras)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let go of the camera, whatever hid the dialog."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._source.stop()
            self._recorder.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go with the window below: it may be closed by the system or from a terminal."""
        if event.type() == QEvent.Type.Hide and not event.spontaneous():
            self.hide()
        return super().eventFilter(watched, event)

    def done(self, result: int) -> None:
        """Let go of the camera and close, once what was recorded is written."""
        self._is_closing = True
        self._shutter.interrupt()
        self._source.stop()
        self._close_when_written()

    @Slot()
    def _on_written(self) -> None:
        self._undo_when_settled()
        self._close_when_written()

    def _close_when_written(self) -> None:
        if self._is_closing and self._recorder.is_idle:
            super().done(QDialog.DialogCode.Accepted)

    # The camera

    @Slot()
    def _look_for_cameras(self) -> None:
        if self._is_closing:
            return
        cameras = self._source.cameras()
        ids = [each.id for each in cameras]
        chosen = self._camera_id if self._camera_id in ids else next(iter(ids), "")
        self._controls.set_cameras(cameras, chosen)
        self._start(chosen)

    @Slot(object)
    def _start(self, camera_id: str) -> None:
        self._camera_id = camera_id
        self._is_live = False
        self._show_empty("Starting the camera.", can_try=False)
        self._source.start(camera_id)

    @Slot()
    def _on_started(self) -> None:
        self._is_live = True
        self._stack.setCurrentWidget(self._view)
        self._seen.show()
        self._say_ready()
        self._show_class()
        if not self._class.hasFocus():
            self._record.setFocus()

    @Slot(object)
    def _on_frame(self, image: QImage) -> None:
        self._newest = image
        self._view.set_image(image)
        self._recorder.offer(image)

    @Slot(object)
    def _on_source_failed(self, error: StudioError) -> None:
        self._is_live = False
        self._newest = QImage()
        self._shutter.interrupt()
        self._show_empty(f"{error.sentence}\n{error.hint}", can_try=True)

    @Slot()
    def _on_cameras_changed(self) -> None:
        if self._is_live:
            self._controls.set_cameras(self._source.cameras(), self._camera_id)
        elif self._source.cameras():  # without one, what was said last stays true
            self._look_for_cameras()

    def _show_empty(self, words: str, *, can_try: bool) -> None:
        self._empty.set_sentence(words)
        self._again.setVisible(can_try)
        self._stack.setCurrentWidget(self._empty)
        self._seen.hide()
        self._view.set_image(QImage())
        self._show_class()

    # Recording

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hold with the Space bar wherever the keys are; give up with Escape."""
        is_busy = self._shutter.state is not ShutterState.READY
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._record.begin_hold()
        elif event.key() == Qt.Key.Key_Escape and is_busy:
            self._shutter.cancel()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go."""
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._record.end_hold()

    def event(self, event: QEvent) -> bool:
        """End a burst when the window loses the keys: their release would not be heard."""
        if event.type() == QEvent.Type.WindowDeactivate:
            self._record.end_hold()
            self._shutter.interrupt()
        return super().event(event)

    @Slot(int)
    def _on_counted(self, seconds: int) -> None:
        self._view.set_countdown(seconds)
        self._say("Escape stops the countdown.")
        self._show_shutter()

    @Slot()
    def _on_began(self) -> None:
        self._in_burst = 0
        self._view.set_countdown(None)
        self._say("Escape throws these pictures away.")
        self._show_recording()
        self._show_shutter()
        self._recorder.begin(
            self._project,
            BurstSettings(
                self._class.title(),
                self._controls.pictures_a_second,
                self._controls.saves_mirrored,
            ),
        )
        # What is seen at the moment of pressing, so that a short press takes a picture, too.
        self._recorder.offer(self._newest)

    @Slot(object)
    def _on_picture_taken(self, taken: PictureTaken) -> None:
        self._in_burst = taken.number
        self._strip.add(taken.thumbnail)
        if self._shutter.state is ShutterState.RECORDING:
            self._show_recording()

    @Slot()
    def _on_ended(self) -> None:
        self._recorder.end()
        self._show_shutter()

    @Slot()
    def _on_abandoned(self) -> None:
        if self._recorder.is_recording:
            self._recorder.cancel()
        else:
            self._say_ready()
        self._show_shutter()

    @Slot(object)
    def _on_recorded(self, staged: ImportedPictures) -> None:
        self._in_burst = 0
        count = len(staged.pictures)
        if not count:
            self._say("No picture was taken: the camera sent none meanwhile.")
            return
        self._bursts.add(count)
        self._say(f"{pictures(count)} added. Ctrl+Z takes {'it' if count == 1 else 'them'} back.")
        self.burst_recorded.emit(staged)

    @Slot()
    def _on_cancelled(self) -> None:
        self._drop_from_strip()
        self._say("Thrown away. Nothing was added.")

    @Slot(object)
    def _on_recorder_failed(self, error: Exception) -> None:
        self._shutter.cancel()
        self._drop_from_strip()
        self._say("Nothing was added.")
        show_error(self, error)

    def _drop_from_strip(self) -> None:
        self._strip.remove_newest(self._in_burst)
        self._in_burst = 0

    # Taking back

    @Slot()
    def _undo(self) -> None:
        if self._shutter.state is ShutterState.READY:
            self._undos_wanted += 1
            self._undo_when_settled()

    def _undo_when_settled(self) -> None:
        # A burst that is still on its way would not be what an undo takes back.
        while self._undos_wanted and self._recorder.is_idle and self._bursts.are_settled:
            self._undos_wanted -= 1
            if self._bursts.take_back():
                self.undo_wanted.emit()
            else:
                self._say("Nothing that was recorded here is left to take back.")

    @Slot(object, object)
    def follow_project(self, before: Project | None, after: Project | None) -> None:
        """Connect this to `Session.project_changed`: counts, classes and undo follow."""
        if after is None or before is None or after.root != self._project.root:
            self.reject()
            return
        self._project = after
        taken_back = self._bursts.follow(before, after)
        if taken_back:
            self._strip.remove_newest(taken_back)
            self._say(f"Taken back: {pictures(taken_back)}.")
        if before.classes != after.classes:
            self._class.set_classes(after.classes, self._class.title())
        self._show_class()
        self._undo_when_settled()

    @Slot()
    def on_edit_failed(self) -> None:
        """Connect this to `Session.failed`: a burst that could not be added is not shown as one."""
        self._undos_wanted = 0
        not_added = self._bursts.forget_failed()
        if not_added:
            self._strip.remove_newest(not_added)
            self._say(f"{pictures(not_added)} could not be added.")

    # Showing

    @property
    def _resize_mode(self) -> ResizeMode:
        return self._project.config.training.resize_mode

    def _say(self, words: str) -> None:
        self._status.setText(words)

    def _say_ready(self) -> None:
        self._say(_READY_TO_COUNT if self._shutter.countdown_s else _READY)

    @Slot(int)
    def _on_countdown_changed(self, seconds: int) -> None:
        self._shutter.countdown_s = seconds
        if self._is_live:
            self._say_ready()
        self._show_shutter()

    @Slot()
    def _show_class(self) -> None:
        title = self._class.title()
        words, can_record = "", True
        if title is not None and self._class.is_new():
            try:
                checked_title(title)
                words = "New class, made with the first burst"
            except StudioError as error:
                words, can_record = str(error), False
        elif title == "":
            words, can_record = "Choose a class or type a name.", False
        else:
            names = {each.title: each.name for each in self._project.classes}
            name = None if title is None else names.get(title)
            words = f"{pictures(self._project.counts.get(name, 0))} so far"
        self._count.setText(words)
        self._record.setEnabled(can_record and self._is_live)
        self._show_shutter()

    def _show_recording(self) -> None:
        title = self._class.title()
        into = "without a class" if title is None else f"into {title}"
        self._view.set_recording(f"Recording {into}: {pictures(self._in_burst)}")

    def _show_shutter(self) -> None:
        state, countdown_s = self._shutter.state, self._shutter.countdown_s
        is_ready = state is ShutterState.READY
        hint = "Each burst is one step for Ctrl+Z."
        if state is ShutterState.COUNTING:
            words = "Stop the countdown"
        elif state is ShutterState.RECORDING:
            words = "Let go to stop" if self._shutter.is_held else "Stop recording"
        elif countdown_s:
            words = f"Record after {countdown_s} s"
            hint = f"Records for {HANDS_FREE_S} s, or for as long as you hold."
        else:
            words = "Hold to record"
        if is_ready:
            self._view.set_countdown(None)
            self._view.set_recording("")
        self._record.setText(words)
        self._hint.setText(hint)
        for each in (self._class, self._controls):
            each.setEnabled(is_ready)


def _size_beside(window: QSize) -> QSize:
    """As large as the window allows, without empty room around the picture of most cameras."""
    width = round(window.width() * 0.85)
    picture = (width - _COLUMN_PX - 3 * _MARGIN_PX) * 9 // 16
    height = picture + _LINES_PX + 2 * _MARGIN_PX
    return QSize(width, min(height, round(window.height() * 0.85)))


def _label(name: str, look: str = "", *, wraps: bool = False) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    # Names of classes may look like mark-up and must not act like it.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wraps)
    if look:
        label.setProperty("class", look)
    return label
