"""`LiveDialog`: holds things in front of the camera and shows what the network takes them for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import Image
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.errors import StudioError
from cnnstudio.core.live_prediction import SMOOTHED_OVER_S, LiveAnswer, Newest
from cnnstudio.core.runs import Run
from cnnstudio.ui.camera.burst_recorder import rgb_pixels
from cnnstudio.ui.camera.frame_source import FrameSource
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.camera_view import CameraView
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.class_bars import ClassBars
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.primary_button import styled_button

_MARGIN_PX = 16
_COLUMN_PX = 300
_SIZE = QSize(1060, 560)
_MOST_CLASSES = 6
_SMOOTHED = (
    f"The bars follow the picture within about {SMOOTHED_OVER_S:.1f} seconds: each new answer pulls"
    " them towards itself (exponential smoothing), so that they do not jump."
)
_WAITING = "A training runs. The bars begin to move when it has ended."
_LOADING = "Loading the network."


class LiveDialog(QDialog):
    """The live picture beside smoothed class bars; nothing is kept of what is seen.

    The dialog owns `source`. `closed` tells that the camera is let go.
    """

    closed = Signal()

    def __init__(
        self,
        source: FrameSource,
        session: Session,
        run: Run,
        colours: Sequence[QColor],
        icons: Icons,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        source.setParent(self)
        self._source = source
        self._session = session
        self._run = run
        self._colours = colours
        self._icons = icons
        self._frames = Newest[QImage]()
        self._job: Job | None = None
        self._has_answer = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("live_dialog")
        self.setWindowTitle("Live camera")
        self._build()
        source.started.connect(self._on_started)
        source.frame_arrived.connect(self._on_frame)
        source.failed.connect(self._on_source_failed)
        source.cameras_changed.connect(self._on_cameras_changed)
        session.trainings.changed.connect(self._say_state)
        self.resize(_SIZE)
        if parent is not None:
            room = parent.window().size() * 0.92
            self.resize(_SIZE.boundedTo(room))
            parent.window().installEventFilter(self)

    # What it is made of

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
        layout.setSpacing(_MARGIN_PX)
        theme = self._icons.theme
        self._view = CameraView(theme)
        self._view.setObjectName("live_view")
        self._view.set_square(self._run.config.training.resize_mode == "crop")
        self._empty = EmptyState(self._icons, "camera", "")
        self._empty.setObjectName("live_empty")
        self._again = self._empty.add_button("Try again")
        self._again.setObjectName("live_try_again")
        self._again.setAutoDefault(False)
        self._again.clicked.connect(self._look_for_cameras)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._view)
        self._stack.addWidget(self._empty)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._build_column())

    def _build_column(self) -> QWidget:
        column = QWidget()
        column.setFixedWidth(_COLUMN_PX)
        heading = QLabel(self._run.name)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("class", "heading")
        self._bars = ClassBars(self._icons.theme, most_shown=_MOST_CLASSES)
        self._bars.setObjectName("live_bars")
        self._state = _label("live_state", "muted")
        self._rate = _label("live_rate", "muted")
        self._cameras = ChipMenu("Camera")
        self._cameras.setObjectName("live_camera")
        self._cameras.value_changed.connect(self._start)
        self._mirror = Chip("As in a mirror")
        self._mirror.setObjectName("live_mirror")
        self._mirror.setChecked(True)
        self._mirror.toggled.connect(self._view.set_mirrored)
        smoothed = _label("live_smoothed", "facts")
        smoothed.setText(_SMOOTHED)
        close = styled_button("Close")
        close.setObjectName("live_close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        chips = QHBoxLayout()
        chips.setSpacing(8)
        chips.addWidget(self._mirror)
        chips.addWidget(self._cameras)
        chips.addStretch(1)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (heading, self._state, self._bars):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._rate)
        layout.addWidget(smoothed)
        layout.addLayout(chips)
        layout.addWidget(close)
        return column

    # Opening and closing

    def showEvent(self, event: QShowEvent) -> None:
        """Open the camera once the dialog is painted: it takes a moment."""
        super().showEvent(event)
        if not event.spontaneous():
            self._show_empty("Starting the camera.", can_try=False)
            QTimer.singleShot(0, self, self._look_for_cameras)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let go of the camera and the engine, whatever hid the dialog."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._source.stop()
            self._end_asking()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go with the window below: it may be closed by the system or from a terminal."""
        if event.type() == QEvent.Type.Hide and not event.spontaneous():
            self.hide()
        return super().eventFilter(watched, event)

    # The camera

    @Slot()
    def _look_for_cameras(self) -> None:
        cameras = self._source.cameras()
        self._cameras.set_choices([(each.id, each.title) for each in cameras])
        self._cameras.setVisible(len(cameras) > 1)
        self._start(self._cameras.value() or "")

    @Slot(object)
    def _start(self, camera_id: str) -> None:
        self._show_empty("Starting the camera.", can_try=False)
        self._source.start(camera_id)

    @Slot()
    def _on_started(self) -> None:
        self._stack.setCurrentWidget(self._view)
        self._begin_asking()

    @Slot(object)
    def _on_frame(self, image: QImage) -> None:
        self._view.set_image(image)
        self._frames.put(image)

    @Slot(object)
    def _on_source_failed(self, error: StudioError) -> None:
        self._end_asking()
        self._show_empty(f"{error.sentence}\n{error.hint}", can_try=True)

    @Slot()
    def _on_cameras_changed(self) -> None:
        if self._stack.currentWidget() is self._empty and self._source.cameras():
            self._look_for_cameras()

    def _show_empty(self, words: str, *, can_try: bool) -> None:
        self._empty.set_sentence(words)
        self._again.setVisible(can_try)
        self._stack.setCurrentWidget(self._empty)

    # The answers

    def _begin_asking(self) -> None:
        self._end_asking()
        self._has_answer = False
        self._job = self._session.predict_live(self._run, _taker(self._frames))
        self._job.reported.connect(self._on_reported)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_cancelled)
        self._say_state()

    def _end_asking(self) -> None:
        job, self._job = self._job, None
        if job is not None and not job.has_ended:
            job.cancel()
        self._bars.set_probabilities([])
        self._rate.setText("")
        self._say_state()

    @Slot(object)
    def _on_reported(self, answer: object) -> None:
        if self.sender() is not self._job or not isinstance(answer, LiveAnswer):
            return
        self._has_answer = True
        shares = answer.probabilities.tolist()
        titles = self._run.class_titles
        self._bars.set_probabilities(list(zip(titles, self._colours, shares, strict=True)))
        if answer.per_second:
            self._rate.setText(f"{answer.per_second:.0f} pictures a second")
        self._say_state()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._source.stop()
            self._job = None
            self._show_empty(str(error), can_try=True)
            self._say_state()

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._job:  # from the status line
            self.reject()

    @Slot()
    def _say_state(self) -> None:
        words = ""
        if self._job is not None and not self._has_answer:
            words = _WAITING if self._session.training_is_running else _LOADING
        self._state.setText(words)
        self._state.setVisible(bool(words))


def _taker(frames: Newest[QImage]) -> Callable[[float], Image.Image | None]:
    """Turn pictures of Qt into those of Pillow, on the thread that asks for them."""

    def take(timeout_s: float) -> Image.Image | None:
        image = frames.take(timeout_s)
        return None if image is None else Image.fromarray(rgb_pixels(image))

    return take


def _label(name: str, look: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("class", look)
    return label
