"""The window: strips, rail and one panel for each working step.

It shows, routes drops and closes with care. What a step does is its panel's business, what is open
is the session's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QSettings, QSize, QStandardPaths, Qt, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predictions import GivenSource
from cnnstudio.core.project import Project
from cnnstudio.core.sample import write_sample_project
from cnnstudio.ui.actions import WindowActions
from cnnstudio.ui.dialogs.closing_dialog import ClosingDialog
from cnnstudio.ui.dialogs.help_dialog import HelpDialog
from cnnstudio.ui.dialogs.new_project_dialog import NewProjectDialog
from cnnstudio.ui.drop_target import DropTarget
from cnnstudio.ui.garbage_collector import GarbageCollector
from cnnstudio.ui.guided_tour import GuidedTour
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.importing_models import ImportingModels, model_among
from cnnstudio.ui.job_display import JobDisplay
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.mime_sources import sources_of
from cnnstudio.ui.panels.evaluate_panel import EvaluatePanel
from cnnstudio.ui.panels.images_panel import ImagesPanel
from cnnstudio.ui.panels.inside_panel import InsidePanel
from cnnstudio.ui.panels.start_panel import StartPanel
from cnnstudio.ui.preferences import load_preferences, save_preferences
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme, ThemeChoice
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.rail import Rail, RailStep
from cnnstudio.ui.widgets.status_strip import StatusStrip
from cnnstudio.ui.widgets.top_strip import TopStrip
from cnnstudio.ui.widgets.tour_card import TourCard
from cnnstudio.ui.words import count_words, pictures

_SIZE = QSize(1280, 800)
_FRAME = QSize(8, 40)
_STEPS_WITH_NETWORK = ("train", "evaluate", "predict")


class PredictingPanel(Protocol):
    """The panel that answers dropped pictures."""

    def predict(self, sources: Sequence[GivenSource]) -> None:
        """Ask the chosen run about pictures and show the answers."""
        ...


class AddingPanel(Protocol):
    """The panel that adds dropped pictures to the project."""

    def add_pictures(self, sources: Sequence[GivenSource]) -> None:
        """Copy pictures and folders into the project."""
        ...


class MainWindow(QMainWindow):
    """The one window of the application."""

    def __init__(
        self,
        session: Session,
        theme: Theme,
        icons: Icons,
        thumbnails: Thumbnails,
        panels: Sequence[tuple[RailStep, QWidget]],
        adding: AddingPanel,
        predicting: PredictingPanel,
        *,
        settings: Path,
        state: QSettings,
        sample: Path,
    ) -> None:
        super().__init__()
        self.setWindowTitle("CNN Studio")
        self.setObjectName("main_window")
        self.session = session
        self.demonstration: QObject | None = None
        self.theme = theme
        self._thumbnails = thumbnails
        self._settings = settings
        self._sample = sample
        self._adding = adding
        self._predicting = predicting
        self._state = state
        self._is_closing = False
        self.actions_ = WindowActions(self, session, icons)
        self._top = TopStrip(self.actions_.strip())
        self._status = StatusStrip(theme)
        self._rail = Rail(icons, [step for step, _ in panels])
        self._start = StartPanel(icons)
        self._panels = {step.name: panel for step, panel in panels}
        self._steps = QStackedWidget()
        self.tour = GuidedTour(session, self)
        self.importing_models = ImportingModels(session, theme, self)
        self._build()
        # Last, as every move to another parent looks through all styles of what is inside.
        for _, panel in panels:
            self._steps.addWidget(panel)
        self._display = JobDisplay(
            self._status,
            (session.engine_jobs, session.file_jobs, session.background_jobs),
            session.trainings.elsewhere,
            parent=self,
        )
        self._garbage = GarbageCollector(self, lambda: not session.file_jobs.is_idle)
        self._connect()
        self._show_project(None)
        self._restore()

    # What is shown

    @Slot(str)
    def show_step(self, name: str) -> None:
        """Show a working step."""
        self._rail.set_current(name)
        self._steps.setCurrentWidget(self._panels[name])
        self._panels[name].setFocus()
        if (help_shown := self.findChild(HelpDialog)) is not None:
            help_shown.show_step(self._step_for_help())
        if name in _STEPS_WITH_NETWORK and self.session.project is not None:
            self.session.prepare_engine()

    @property
    def current_step(self) -> str:
        """The name of the step that is shown."""
        return self._rail.current()

    def panel(self, name: str) -> QWidget:
        """Return a step's panel."""
        return self._panels[name]

    def _build(self) -> None:
        centre = QWidget()
        self.setCentralWidget(centre)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._pages = QStackedWidget()
        column.addWidget(self._top)
        column.addWidget(self._pages, 1)
        column.addWidget(self._status)
        self._workspace = QWidget()
        self._pages.addWidget(self._start)
        self._pages.addWidget(self._workspace)
        row = QHBoxLayout(self._workspace)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        below_tour = QVBoxLayout()
        below_tour.setSpacing(0)
        below_tour.addWidget(TourCard(self.tour))
        below_tour.addWidget(self._steps, 1)
        row.addLayout(below_tour, 1)

    def _connect(self) -> None:
        session, actions = self.session, self.actions_
        self._rail.step_chosen.connect(self.show_step)
        session.project_changed.connect(self._on_project_changed)
        session.step_wanted.connect(self.show_step)
        session.sample_wanted.connect(lambda _path: self.show_step("images"))
        session.samples_wanted.connect(lambda _title, _paths: self.show_step("images"))
        session.failed.connect(self._on_failed)
        session.saved_changed.connect(self._on_saved_changed)
        session.device_changed.connect(self._on_device_changed)
        session.said.connect(self._status.show_message)
        self._status.device_clicked.connect(self._explain_device)
        self._start.new_wanted.connect(self.new_project)
        self._start.folder_wanted.connect(self.open_folder)
        self._start.sample_wanted.connect(actions.sample.trigger)
        self._start.project_wanted.connect(self.open)
        self._start.tour_wanted.connect(self.begin_tour)
        self.tour.changed.connect(self._on_tour_changed)
        actions.new_project.triggered.connect(self.new_project)
        actions.open_folder.triggered.connect(self.open_folder)
        actions.project_wanted.connect(self.open)
        actions.import_model.triggered.connect(self.importing_models.ask_for_file)
        self.importing_models.imported.connect(lambda _run: self.show_step("predict"))
        actions.paste.triggered.connect(self._paste)
        for target in (
            DropTarget(self, self.take),
            DropTarget(self._rail.button("predict"), self.ask),
            DropTarget(self._rail.button("train"), self.pin),
        ):
            target.refused.connect(self._on_failed)
        actions.sample.triggered.connect(self.open_sample)
        actions.theme.triggered.connect(self._switch_theme)
        actions.help.triggered.connect(self._show_help)
        session.trainings.changed.connect(self._on_trainings_changed)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._show_project(after)
            is_sample = after is not None and after.root == self._sample
            self._status.show_message("Next: Start training, in the Train step." * is_sample)
            if after is not None:
                self.show_step("images")
        elif (before.samples, before.classes) != (after.samples, after.classes):
            self._show_facts(after)

    def _show_project(self, project: Project | None) -> None:
        if project is None:
            self._pages.setCurrentWidget(self._start)
            self._start.set_recent(self.session.recent_projects())
            self._top.set_project("CNN Studio")
            self.setWindowTitle("CNN Studio")
            self._start.setFocus()
            return
        self._pages.setCurrentWidget(self._workspace)
        self.setWindowTitle(f"{project.title} - CNN Studio")
        self._show_facts(project)

    def _show_facts(self, project: Project) -> None:
        count = len(project.classes)
        classes = "1 class" if count == 1 else f"{count_words(count)} classes"
        saved = "all saved" if self.session.is_saved else "cannot be saved here"
        facts = f"{pictures(len(project.samples))} · {classes} · {saved}"
        self._top.set_project(project.title, facts)

    @Slot()
    def _on_saved_changed(self) -> None:
        if self.session.project is not None:
            self._show_facts(self.session.project)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        show_error(self, error)

    @Slot()
    def _on_device_changed(self) -> None:
        device = self.session.device
        if device is not None:
            self._status.set_device(device.words, has_reason=bool(device.reason_without_gpu))

    @Slot()
    def _explain_device(self) -> None:
        device = self.session.device
        if device is not None:
            show_error(self, StudioError(device.words, device.reason_without_gpu))

    # Opening

    @Slot()
    def new_project(self) -> None:
        """Ask for a name and make a project."""
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        dialog = NewProjectDialog(Path(QStandardPaths.writableLocation(documents)), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.project_named.connect(self.session.create)
        dialog.open()

    @Slot()
    def open_folder(self) -> None:
        """Ask for a folder and open it in place."""
        folder = QFileDialog.getExistingDirectory(self, "Open a folder of class folders")
        if folder:
            self.open(Path(folder))

    @Slot(object)
    def open(self, root: Path) -> None:
        """Open a folder in place."""
        self.session.open(root)

    @Slot()
    def open_sample(self) -> None:
        """Make the sample project, unless it is there already, and open it."""
        folder = self._sample

        def task(context: TaskContext) -> None:
            def report(done: int, total: int) -> None:
                context.checkpoint()
                context.report(Progress("Writing the sample pictures", done, total))

            write_sample_project(folder, report)

        job = self.session.file_jobs.start("Writing the sample pictures", task)
        job.finished.connect(lambda _none: self.open(folder))
        job.failed.connect(self._on_failed)

    # Help and looks

    @Slot()
    def _show_help(self) -> None:
        dialog = self.findChild(HelpDialog)
        if dialog is None:
            dialog = HelpDialog(self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.tour_wanted.connect(dialog.close)
            dialog.tour_wanted.connect(self.begin_tour)
        dialog.show_step(self._step_for_help())
        dialog.show()
        dialog.activateWindow()

    def _step_for_help(self) -> str:
        return "" if self.session.project is None else self.current_step

    @Slot()
    def begin_tour(self) -> None:
        """Begin the guided tour: in the open project, or in the sample where none is open."""
        if self.session.project is None:
            self.open_sample()
        else:
            images = self._panels["images"]
            assert isinstance(images, ImagesPanel)
            images.show_everything()
        self.tour.begin()

    @Slot()
    def _on_tour_changed(self) -> None:
        step = self.tour.step
        if step is None or self.session.project is None:
            return
        self.show_step(step.place)
        panel = self._panels[step.place]
        if isinstance(panel, EvaluatePanel | InsidePanel):
            panel.show_page(step.page)

    @Slot()
    def _switch_theme(self) -> None:
        choice: ThemeChoice = "light" if self.theme.is_dark else "dark"
        self.theme.set_choice(choice)
        settings = self._settings

        def task(context: TaskContext) -> None:
            preferences = load_preferences(settings)
            save_preferences(settings, replace(preferences, theme=choice))

        job = self.session.file_jobs.start("Saving", task, can_cancel=False)
        job.failed.connect(self._on_failed)

    # Drops and pastes

    def take(self, sources: Sequence[GivenSource]) -> None:
        """Do with dropped or pasted pictures what the window is about at the moment."""
        if not sources:
            return
        if self.session.project is None:
            first = sources[0]
            if isinstance(first, Path) and first.is_dir():
                self.open(first)
            else:
                show_error(
                    self,
                    StudioError(
                        "No project is open yet.",
                        "Drop a folder of class folders here, or choose New project first.",
                    ),
                )
            return
        model = model_among(sources)
        if model is not None and self.current_step != "images":
            self.importing_models.begin(model)
        elif self.current_step == "images":
            self._adding.add_pictures(sources)
        else:
            self.ask(sources)

    def ask(self, sources: Sequence[GivenSource]) -> None:
        """Ask the chosen run about pictures, whatever step is shown; a model file is imported."""
        if self.session.project is not None and (model := model_among(sources)) is not None:
            self.importing_models.begin(model)
            return
        self.show_step("predict")
        self._predicting.predict(sources)

    def pin(self, sources: Sequence[GivenSource]) -> None:
        """Pin pictures, so that the Train step shows what is answered about them."""
        if self.session.project is not None:
            self.show_step("train")
            self.session.pinning.add(sources)

    @Slot()
    def _paste(self) -> None:
        try:
            self.take(sources_of(QApplication.clipboard().mimeData()))
        except StudioError as error:
            show_error(self, error)

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask when work would be lost, let it end without blocking the window, then close."""
        if not self._is_closing:
            if self.session.training_is_running:
                event.ignore()
                self._ask_about_training()
                return
            self.session.cancel_all()
        self._is_closing = True
        self.session.flush()
        if self.session.is_busy:
            event.ignore()
            self._status.show_message("Closing: the running work ends first")
            for queue in self.session.lossy_queues():
                queue.emptied.connect(self.close, Qt.ConnectionType.UniqueConnection)
            return
        self._state.setValue("geometry", self.saveGeometry())
        self._thumbnails.close()
        self.session.close()
        self._garbage.stop()
        event.accept()

    def _ask_about_training(self) -> None:
        trainings = self.session.trainings
        dialog = ClosingDialog(
            len(trainings.waiting), can_go_on_later=trainings.can_go_on_later, parent=self
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.later_wanted.connect(self._leave_and_close)
        dialog.keep_wanted.connect(self._stop_and_close)
        dialog.discard_wanted.connect(self._cancel_and_close)
        dialog.open()

    @Slot()
    def _on_trainings_changed(self) -> None:
        """Ask no more about what has ended; where others wait, ask anew."""
        asking = [each for each in self.findChildren(ClosingDialog) if each.isVisible()]
        if not asking or self._is_closing:
            return
        asking[0].reject()
        if self.session.training_is_running:
            self._ask_about_training()
        else:
            self._status.show_message("The training has ended: the window can be closed")

    @Slot()
    def _stop_and_close(self) -> None:
        self._is_closing = True
        self.session.trainings.clear()
        if self.session.training_job is not None:
            self.session.training_job.stop()
        self.close()

    @Slot()
    def _leave_and_close(self) -> None:
        self._is_closing = True
        self.session.trainings.clear()
        if self.session.training_job is not None:
            self.session.training_job.leave_for_later()
        self.close()

    @Slot()
    def _cancel_and_close(self) -> None:
        self._is_closing = True
        self.session.cancel_all()
        self.close()

    def _restore(self) -> None:
        geometry = self._state.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            # Not larger than the screen, whose edges belong to the desktop and the window's frame.
            room = self.screen().availableSize() - _FRAME
            self.resize(_SIZE.boundedTo(room))
