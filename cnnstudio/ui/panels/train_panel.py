"""The Train step: settings, a running training with live curves, and the runs there are."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.edits import remove_run
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import EpochEnded, TrainingBegan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.network import layer_table, parameter_count
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import write_bytes
from cnnstudio.core.training import check_before_training
from cnnstudio.ui.dialogs.save_file_dialog import SaveFileDialog
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.models.run_rows import RunRow
from cnnstudio.ui.models.run_words import (
    accuracies_of,
    accuracy_words,
    ending_words,
    run_row,
    settings_words,
    training_words,
)
from cnnstudio.ui.models.training_monitor import (
    RunCurves,
    TrainingMonitor,
    curves_of_history,
)
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.preset_cards import PresetCards
from cnnstudio.ui.widgets.run_list import RunList
from cnnstudio.ui.widgets.training_card import TrainingCard
from cnnstudio.ui.widgets.training_curves import TrainingCurves
from cnnstudio.ui.widgets.training_settings import TrainingSettings
from cnnstudio.ui.words import classes, count_words, counted, pictures

_RUNS_WIDTH_PX = 264
_REDRAW_MS = 80
# The key of the training that runs; no folder can be called so.
_RUNNING = "/running"


class TrainPanel(QWidget):
    """Starts trainings and follows them; whoever starts one, by `Session.train`, is followed."""

    step: ClassVar[str] = "train"

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self.setObjectName("train_panel")
        self._session = session
        self._job: Job | None = None
        self._monitor = TrainingMonitor("", 1)
        self._trained: RunConfig = RunConfig()
        self._fresh: Run | None = None
        self._last: tuple[str, str, float] | None = None
        self._shown = ""
        self._problem = _banner(icons, "bad", "train_problem")
        self._warning = _banner(icons, "warn", "train_warning")
        self._presets = PresetCards(TRAINING_PRESETS, "train_preset")
        self._card = TrainingCard(theme, "train")
        self._settings = TrainingSettings(icons, "train")
        self._curves = TrainingCurves(theme, icons, "train")
        self._runs = RunList(theme, icons, "train_runs")
        self._pages = QStackedWidget()
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._arrange()
        self._connect()

    # What it is made of

    def _arrange(self) -> None:
        self._pages.addWidget(self._curves)
        self._pages.addWidget(self._settings)
        left = QVBoxLayout()
        left.setSpacing(12)
        for widget in (self._problem, self._warning, self._presets, self._card):
            left.addWidget(widget)
        left.addWidget(self._pages, 1)
        self._runs.setFixedWidth(_RUNS_WIDTH_PX)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(self._runs)

    def _connect(self) -> None:
        self._redraw.timeout.connect(self._draw_running)
        self._presets.preset_chosen.connect(self._on_preset_chosen)
        self._card.start_requested.connect(self._start)
        self._card.stop_requested.connect(self._stop)
        self._card.cancel_requested.connect(self._cancel)
        self._card.settings_toggled.connect(self._show_settings)
        self._settings.config_changed.connect(self._on_config_changed)
        self._runs.run_selected.connect(self._on_run_selected)
        self._runs.rename_wanted.connect(self._rename)
        self._runs.removal_wanted.connect(self._remove)
        self._runs.use_wanted.connect(self._use)
        self._curves.picture_made.connect(self._save_picture)
        self._curves.table_made.connect(self._save_table)
        self._session.project_changed.connect(self._on_project_changed)
        self._session.runs_changed.connect(self._on_runs_changed)
        self._session.chosen_run_changed.connect(self._show_runs)
        self._session.training_started.connect(self._on_training_started)

    # What the user does

    @Slot()
    def _start(self) -> None:
        project = self._session.project
        if project is None or self._job is not None:
            return
        self._hide_banners()
        try:
            check_before_training(project, project.config)
        except StudioError as error:
            self._complain(str(error))
        else:
            self._session.train()

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()
            self._card.show_ending("Stopping after this batch; the best epoch so far is kept…")

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._card.show_ending("Cancelling after this batch; nothing is kept…")

    @Slot(bool)
    def _show_settings(self, shown: bool) -> None:
        self._pages.setCurrentIndex(1 if shown else 0)

    @Slot(str)
    def _on_preset_chosen(self, key: str) -> None:
        project = self._session.project
        if project is not None and project.config.preset != key:
            self._on_config_changed(training_preset(key).config)

    @Slot(object)
    def _on_config_changed(self, config: RunConfig) -> None:
        self._last = None
        self._session.set_config(config)

    @Slot(str)
    def _on_run_selected(self, key: str) -> None:
        self._show_run(key)
        self._card.set_settings_shown(False)

    @Slot(str, str)
    def _rename(self, key: str, name: str) -> None:
        run = self._run_at(key)
        if run is not None:
            self._session.rename_run(run, name)

    @Slot(str)
    def _remove(self, key: str) -> None:
        run = self._run_at(key)
        if run is not None:
            self._session.edit(remove_run(run.folder.name))

    @Slot(str)
    def _use(self, key: str) -> None:
        run = self._run_at(key)
        if run is not None:
            self._session.choose_run(run)

    @Slot(object, str)
    def _save_picture(self, png: bytes, name: str) -> None:
        self._save(png, SaveFileDialog(self, "Save the curves", name, "png", "Pictures"))

    @Slot(object, str)
    def _save_table(self, table: bytes, name: str) -> None:
        self._save(table, SaveFileDialog(self, "Save the curves", name, "csv", "Tables"))

    def _save(self, data: bytes, dialog: SaveFileDialog) -> None:
        dialog.path_chosen.connect(partial(self._write, data))
        dialog.open()

    def _write(self, data: bytes, path: Path) -> None:
        def task(context: TaskContext) -> str:
            write_bytes(path, data)
            return f"Saved {path.name}"

        job = self._session.file_jobs.start("Saving the curves", task)
        job.finished.connect(lambda words: self._session.said.emit(words))
        job.failed.connect(self._session.failed)

    # What the session says

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if after is None:
            return
        if before is None or before.root != after.root:
            self._last = None
            self._fresh = None
            self._shown = ""
            self._hide_banners()
            self._curves.show_curves(RunCurves())
            self._card.set_settings_shown(not self._session.runs)
        same_pictures = before is not None and before.samples == after.samples
        if before is None or before.config != after.config or not same_pictures:
            self._show_project(after)
        if not same_pictures:
            self._problem.hide()

    @Slot()
    def _on_runs_changed(self) -> None:
        folders = [run.folder for run in self._session.runs]
        if self._fresh is not None and self._fresh.folder in folders:
            self._fresh = None
        is_failure_shown = not self._shown and not self._problem.isHidden()
        if self._shown in [row.key for row in self._rows()]:
            self._show_run(self._shown)
        elif is_failure_shown:
            self._show_runs()
        else:
            self._show_newest_run()

    @Slot(object)
    def _on_training_started(self, job: Job) -> None:
        project = self._session.project
        if project is None or self._job is not None:
            return
        self._job = job
        self._trained = project.config
        label = training_preset(project.config.preset).label
        self._monitor = TrainingMonitor(label, project.config.training.epochs)
        self._last = None
        self._hide_banners()
        job.reported.connect(self._on_reported)
        job.finished.connect(self._on_finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self._presets.set_locked(True)
        self._card.set_settings_shown(False)
        self._shown = _RUNNING
        self._draw_running()
        self._show_runs()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        self._monitor.take(event)
        if isinstance(event, TrainingBegan) and event.warnings:
            self._warning.set_finding("warn", "\n".join(event.warnings))
            self._warning.show()
        if isinstance(event, TrainingBegan | EpochEnded):
            self._draw_running()
        elif not self._redraw.isActive():
            self._redraw.start()

    @Slot(object)
    def _on_finished(self, run: Run) -> None:
        self._training_ended()
        project = self._session.project
        if project is not None and run.folder.parent == project.runs_folder:
            self._last = (*ending_words(run), run.epochs / max(run.config.training.epochs, 1))
            if run.folder not in [each.folder for each in self._session.runs]:
                self._fresh = run
            if self._shown == _RUNNING:
                self._show_run(run.folder.name)
        if project is not None:
            self._show_project(project)
        self._show_runs()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        name = self._monitor.name
        self._training_ended()
        self._last = (f"{name}, ended early", "No run was kept.", 0.0)
        if isinstance(error, StudioError):
            self._complain(str(error))
        else:
            self._complain("The training ended in a way that nobody expected. No run was kept.")
            show_error(self.window(), error)
        self._forget_running(keep_curves=True)

    @Slot()
    def _on_cancelled(self) -> None:
        name = self._monitor.name
        self._training_ended()
        self._last = (f"{name}, cancelled", "No run was kept.", 0.0)
        self._forget_running(keep_curves=False)

    # What is shown

    def _training_ended(self) -> None:
        self._job = None
        self._redraw.stop()
        self._presets.set_locked(False)

    def _forget_running(self, *, keep_curves: bool) -> None:
        """The training left no run; a failed one's curves may stay: they show how it failed."""
        if self._session.project is not None:
            self._show_project(self._session.project)
        if self._shown == _RUNNING:
            self._shown = ""
            if keep_curves and not self._monitor.curves().is_empty:
                self._curves.set_words(("", ""), settings_words(self._trained))
            else:
                self._show_newest_run()
        self._show_runs()

    def _show_newest_run(self) -> None:
        runs = self._session.runs
        self._show_run(runs[0].folder.name if runs else "")

    def _show_project(self, project: Project) -> None:
        """Show settings, what they come to, and whether training can start."""
        config = project.config
        counts = [project.counts.get(each.name, 0) for each in project.learned_classes]
        filled = sum(1 for count in counts if count)
        self._settings.set_config(config, filled)
        self._presets.set_chosen(config.preset)
        for preset in TRAINING_PRESETS:
            shown = config if preset.key == config.preset else preset.config
            self._presets.set_facts(preset.key, _weights_words(shown, max(filled, 2)))
        if self._job is not None:
            return
        problem = self._settings.problem
        if problem:
            self._card.show_ready("Not ready to train", problem, can_start=False)
            return
        material = f"{pictures(sum(counts))} in {classes(filled)}"
        if off := len(project.classes) - len(project.learned_classes):
            material += f" · {classes(off)} switched off"
        if project.layout == "splits":
            parts = " and ".join(part for _, part in project.split_folders)
            material += f" · split as its folders {parts} say"
        ready = ("Ready to train", f"{material} · {training_words(config)}", 0.0)
        headline, facts, done = self._last or ready
        self._card.show_ready(headline, facts, can_start=True, done=done)

    @Slot()
    def _draw_running(self) -> None:
        monitor = self._monitor
        if self._job is None:
            return
        self._card.show_running(monitor.headline, monitor.state, monitor.fraction, monitor.facts)
        if self._shown == _RUNNING:
            self._show_running_curves()

    def _show_running_curves(self) -> None:
        self._curves.show_curves(self._monitor.curves())
        best, began = self._curves.curves.best, self._monitor.began
        so_far, later = "", ""
        if best is not None and began is not None:
            so_far = accuracy_words("Validation", best.validation_accuracy, began.validation_count)
        if began is not None and began.test_count:
            later = f"{pictures(began.test_count)} kept apart for a test at the end"
        self._curves.set_words((so_far, later), settings_words(self._trained))

    def _show_run(self, key: str) -> None:
        """Show the curves of a run, of the running training, or none."""
        self._shown = key
        run = self._run_at(key)
        if key == _RUNNING:
            self._show_running_curves()
        elif run is not None:
            self._curves.show_curves(curves_of_history(run.name, run.history, run.best_epoch))
            self._curves.set_words(accuracies_of(run), settings_words(run.config))
        else:
            self._curves.show_curves(RunCurves())
            self._curves.set_words(("", ""), ("", ""))
        self._show_runs()

    @Slot()
    def _show_runs(self) -> None:
        self._runs.set_runs(self._rows())
        self._runs.select(self._shown)

    def _rows(self) -> list[RunRow]:
        now = datetime.now().astimezone()
        used = self._session.chosen_run
        rows = [
            run_row(run, now, is_used=used is not None and used.folder == run.folder)
            for run in self._all_runs()
        ]
        if self._job is not None:
            rows.insert(0, RunRow(_RUNNING, self._monitor.name, "…", "", "running", True))
        return rows

    def _all_runs(self) -> list[Run]:
        """The session's runs, before them one that it has not read yet."""
        return [*([self._fresh] if self._fresh is not None else []), *self._session.runs]

    def _run_at(self, key: str) -> Run | None:
        return next((run for run in self._all_runs() if run.folder.name == key), None)

    def _complain(self, sentence: str) -> None:
        self._problem.set_finding("bad", sentence)
        self._problem.show()

    def _hide_banners(self) -> None:
        self._problem.hide()
        self._warning.hide()


def _banner(icons: Icons, level: str, name: str) -> Banner:
    banner = Banner(icons, "bad" if level == "bad" else "warn", closable=True)
    banner.setObjectName(name)
    banner.hide()
    return banner


def _weights_words(config: RunConfig, class_count: int) -> str:
    try:
        rows = layer_table(config.network, config.training.image_size, class_count)
    except StudioError:
        return "cannot be built"
    weights = counted(parameter_count(rows), "weight")
    return f"{weights} · {count_words(config.training.epochs)} epochs"
