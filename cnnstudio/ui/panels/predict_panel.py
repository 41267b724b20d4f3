"""The Predict step: drop pictures, see what the network takes them for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.core.dataset.importing import SOURCE_SUFFIXES
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.prediction_table import write_prediction_table
from cnnstudio.core.predictions import NamedFile, PictureSource
from cnnstudio.core.project import Project
from cnnstudio.core.runs import MODEL_FILE, Run
from cnnstudio.ui.camera.frame_source import FrameSource
from cnnstudio.ui.dialogs.export_dialog import ExportDialog
from cnnstudio.ui.drop_target import DropTarget
from cnnstudio.ui.explaining import Explaining
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.importing_models import model_among
from cnnstudio.ui.models.answer_rows import PredictionRow
from cnnstudio.ui.models.run_words import choice_words
from cnnstudio.ui.predicting.answers_card import AnswersCard
from cnnstudio.ui.predicting.asking import Asking
from cnnstudio.ui.predicting.live_dialog import LiveDialog
from cnnstudio.ui.predicting.sharing import Sharing
from cnnstudio.ui.predicting.sorting_out import SortingOut
from cnnstudio.ui.predicting.watching import Watching
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_card import AnswerCard
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.drop_area import DropArea
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button
from cnnstudio.ui.words import pictures

_ANSWER_WIDTH_PX = 400
_NO_RUN = "There is no trained network yet. Train one in the Train step first."
_WAITING = (
    "A training is running. Your pictures are answered by themselves when it ends: there is nothing"
    " more to do."
)


class PredictPanel(QWidget):
    """Asks the chosen run about pictures; a table of answers, and the chosen one in full.

    `model_dropped` carries a model file that was dropped among the pictures.
    """

    step: ClassVar[str] = "predict"

    model_dropped = Signal(object)

    def __init__(
        self,
        session: Session,
        theme: Theme,
        icons: Icons,
        thumbnails: Thumbnails,
        camera: Callable[[], FrameSource],
        cache: Path,
    ) -> None:
        super().__init__()
        self._cache = cache
        self._session = session
        self._theme = theme
        self._icons = icons
        self._camera = camera
        self._asked: Sequence[PictureSource] = ()
        self._arrived: list[Path] = []
        self._run: Run | None = None
        self._export_folder: Path | None = None
        self._runs = ChipMenu("No run yet")
        self._banner = Banner(icons)
        self._sorted = Banner(icons, closable=True)
        self._drop = DropArea("")
        self._card = AnswersCard(theme, thumbnails, session.view_jobs)
        self._answer = AnswerCard(session.preview_jobs, theme)
        Explaining(session, theme, thumbnails, self._answer)
        self._asking = Asking(session, self)
        self._sorting = SortingOut(session, lambda: self._card.rows, self)
        self._watching = Watching(session, icons, self)
        self._sharing = Sharing(session, icons, self)
        self._build()
        self._connect()
        self._show_runs()

    def predict(self, sources: Sequence[PictureSource]) -> None:
        """Ask the chosen run about pictures and folders; the answers replace the last ones."""
        self._watching.stop()
        if self._begin():
            self._asked = sources
            self._card.begin()
            assert self._run is not None
            self._asking.ask(sources, self._run)

    def _take(self, sources: Sequence[PictureSource]) -> None:
        model = model_among([each for each in sources if not isinstance(each, NamedFile)])
        if model is not None and self._session.project is not None:
            self.model_dropped.emit(model)
        else:
            self.predict(sources)

    def _begin(self) -> bool:
        """Make room for the answers of the chosen run; False when there is none."""
        run = self._session.chosen_run
        if run is None:
            self._say(_NO_RUN)
            return False
        self._asking.forget()
        self._forget_answers(run)
        self._run = run
        self._show_colours()
        return True

    # What it is made of

    def _build(self) -> None:
        self._drop.setObjectName("predict_drop")
        self._banner.setObjectName("predict_banner")
        self._sorted.setObjectName("predict_sorted")
        self._undo = self._sorted.add_button("Move them back")
        self._undo.setObjectName("predict_undo_sorting")
        for banner in (self._banner, self._sorted):
            banner.hide()
        self._card.add_action(self._sorting.button)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addLayout(self._header())
        for widget in (self._banner, self._watching.banner, self._sharing.banner, self._sorted):
            left.addWidget(widget)
        left.addLayout(self._ways_in())
        left.addWidget(self._card, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        self._answer.setFixedWidth(_ANSWER_WIDTH_PX)
        layout.addWidget(self._answer)

    def _header(self) -> QHBoxLayout:
        title = QLabel("Predict")
        title.setProperty("class", "title")
        self._runs.setObjectName("predict_run")
        self._runs.setAccessibleName("Run used for predictions")
        self._runs.setToolTip(
            "The run that answers: the newest, until you choose another. Your choice stays with the"
            " project; looking at other runs in Evaluate does not change it."
        )
        self._runs.value_changed.connect(self._on_run_chosen)
        header = QHBoxLayout()
        header.setSpacing(8)
        header.addWidget(title)
        header.addWidget(self._runs)
        header.addStretch(1)
        export = styled_button("Export")
        export.setObjectName("predict_export")
        export.setToolTip("Take the network of this run to a phone, a browser or another program")
        export.clicked.connect(self._open_export)
        header.addWidget(export)
        folder = styled_button("Open folder")
        folder.setObjectName("predict_open_folder")
        folder.clicked.connect(self._open_folder)
        opened = primary_button("Open pictures")
        opened.setObjectName("predict_open_pictures")
        opened.clicked.connect(self._open_pictures)
        header.addWidget(folder)
        header.addWidget(opened)
        return header

    def _ways_in(self) -> QHBoxLayout:
        """The place for drops, and beside it what brings one picture after the other."""
        live = styled_button("Live camera")
        live.setObjectName("predict_live")
        live.setToolTip("Hold things in front of the camera")
        live.clicked.connect(self._open_camera)
        watch = styled_button("Watch a folder")
        watch.setObjectName("predict_watch")
        watch.setToolTip("Answer the pictures in a folder, and each that arrives there")
        watch.clicked.connect(self._watch_folder)
        buttons = QVBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(live)
        buttons.addWidget(watch)
        buttons.addWidget(self._sharing.button)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._drop, 1)
        row.addLayout(buttons)
        return row

    def _connect(self) -> None:
        session = self._session
        drops = DropTarget(self, self._take)
        drops.receiving.connect(self._drop.set_receiving)
        drops.refused.connect(session.failed)
        session.runs_changed.connect(self._show_runs)
        session.chosen_run_changed.connect(self._show_runs)
        session.project_changed.connect(self._on_project_changed)
        self._asking.answered.connect(self._on_answered)
        self._asking.progressed.connect(self._card.set_title)
        self._asking.waits_changed.connect(self._show_waiting)
        self._asking.finished.connect(self._on_finished)
        self._asking.failed.connect(self._on_failed)
        self._asking.cancelled.connect(self._on_cancelled)
        self._card.cancel_wanted.connect(self._asking.cancel)
        self._card.save_wanted.connect(self._ask_where_to_save)
        self._card.row_chosen.connect(self._on_row_chosen)
        self._sorting.done.connect(self._on_sorted)
        self._undo.clicked.connect(self._sorting.take_back)
        self._watching.arrived.connect(self._on_arrived)

    # What the user does

    @Slot(object)
    def _on_run_chosen(self, run: Run) -> None:
        self._banner.hide()  # what it says is of the run before
        self._session.choose_run(run)
        # The answers on screen belong to the run that is named above them.
        if self._asked and self._run is not None and run.folder != self._run.folder:
            self.predict(self._asked)

    @Slot()
    def _open_pictures(self) -> None:
        suffixes = " ".join(f"*{suffix}" for suffix in sorted(SOURCE_SUFFIXES))
        files, _ = QFileDialog.getOpenFileNames(
            self,
            "Pictures to ask about",
            "",
            f"Pictures, archives, tables, videos ({suffixes});;All files (*)",
        )
        if files:
            self.predict([Path(file) for file in files])

    @Slot()
    def _open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of pictures to ask about")
        if folder:
            self.predict([Path(folder)])

    @Slot()
    def _watch_folder(self) -> None:
        if self._session.chosen_run is None:
            self._say(_NO_RUN)
            return
        folder = QFileDialog.getExistingDirectory(self, "Folder in which pictures arrive")
        if folder and self._begin():
            self._asked = ()
            self._asking.begin_anew()
            self._card.set_title("No pictures yet")
            self._watching.watch(Path(folder))

    @Slot()
    def _open_camera(self) -> None:
        run = self._session.chosen_run
        if run is None:
            self._say(_NO_RUN)
            return
        colours = run_colours(run, self._session.project)
        LiveDialog(self._camera(), self._session, run, colours, self._icons, self).open()

    @Slot()
    def _open_export(self) -> None:
        run = self._session.chosen_run
        if run is None:
            self._say(_NO_RUN)
            return
        if run.model_name != MODEL_FILE:
            self._say(
                f"{run.name} was imported as a TFLite or ONNX file; such files are not converted."
                f" Use the file itself: {run.model_file}"
            )
            return
        dialog = ExportDialog(
            self._session, run, self._theme, self._icons, self, self._export_folder, self._cache
        )
        dialog.folder_chosen.connect(self._on_export_folder_chosen)
        dialog.open()

    @Slot(object)
    def _on_export_folder_chosen(self, folder: Path) -> None:
        self._export_folder = folder

    @Slot()
    def _ask_where_to_save(self) -> None:
        file, _ = QFileDialog.getSaveFileName(
            self, "Save table", "predictions.csv", "Tables (*.csv)"
        )
        if file:
            self.save_table(Path(file))

    def save_table(self, file: Path) -> None:
        """Write all answers to a CSV file."""
        if self._run is None:
            return
        names, rows, count = self._run.class_names, self._card.rows, len(self._card.rows)

        def task(context: TaskContext) -> None:
            write_prediction_table(file, names, rows.answers(count), context)

        job = self._session.file_jobs.start("Saving the table", task)
        job.finished.connect(lambda _none: self._session.said.emit(f"Saved {file.name}"))
        job.failed.connect(self._session.failed)

    @Slot(object)
    def _on_row_chosen(self, row: PredictionRow) -> None:
        if self._run is not None:
            self._answer.show_answer(row, self._run)

    # What comes back

    @Slot(object)
    def _on_answered(self, rows: Sequence[PredictionRow]) -> None:
        self._card.append(rows)
        self._watching.take(rows)

    @Slot(object)
    def _on_arrived(self, lot: Sequence[Path]) -> None:
        self._arrived += lot
        self._ask_about_arrived()

    def _ask_about_arrived(self) -> None:
        if self._arrived and not self._asking.is_busy and self._run is not None:
            lot, self._arrived = self._arrived, []
            self._card.begin()
            self._asking.ask_more(lot, self._run)

    @Slot(bool)
    def _show_waiting(self, waits: bool) -> None:
        if waits:
            self._banner.set_finding("info", _WAITING)
            self._banner.show()
        elif self._banner.sentence() == _WAITING:
            self._banner.hide()

    @Slot()
    def _on_finished(self) -> None:
        self._end(self._counts())
        if self._watching.is_on:
            self._ask_about_arrived()
            return
        self._tell_time()
        if not len(self._card.rows):
            self._say("No pictures were found there.")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._watching.stop()
        self._end("No answers")
        self._say(str(error))

    @Slot()
    def _on_cancelled(self) -> None:
        self._watching.stop()
        self._end(f"Cancelled after {pictures(len(self._card.rows))}")

    @Slot(str, bool)
    def _on_sorted(self, words: str, can_undo: bool) -> None:
        self._sorted.set_finding("info", words)
        self._undo.setVisible(can_undo)
        self._sorted.show()

    def _tell_time(self) -> None:
        seconds, count = self._asking.seconds, len(self._card.rows)
        if seconds is not None and count:
            words = f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
            self._session.said.emit(f"{pictures(count)} answered in {words}")

    def _counts(self) -> str:
        run, chosen = self._run, self._session.chosen_run
        is_other = run is not None and chosen is not None and run.folder != chosen.folder
        by = f", answered by {run.name}" if run is not None and is_other else ""
        return f"{self._card.counts_words()}{by}"

    def _end(self, title: str) -> None:
        self._show_waiting(waits=False)
        self._card.end(title)
        self._sorting.set_enabled(bool(len(self._card.rows)))

    def _say(self, sentence: str) -> None:
        self._banner.set_finding("warn", sentence)
        self._banner.show()

    @Slot()
    def _show_runs(self) -> None:
        runs = self._session.runs
        now = datetime.now().astimezone()
        self._runs.set_choices([(run, choice_words(run, now)) for run in runs])
        if self._session.chosen_run is not None:
            self._runs.set_value(self._session.chosen_run)
        if len(self._card.rows) and not self._asking.is_busy:
            self._card.set_title(self._counts())
        if not runs:
            self._drop.set_sentence(
                "Train a network in the Train step; then drop pictures anywhere in this window."
            )
        else:
            self._drop.set_sentence(
                "Drop pictures, a folder, an archive, a table or a video anywhere in this window,"
                " or paste with Ctrl+V."
            )

    def _show_colours(self) -> None:
        if self._run is not None:
            colours = run_colours(self._run, self._session.project)
            self._card.set_colours(colours)
            self._answer.set_colours(colours)

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is not None and after is not None and before.root == after.root:
            if before.classes != after.classes:
                self._show_colours()
            return
        # Answers that still come are about the project before.
        self._watching.stop()
        self._asking.forget()
        self._asked = ()
        self._forget_answers(None)
        self._card.end("No pictures yet")

    def _forget_answers(self, run: Run | None) -> None:
        self._arrived = []
        self._card.clear(run)
        self._answer.clear()
        self._sorting.forget()
        self._sorting.set_enabled(False)
        for banner in (self._banner, self._sorted):
            banner.hide()
