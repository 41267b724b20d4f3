"""Builds the window and everything in it, once, and runs it."""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.storage.backbone_files import weights_folder
from cnnstudio.core.storage.thumbnail_store import ThumbnailStore
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.folders import cache_folder, sample_project_folder, settings_folder
from cnnstudio.program_log import start_log
from cnnstudio.ui.camera.qt_camera import open_cameras
from cnnstudio.ui.demonstration import Demonstration
from cnnstudio.ui.evaluation.pages import evaluation_pages
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.inside.pages import inside_pages
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.panels.augment_panel import AugmentPanel
from cnnstudio.ui.panels.evaluate_panel import EvaluatePanel
from cnnstudio.ui.panels.images_panel import ImagesPanel
from cnnstudio.ui.panels.inside_panel import InsidePanel
from cnnstudio.ui.panels.predict_panel import PredictPanel
from cnnstudio.ui.panels.train_panel import TrainPanel
from cnnstudio.ui.preferences import load_preferences
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.rail import RailStep

_log = logging.getLogger(__name__)

# Python lets another thread run only this often; the default of 5 ms would let the window stutter
# while a training prepares pictures.
SWITCH_INTERVAL_S = 0.001
_TURN_MS = 250


def run_window(project: Path | None, *, demonstrate: bool = False) -> int:
    """Show the window until it is closed, with a project open if one is given.

    With `demonstrate`, training starts by itself and ends with a few predictions.

    Returns:
        The exit code.
    """
    start_log()
    warnings.filterwarnings("ignore", module=r"PIL\.")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("CNN Studio")
    app.setDesktopFileName("cnnstudio")
    cache = cache_folder()
    window = build_window(
        app,
        KerasEngine(cache_folder=cache, converts_apart=True),
        settings_folder(),
        ThumbnailStore(cache / "thumbnails.sqlite"),
        weights_folder(cache),
    )
    sys.excepthook = _ErrorHook(window)
    window.show()
    if project is not None:
        window.open(project.resolve())
    # Python sees Ctrl-C only while it runs, so the window gives it a turn now and then.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    turns = QTimer(window, interval=_TURN_MS)
    turns.timeout.connect(lambda: None)
    turns.start()
    if demonstrate:
        window.demonstration = Demonstration(window.session, window)
    # Where there may be a GPU this imports TensorFlow, for seconds; the window is there first.
    QTimer.singleShot(0, window.session.find_device)
    return app.exec()


def build_window(
    app: QApplication,
    engine: Engine,
    settings: Path,
    store: ThumbnailStore | None = None,
    weights: Path | None = None,
) -> MainWindow:
    """Make the window and all it needs, joined together, not yet shown.

    `weights` is the folder of downloaded backbones, by default one beside the settings.
    """
    weights = weights or settings / "backbones"
    preferences = load_preferences(settings)
    theme = Theme(app, preferences.theme)
    icons = Icons(theme)
    app.setWindowIcon(icons.icon("app"))
    with theme.unstyled():
        return _assembled(theme, icons, Session(engine, settings), settings, store, weights)


def _assembled(
    theme: Theme,
    icons: Icons,
    session: Session,
    settings: Path,
    store: ThumbnailStore | None,
    weights: Path,
) -> MainWindow:
    thumbnails = Thumbnails(session, store=store)
    images = ImagesPanel(session, theme, icons, thumbnails, open_cameras)
    predict = PredictPanel(session, theme, icons, thumbnails, open_cameras, weights.parent)
    pages = evaluation_pages(session, theme, icons, thumbnails)
    panels = (
        (RailStep("images", "Images", "images"), images),
        (
            RailStep("augment", "Augment", "augment"),
            AugmentPanel(session, theme, icons, thumbnails),
        ),
        (RailStep("train", "Train", "train"), TrainPanel(session, theme, icons, weights)),
        (
            RailStep("evaluate", "Evaluate", "evaluate"),
            EvaluatePanel(session, icons, pages),
        ),
        (RailStep("predict", "Predict", "predict"), predict),
        (
            RailStep(InsidePanel.step, "Look inside", "look_inside"),
            InsidePanel(session, inside_pages(session, theme, icons, thumbnails)),
        ),
    )
    state = QSettings(str(settings / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(
        session,
        theme,
        icons,
        thumbnails,
        panels,
        images,
        predict,
        settings=settings,
        state=state,
        sample=sample_project_folder(),
    )
    predict.model_dropped.connect(window.importing_models.begin)
    return window


class _ErrorHook:
    """Turns an error that nobody foresaw into a dialog; the window goes on."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        _log.error("Unexpected error", exc_info=(kind, error, trace))
        show_error(self._window, error)
