"""The open project and everything that may change it.

Panels read `Session.project` and listen to its signals; they change the project only through
`edit`, `undo`, `redo` and `set_config`. An edit is computed, its files are moved on the file thread
(all or nothing), and only then does the project become the new value.
"""

from __future__ import annotations

import gc
import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from cnnstudio.core import changes, editing
from cnnstudio.core.advising import LabelDoubts, doubt_labels, suggest_classes
from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS
from cnnstudio.core.changes import Change
from cnnstudio.core.config import RunConfig
from cnnstudio.core.dataset.bin_contents import empty_bin
from cnnstudio.core.dataset.importing import ImportedPictures, ImportPlan, stage_import
from cnnstudio.core.dataset.rescanning import Rescan, differs, rescan
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.edits import NamedEdit, add_imported
from cnnstudio.core.engine_api import DeviceReport, Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Warned
from cnnstudio.core.history import History, Step
from cnnstudio.core.jobs import Task, TaskContext
from cnnstudio.core.live_prediction import TakeFrame, predict_live
from cnnstudio.core.predicting import predict_pictures
from cnnstudio.core.predictions import PictureSource
from cnnstudio.core.project import Project
from cnnstudio.core.resuming import resume_training
from cnnstudio.core.runs import Run, list_runs, rename_run
from cnnstudio.core.storage import project_file, recents
from cnnstudio.core.storage.atomic import write_text
from cnnstudio.core.storage.index import Index
from cnnstudio.core.storage.unfinished_runs import UnfinishedRun
from cnnstudio.core.storage.used_run import load_used_run, save_used_run
from cnnstudio.ui.folder_watch import FolderWatch
from cnnstudio.ui.inspection import Inspection
from cnnstudio.ui.jobs import Job, JobQueue
from cnnstudio.ui.predicting.arriving import Arriving
from cnnstudio.ui.predicting.run_service import RunService
from cnnstudio.ui.project_lock import ProjectLock
from cnnstudio.ui.run_watch import RunWatch
from cnnstudio.ui.training.pinning import Pinning
from cnnstudio.ui.training.training_queue import TrainingQueue
from cnnstudio.ui.words import pictures

_SAVE_DELAY_MS = 400

T = TypeVar("T")
_Opened = tuple[Project, tuple[Run, ...], str]


class Session(QObject):
    """What is open, what can be undone, what runs.

    `samples_moved` comes before `project_changed`, with old paths and new ones, None where a
    picture left the project. `sample_wanted` carries the path of a sample that is to be shown in
    the Images step, `samples_wanted` a title and the paths of several, `step_wanted` the name of a
    step that is to be gone to. `answered` says that a run has answered about pictures.
    """

    project_changed = Signal(object, object)
    samples_moved = Signal(object)
    sample_wanted = Signal(str)
    samples_wanted = Signal(str, object)
    step_wanted = Signal(str)
    answered = Signal()
    history_changed = Signal()
    bin_emptied = Signal()
    runs_changed = Signal()
    chosen_run_changed = Signal()
    saved_changed = Signal()
    device_changed = Signal()
    failed = Signal(object)
    said = Signal(str)

    def __init__(
        self, engine: Engine, settings_folder: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.runs: tuple[Run, ...] = ()
        self.chosen_run: Run | None = None
        self.device: DeviceReport | None = None
        self.engine_jobs = JobQueue("engine", self)
        self.file_jobs = JobQueue("files", self)
        self.background_jobs = JobQueue("background", self)
        self.preview_jobs = JobQueue("preview", self)
        self.view_jobs = JobQueue("view", self)
        self.download_jobs = JobQueue("downloads", self)
        self.map_jobs = JobQueue("map", self)
        self._engine = engine
        self._settings_folder = settings_folder
        self._history = History()
        self._changes: deque[Callable[[], Job | None]] = deque()
        self._changing: Job | None = None
        self._has_told_not_saved = False
        self._lock = ProjectLock()
        self._is_out_of_reach = False
        self._is_engine_prepared = False
        self._is_run_chosen_by_user = False
        self.trainings = TrainingQueue(engine, self.engine_jobs, lambda: self.project, self)
        self.trainings.trained.connect(self._on_trained)
        self.pinning = Pinning(self.file_jobs, lambda: self.project, self)
        self.pinning.failed.connect(self.failed)
        self.pinning.said.connect(self.said)
        self.project_changed.connect(self.pinning.on_project_changed)
        self.inspection = Inspection(self.background_jobs, self)
        self.inspection.failed.connect(self.failed)
        self.arriving = Arriving(self)
        self.service = RunService(self)
        self._watch = FolderWatch(self)
        self._watch.changed.connect(self._on_folder_changed)
        self._watch.began.connect(self._on_watch_began)
        self._run_watch = RunWatch(self.file_jobs, lambda: self.project, lambda: self.runs, self)
        self._run_watch.changed.connect(self._on_runs_noticed)
        self.file_jobs.job_ended.connect(self._on_change_ended)
        self._save_timer = QTimer(self, singleShot=True, interval=_SAVE_DELAY_MS)
        self._save_timer.timeout.connect(self._save)

    # Opening and closing

    def open(self, root: Path) -> None:
        """Open a folder of class folders in place, once the edits asked for before are made."""

        def task(context: TaskContext) -> _Opened:
            project = scan(root, context)
            return project, tuple(list_runs(project.runs_folder)), load_used_run(root)

        self._open(f"Opening {root.name}", task)

    def create(self, root: Path) -> None:
        """Make a new, empty project folder and open it."""

        def task(context: TaskContext) -> _Opened:
            if root.exists() and any(root.iterdir()):
                raise StudioError(
                    f"The folder {root.name} is not empty.",
                    "Choose another name, or open it with Open folder.",
                )
            root.mkdir(parents=True, exist_ok=True)
            project_file.save(Project(root, config=TRAINING_PRESETS[0].config))
            return scan(root, context), (), ""

        self._open(f"Making {root.name}", task)

    def _open(self, words: str, task: Task[_Opened]) -> None:
        def begin() -> Job:
            job = self.file_jobs.start(words, task)
            job.reported.connect(self._on_opening_reported)
            job.finished.connect(self._on_opened)
            job.failed.connect(self.failed)
            return job

        self._changes.append(begin)
        self._next_change()

    @Slot(object)
    def _on_opening_reported(self, event: object) -> None:
        if isinstance(event, Warned):
            self.failed.emit(StudioError(event.words, event.hint))

    def recent_projects(self) -> list[Path]:
        """Return the projects opened last, newest first, those that still exist."""
        return recents.load(self._settings_folder)

    def flush(self) -> None:
        """Write a change of settings that still waits."""
        if self._save_timer.isActive():
            self._save_timer.stop()
            self._save()

    @Slot(object)
    def _on_opened(self, opened: _Opened) -> None:
        self.flush()
        project, runs, used = opened
        if not self._lock.take(project):
            self.failed.emit(
                StudioError(
                    f"{project.title} is open in another window already.",
                    "Close it there first: two windows would undo each other's work.",
                )
            )
            return
        self.runs = runs
        before, self.project = self.project, project
        chosen = next((run for run in runs if run.folder.name == used), None)
        self._is_run_chosen_by_user = chosen is not None
        self.chosen_run = chosen or (runs[0] if runs else None)
        self._history = History()
        self._has_told_not_saved = False
        # Tens of thousands of samples that live on: looking through them for garbage again and
        # again would hold the window up for 50 ms and more.
        gc.freeze()
        recents.add(self._settings_folder, project.root)
        self.said.emit("")  # what was said last can no longer be taken back
        self.project_changed.emit(before, project)
        self.history_changed.emit()
        self.runs_changed.emit()
        self.chosen_run_changed.emit()
        self.inspection.begin(project)
        self._watch.watch(project)
        self._is_out_of_reach = False

    # Changing

    def edit(self, edit: NamedEdit) -> None:
        """Change the project and its files; the change can be undone."""
        self._change(lambda: self._begin_edit(edit))

    @property
    def undo_words(self) -> str | None:
        """What undo would take back, or None."""
        return self._history.undo_words

    @property
    def redo_words(self) -> str | None:
        """What redo would do again, or None."""
        return self._history.redo_words

    @Slot()
    def undo(self) -> None:
        """Take the last edit back."""
        self._change(lambda: self._begin_step(self._history.undo_step, forward=False))

    @Slot()
    def redo(self) -> None:
        """Do the edit again that was taken back last."""
        self._change(lambda: self._begin_step(self._history.redo_step, forward=True))

    def steps_done(self) -> Sequence[Step]:
        """Return the steps that can be undone, the last one first."""
        return self._history.done()

    def steps_taken_back(self) -> Sequence[Step]:
        """Return the steps that can be redone, the next one first."""
        return self._history.taken_back()

    def undo_to(self, step: Step) -> None:
        """Take back all steps down to this one, itself included."""
        for _ in itertools.takewhile(lambda each: each is not step, self._history.done()):
            self.undo()
        self.undo()

    def redo_to(self, step: Step) -> None:
        """Make all steps again up to this one, itself included."""
        for _ in itertools.takewhile(lambda each: each is not step, self._history.taken_back()):
            self.redo()
        self.redo()

    def set_config(self, config: RunConfig) -> None:
        """Keep new settings; not an edit, so undo passes over it."""
        if self.project is not None and config != self.project.config:
            self._set_project(self.project.with_config(config))

    def import_pictures(self, plan: ImportPlan) -> Job:
        """Copy pictures into the project, as one edit."""
        project = self._opened()

        def finished(staged: ImportedPictures) -> None:
            # Another project may be open by now: the copies stay in the bin of theirs. And when
            # every file was skipped there is nothing to undo.
            if self._root == project.root and (staged.pictures or staged.class_titles):
                self.edit(add_imported(staged))

        job = self.file_jobs.start("Adding pictures", stage_import(plan, project))
        job.finished.connect(finished)
        job.failed.connect(self.failed)
        return job

    def _change(self, begin: Callable[[], Job | None]) -> None:
        root = self._root

        def begin_here() -> Job | None:
            # What was meant for one project must not happen to another, opened meanwhile.
            return begin() if self._root == root else None

        self._changes.append(begin_here)
        self._next_change()

    def _next_change(self) -> None:
        while self._changes and self._changing is None:
            try:
                self._changing = self._changes.popleft()()
            except StudioError as error:
                self.failed.emit(error)

    def _begin_edit(self, edit: NamedEdit) -> Job:
        before = self._opened()

        def task(context: TaskContext) -> tuple[Project, Step]:
            return editing.make(edit, before, context)

        def made(result: tuple[Project, Step]) -> None:
            project, step = result
            self._history.push(step)
            words = f"{step.words}: done. Ctrl+Z takes it back."
            self._take_over(project, step.change.moved, words)

        return self._move(edit.words, task, made)

    def _begin_step(self, step: Step | None, *, forward: bool) -> Job | None:
        if step is None:
            return None
        before = self._opened()
        make = editing.redo if forward else editing.undo

        def task(context: TaskContext) -> tuple[Project, Change]:
            change = step.change if forward else changes.reverse(step.change)
            return make(step, before, context), change

        def made(result: tuple[Project, Change]) -> None:
            project, change = result
            if forward:
                self._history.redone(step)
            else:
                self._history.undone(step)
            done = "Done again" if forward else "Undone"
            self._take_over(project, change.moved, f"{done}: {step.words}")

        return self._move(step.words, task, made)

    def _move(self, words: str, task: Task[T], moved: Callable[[T], None]) -> Job:
        job = self.file_jobs.start(words, task, can_cancel=False)
        job.finished.connect(moved)
        job.failed.connect(self.failed)
        return job

    def _take_over(self, project: Project, moved: Mapping[str, str | None], words: str) -> None:
        if moved:
            self.inspection.follow(moved)
            self.samples_moved.emit(moved)
        # Settings changed since the edit stay as they are.
        before = self._opened()
        self._set_project(project.with_config(before.config))
        if _folders(self._opened()) != _folders(before):
            self._watch.watch(self._opened())
        # As after opening: what many pictures were moved to lives on.
        gc.freeze()
        self.history_changed.emit()
        self.said.emit(words)
        self.reload_runs()

    @Slot(object)
    def _on_change_ended(self, job: Job) -> None:
        if job is self._changing:
            self._changing = None
            self._next_change()

    def _set_project(self, project: Project) -> None:
        before, self.project = self.project, project
        self.project_changed.emit(before, project)
        self._save_timer.start()
        if before is None or (before.samples, before.classes, before.ignored_findings) != (
            project.samples,
            project.classes,
            project.ignored_findings,
        ):
            self.inspection.look(project)

    @Slot()
    def _save(self) -> None:
        project = self.project
        if project is not None:
            job = self.file_jobs.start(
                "Saving", lambda context: project_file.save(project), can_cancel=False
            )
            job.failed.connect(self._on_not_saved)

    @Slot(object)
    def _on_not_saved(self, error: Exception) -> None:
        # A folder that cannot be written would say so at every move of a slider.
        if not self._has_told_not_saved:
            self._has_told_not_saved = True
            self.failed.emit(error)
            self.saved_changed.emit()

    @property
    def is_saved(self) -> bool:
        """Whether the project's settings could be written."""
        return not self._has_told_not_saved

    @property
    def _root(self) -> Path | None:
        return None if self.project is None else self.project.root

    def _opened(self) -> Project:
        if self.project is None:
            raise StudioError("No project is open.", "Open a folder or make a new project first.")
        return self.project

    def empty_bin(self) -> None:
        """Delete what is in the bin for good; steps before it cannot be taken back any more."""
        self._change(self._begin_emptying)

    def _begin_emptying(self) -> Job:
        project = self._opened()
        job = self.file_jobs.start("Emptying the bin", lambda context: empty_bin(project, context))
        job.finished.connect(self._on_emptied)
        job.cancelled.connect(lambda: self._on_emptied(0))
        job.failed.connect(self.failed)
        return job

    @Slot(object)
    def _on_emptied(self, count: int) -> None:
        self._history = History()
        self.history_changed.emit()
        self.bin_emptied.emit()
        self.said.emit(f"Deleted for good: {pictures(count)}.")

    # What other programs change

    @Slot(object)
    def _on_folder_changed(self, places: frozenset[str]) -> None:
        self._change(lambda: self._begin_refresh(places))

    @Slot()
    def _on_watch_began(self) -> None:
        # What happened between reading the folder and watching it.
        if self.project is not None:
            self.refresh()

    def refresh(self) -> None:
        """Read the folder again, as when another program has changed it."""
        self._change(lambda: self._begin_refresh(None))

    def _begin_refresh(self, places: frozenset[str] | None) -> Job:
        before = self._opened()

        def task(context: TaskContext) -> Rescan | None:
            # Most of what happens in the folder is what this window does itself.
            if places is not None and before.root.is_dir() and not differs(before, places):
                return None
            return rescan(before, context)

        job = self.file_jobs.start("Reading the folder", task)
        job.finished.connect(self._on_refreshed)
        job.failed.connect(self._on_out_of_reach)
        return job

    @Slot(object)
    def _on_refreshed(self, found: Rescan | None) -> None:
        self._is_out_of_reach = False
        if found is not None:
            self._watch.watch(found.project)
            self._take_over(found.project, found.moved, found.words)

    @Slot(object)
    def _on_out_of_reach(self, error: Exception) -> None:
        # A drive that was pulled out would say so again and again.
        if not self._is_out_of_reach:
            self._is_out_of_reach = True
            self.failed.emit(error)

    # Training, runs, predictions

    def find_device(self) -> Job:
        """Find out what this computer trains on."""
        job = self.engine_jobs.start("Looking at this computer", lambda _: self._engine.devices())
        job.finished.connect(self._on_device)
        job.failed.connect(self.failed)
        return job

    def prepare_engine(self) -> None:
        """Import TensorFlow before it is needed, but not for somebody who only sorts pictures."""
        if not self._is_engine_prepared:
            self._is_engine_prepared = True
            job = self.engine_jobs.start("Starting TensorFlow", lambda _: self._engine.prepare())
            job.failed.connect(self.failed)

    @Slot(object)
    def _on_device(self, device: DeviceReport) -> None:
        self.device = device
        self.device_changed.emit()

    def train(self, config: RunConfig | None = None, *, instead: bool = False) -> Job:
        """Train with these settings or the project's; the run is kept in the project.

        While another training runs, this one waits for its end, or takes its place: `instead`.

        Raises:
            StudioError: no project is open.
        """
        project = self._opened()
        names = [run.name for run in self.runs]
        return self.trainings.add(project, config or project.config, names, instead=instead).job

    def resume(self, unfinished: UnfinishedRun) -> Job:
        """Go on with a training of the open project that was cut off, when its turn comes.

        Raises:
            StudioError: no project is open.
        """
        project = self._opened()
        task = resume_training(self._engine, unfinished, project)
        return self.trainings.go_on(project.root, unfinished, task).job

    @Slot(object)
    def _on_trained(self, run: Run) -> None:
        if self.project is not None and self.project.runs_folder == run.folder.parent:
            self.reload_runs()
            if self._is_run_chosen_by_user and self.chosen_run is not None:
                kept = self.chosen_run.name
                self.said.emit(f"{run.name} is trained. Predict still uses {kept}, as you chose.")
            else:
                self._take_run(run)
        else:
            title = Project(run.folder.parents[2]).title
            self.said.emit(f"{run.name} is trained; the run is kept in {title}.")

    def save_text(self, path: Path, text: str) -> None:
        """Write a table or the like to where the user wants it."""
        job = self.file_jobs.start("Saving", lambda _: write_text(path, text), can_cancel=False)
        job.finished.connect(lambda _none: self.said.emit(f"Saved as {path.name}."))
        job.failed.connect(self.failed)

    def reload_runs(self) -> None:
        """Read the list of runs again."""
        folder = self._opened().runs_folder

        def finished(runs: tuple[Run, ...]) -> None:
            # Another project may have been opened meanwhile.
            if self.project is not None and self.project.runs_folder == folder:
                self._on_runs(runs)

        job = self.file_jobs.start("Reading runs", lambda context: tuple(list_runs(folder)))
        job.finished.connect(finished)

    def _on_runs(self, runs: tuple[Run, ...]) -> None:
        self.runs = runs
        folders = [run.folder for run in runs]
        if self.chosen_run is None or self.chosen_run.folder not in folders:
            self._is_run_chosen_by_user = False
            self._take_run(runs[0] if runs else None)
        else:
            self._take_run(runs[folders.index(self.chosen_run.folder)])
        self.runs_changed.emit()

    @Slot(object, object)
    def _on_runs_noticed(self, folder: Path, runs: tuple[Run, ...]) -> None:
        if self.project is None or self.project.runs_folder != folder:
            return
        known = {run.folder for run in self.runs}
        new = [run for run in runs if run.folder not in known]
        self._on_runs(runs)
        if new:
            self.said.emit(f"New here, from another program: {new[0].name}.")
            # As when the project is opened again.
            if not self._is_run_chosen_by_user:
                self._take_run(runs[0])

    def choose_run(self, run: Run) -> None:
        """Use this run for predictions, also when others are trained after it or another day."""
        root = self._opened().root
        self.said.emit("")  # what was said last was about the run before
        self._is_run_chosen_by_user = True
        self._take_run(run)

        def task(_context: TaskContext) -> None:
            save_used_run(root, run.folder.name)

        self.file_jobs.start("Saving", task, can_cancel=False).failed.connect(self._on_not_saved)

    def _take_run(self, run: Run | None) -> None:
        if run != self.chosen_run:
            self.chosen_run = run
            self.chosen_run_changed.emit()

    def rename_run(self, run: Run, name: str) -> None:
        """Give a run another name."""
        job = self.file_jobs.start(
            "Renaming", lambda context: rename_run(run, name), can_cancel=False
        )
        job.failed.connect(self.failed)
        self.reload_runs()

    def predict(
        self, sources: Sequence[PictureSource], run: Run, scratch: Path | None = None
    ) -> Job:
        """Ask a run about pictures; answers are reported one by one as `PredictionMade`.

        What has to be unpacked is kept in `scratch`.
        """
        task = predict_pictures(self._engine, run, sources, scratch=scratch)
        job = self.engine_jobs.start("Predicting", task)
        job.finished.connect(lambda _answers: self.answered.emit())
        return job

    def predict_live(self, run: Run, take_frame: TakeFrame) -> Job:
        """Ask a run about live pictures until it is cancelled; reports each `LiveAnswer`."""
        return self.engine_jobs.start("Live camera", predict_live(self._engine, run, take_frame))

    def suggest_classes(self, run: Run) -> Job:
        """Ask a run for the classes of the pictures that have none; gives `Suggestions`."""
        project = self._opened()
        paths = [sample.path for sample in project.samples if sample.class_name is None]
        task = suggest_classes(self._engine, run, project, paths)
        return self.engine_jobs.start("Suggesting classes", task)

    def doubt_labels(self) -> Job:
        """Look for labels that are probably wrong; gives `LabelDoubts`."""
        project = self._opened()

        def task(context: TaskContext) -> LabelDoubts:
            with Index.of(project) as index:
                return doubt_labels(self._engine, project, index)(context)

        return self.engine_jobs.start("Looking for doubtful labels", task)

    def ask_engine(
        self, words: str, question: Callable[[Engine, Project], Task[T]], *, can_stop: bool = False
    ) -> Job:
        """Ask the engine something about the open project; what runs there now ends first."""
        task = question(self._engine, self._opened())
        return self.engine_jobs.start(words, task, can_stop=can_stop)

    def ask_map(self, words: str, question: Callable[[Engine, Project], Task[T]]) -> Job:
        """Work on the map of the open project, beside all else; no network computes anything."""
        return self.map_jobs.start(words, question(self._engine, self._opened()))

    # The end

    @property
    def training_is_running(self) -> bool:
        """Whether a training runs or waits."""
        return self.trainings.is_running

    @property
    def training_job(self) -> Job | None:
        """The job of the training that runs."""
        training = self.trainings.current
        return None if training is None else training.job

    def cancel_all(self) -> None:
        """Cancel whatever runs; its files end as they began. Edits and saving are not cancelled."""
        self.trainings.clear()
        for queue in self._queues():
            queue.cancel_all()

    def _queues(self) -> tuple[JobQueue, ...]:
        return (
            self.preview_jobs,
            self.view_jobs,
            self.download_jobs,
            self.map_jobs,
            self.background_jobs,
            self.engine_jobs,
            self.file_jobs,
        )

    def lossy_queues(self) -> tuple[JobQueue, ...]:
        """Return the queues whose work closing the window would lose."""
        return self.engine_jobs, self.file_jobs, self.download_jobs

    @property
    def is_busy(self) -> bool:
        """Whether work runs that closing would lose."""
        return not all(queue.is_idle for queue in self.lossy_queues())

    def close(self) -> None:
        """End all threads; running tasks are cancelled and waited for, settings are saved."""
        self.flush()
        self.trainings.clear()
        for queue in self._queues():
            queue.close()
        self._watch.close()
        self._run_watch.close()
        self.arriving.close()
        self.service.close()
        self._lock.release()


def _folders(project: Project) -> set[str]:
    return {each.name for each in project.classes}
