"""`ImportingModels`: the way of a model file from elsewhere to a run of the open project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.choices import ImportChoices, guessed_choices
from cnnstudio.core.foreign.found_model import MODEL_SUFFIXES, FoundModel, kind_of_file
from cnnstudio.core.foreign.importing import import_model
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.predictions import GivenSource
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.dialogs.model_import_dialog import ModelImportDialog
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme

_Found = tuple[FoundModel, ImportChoices]


class ImportingModels(QObject):
    """Looks at a file, asks how it is to be used, and imports it; `imported` carries the run."""

    imported = Signal(object)

    def __init__(self, session: Session, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._theme = theme
        self._window = window

    def ask_for_file(self) -> None:
        """Ask for a model file, and begin."""
        if self._session.project is None:
            self._session.failed.emit(
                StudioError(
                    "No project is open yet.",
                    "Open a folder or make a new project first: the model becomes one of its runs.",
                )
            )
            return
        kinds = " ".join(f"*{suffix}" for suffix in MODEL_SUFFIXES)
        file, _ = QFileDialog.getOpenFileName(
            self._window, "Import a model", "", f"Models ({kinds});;All files (*)"
        )
        if file:
            self.begin(Path(file))

    def begin(self, model_file: Path) -> None:
        """Look at a model file; a dialog opens when it can be used, and a sentence says why not."""

        def question(engine: Engine, _project: Project) -> Task[_Found]:
            def task(context: TaskContext) -> _Found:
                found = engine.inspect_model(model_file, context)
                return found, guessed_choices(model_file, found)

            return task

        try:
            kind_of_file(model_file)
        except StudioError as error:
            self._session.failed.emit(error)
            return
        root = None if self._session.project is None else self._session.project.root
        job = self._session.ask_engine(f"Looking at {model_file.name}", question)
        job.finished.connect(self._opening(model_file, root))
        job.failed.connect(self._session.failed)

    def _opening(self, model_file: Path, root: Path | None) -> Callable[[_Found], None]:
        def open_dialog(result: _Found) -> None:
            project = self._session.project
            if project is None or project.root != root:
                return
            found, choices = result
            dialog = ModelImportDialog(
                model_file, found, choices, self._session, self._theme, self._window
            )
            dialog.choices_accepted.connect(
                lambda accepted: self._import(model_file, found, accepted)
            )
            dialog.open()

        return open_dialog

    def _import(self, model_file: Path, found: FoundModel, choices: ImportChoices) -> None:
        def question(engine: Engine, project: Project) -> Task[Run]:
            return import_model(engine, model_file, found, choices, project)

        job = self._session.ask_engine("Importing the model", question)
        job.finished.connect(self._on_imported)
        job.failed.connect(self._session.failed)

    def _on_imported(self, run: Run) -> None:
        project = self._session.project
        if project is None or run.folder.parent != project.runs_folder:
            return
        self._session.reload_runs()
        self._session.choose_run(run)
        self._session.said.emit(f"{run.name} is imported and answers in Predict.")
        self.imported.emit(run)


def model_among(sources: Sequence[GivenSource]) -> Path | None:
    """Return the model file, where nothing but one was dropped."""
    if len(sources) == 1 and isinstance(sources[0], Path):
        file = sources[0]
        if file.suffix.casefold() in MODEL_SUFFIXES and file.is_file():
            return file
    return None
