"""`ExportDialog`: takes a run's network out of the program, in formats that others can use."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.export_formats import EXPORT_FORMATS, WHY_NO_TENSORFLOW_JS, ExportFormat
from cnnstudio.core.errors import StudioError
from cnnstudio.core.exporting.export_run import export_run
from cnnstudio.core.exporting.exported import Exported
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.runs import Run
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.messages import UNEXPECTED
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.column_scroll import ColumnScroll
from cnnstudio.ui.widgets.export_row import COLUMNS, GAP_PX, PROOF_PX, ExportRow
from cnnstudio.ui.widgets.job_progress import JobProgress
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button

_WIDTH_PX = 1100
_HEIGHT_PX = 700
_PROGRESS_PX = 32
_WHAT = (
    "Each file is asked about your own test pictures, by the sample code that goes with it, before"
    " it is handed over: it must answer as this window does."
)
_PHONE = (
    "On a phone: an estimate for the processor of a phone of 2019, from the multiplications alone;"
    f" not measured. {WHY_NO_TENSORFLOW_JS}"
)


class ExportDialog(QDialog):
    """A table of formats; *Export* fills in the figures and what the proof of each said.

    What does not answer as the window does is held back until the user says so. Closing the dialog
    cancels what still runs and throws away what is held back. `folder_chosen` carries the folder
    that the user would rather export into.
    """

    folder_chosen = Signal(object)

    def __init__(
        self,
        session: Session,
        run: Run,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
        folder: Path | None = None,
        cache: Path | None = None,
        formats: tuple[ExportFormat, ...] = EXPORT_FORMATS,
    ) -> None:
        """Make the dialog.

        Args:
            session: its engine exports.
            run: what is exported.
            theme: colours of the bar.
            icons: those of the banner.
            parent: the window.
            folder: where to export into, by default that of the user's documents.
            cache: where what is fetched for a web page is kept.
            formats: the rows.
        """
        super().__init__(parent)
        self._session = session
        self._run = run
        self._cache = cache
        self._theme = theme
        self._job: Job | None = None
        self._progress: JobProgress | None = None
        self._folder = folder or _documents()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("export_dialog")
        self.setWindowTitle(f"Export {run.name}")
        self.setMinimumWidth(_WIDTH_PX)
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._rows = {each.key: ExportRow(each) for each in formats}
        self._problem = Banner(icons, "bad", closable=True)
        self._problem.setObjectName("export_problem")
        self._problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(_line(_WHAT, "muted"))
        layout.addWidget(self._problem)
        layout.addWidget(self._table(), 1)
        layout.addWidget(_line(_PHONE, "facts"))
        layout.addLayout(self._where())
        # Its room is there from the start: nothing moves when an export begins.
        self._running = QVBoxLayout()
        self._running.addSpacing(_PROGRESS_PX)
        layout.addLayout(self._running)
        layout.addLayout(self._buttons())
        next(iter(self._rows.values())).choice.setChecked(True)
        self._refresh()

    def done(self, result: int) -> None:
        """Close; what runs is cancelled, what is held back is thrown away."""
        if self._job is not None:
            self._job.cancel()
        for row in self._rows.values():
            if row.exported is not None and row.exported.is_held_back:
                self._put_away(row.exported)
        super().done(result)

    def export_into(self, folder: Path) -> None:
        """Take another folder for what is exported."""
        self._folder = folder
        self.folder_chosen.emit(folder)
        self._refresh()

    # What it is made of

    def _table(self) -> QFrame:
        rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        card = QFrame()
        card.setProperty("class", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(0)
        layout.addLayout(_headings())
        self._scroll = ColumnScroll(rows, "export_table")
        layout.addWidget(self._scroll, 1)
        for row in self._rows.values():
            line = QFrame()
            line.setProperty("class", "hairline")
            column.addWidget(line)
            column.addWidget(row)
            row.toggled.connect(self._refresh)
            row.keep_wanted.connect(self._keep)
            row.discard_wanted.connect(self._discard)
        column.addStretch(1)
        return card

    def _where(self) -> QHBoxLayout:
        self._place = _line("", "muted")
        self._place.setTextFormat(Qt.TextFormat.PlainText)
        self._place.setObjectName("export_folder")
        self._choose = styled_button("Choose folder...", small=True)
        self._choose.setObjectName("export_choose_folder")
        self._choose.clicked.connect(self._ask_for_folder)
        self._bundle = QCheckBox("Each as one ZIP, with the report card")
        self._bundle.setObjectName("export_bundle")
        self._bundle.setToolTip("Model, labels, sample code, a short README and the report card")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(QLabel("Into"))
        row.addWidget(self._place, 1)
        row.addWidget(self._choose)
        row.addSpacing(GAP_PX)
        row.addWidget(self._bundle)
        return row

    def _buttons(self) -> QHBoxLayout:
        self._show = styled_button("Show in folder")
        self._show.setObjectName("export_show")
        self._show.clicked.connect(self._open_folder)
        self._show.hide()
        self._close = styled_button("Close")
        self._close.setObjectName("export_close")
        self._close.clicked.connect(self.reject)
        self._cancel = styled_button("Cancel")
        self._cancel.setObjectName("export_cancel")
        self._cancel.clicked.connect(self._cancel_job)
        self._export = primary_button("Export")
        self._export.setObjectName("export_start")
        self._export.setDefault(True)
        self._export.clicked.connect(self._begin)
        self._row = row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._show)
        row.addStretch(1)
        for button in (self._cancel, self._close, self._export):
            row.addWidget(button)
        return row

    # What the user does

    @Slot()
    def _begin(self) -> None:
        chosen = [key for key, row in self._rows.items() if row.choice.isChecked()]
        run, folder, cache = self._run, self._folder, self._cache
        is_bundle = self._bundle.isChecked()
        self._problem.hide()
        for row in self._rows.values():
            if row.exported is not None and row.exported.is_held_back:
                self._put_away(row.exported)
            row.forget()
        self._job = job = self._session.ask_engine(
            f"Exporting {run.name}",
            lambda engine, project: export_run(
                engine, run, chosen, folder, root=project.root, is_bundle=is_bundle, cache=cache
            ),
        )
        self._progress = JobProgress(job, self._theme, "export")
        self._progress.setFixedHeight(_PROGRESS_PX)
        self._running.takeAt(0)
        self._running.addWidget(self._progress)
        job.finished.connect(self._on_finished)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_ended)
        self._refresh()

    @Slot()
    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot(object)
    def _keep(self, exported: Exported) -> None:
        job = self._session.file_jobs.start("Keeping an export", lambda _: exported.release())
        job.finished.connect(lambda _place: self._show_again(exported))
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _discard(self, exported: Exported) -> None:
        job = self._put_away(exported)
        job.finished.connect(lambda _none: self._show_again(exported))

    def _put_away(self, exported: Exported) -> Job:
        def task(context: TaskContext) -> None:
            exported.discard()

        return self._session.file_jobs.start("Throwing an export away", task, can_cancel=False)

    @Slot()
    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, "Folder to export into", str(self._folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setObjectName("export_folder_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.export_into(Path(name)))
        dialog.open()

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    # What comes back

    @Slot(object)
    def _on_finished(self, done: tuple[Exported, ...]) -> None:
        for exported in done:
            self._rows[exported.format.key].show_exported(exported)
        self._on_ended()
        # What waits for a decision, or went wrong, shall not lie below the edge.
        if asking := [each for each in done if not each.is_handed_over]:
            row = self._rows[asking[0].format.key]
            QTimer.singleShot(0, row, lambda: self._scroll.ensureWidgetVisible(row))

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        words = str(error) if isinstance(error, StudioError) else f"{UNEXPECTED}: {error}"
        self._problem.set_finding("bad", words)
        self._problem.show()
        self._on_ended()

    @Slot()
    def _on_ended(self) -> None:
        self._job = None
        if self._progress is not None:
            self._running.removeWidget(self._progress)
            self._progress.hide()
            self._progress.deleteLater()
            self._progress = None
            self._running.addSpacing(_PROGRESS_PX)
        self._refresh()

    def _show_again(self, exported: Exported) -> None:
        row = self._rows[exported.format.key]
        if row.exported is exported:
            row.show_exported(exported)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        is_idle = self._job is None
        rows = self._rows.values()
        chosen = sum(row.choice.isChecked() for row in rows)
        # A path is one long word, which a label would not break.
        self._place.setText(str(self._folder).replace("/", "/\N{ZERO WIDTH SPACE}"))
        for row in rows:
            row.choice.setEnabled(is_idle)
        for widget in (self._choose, self._bundle):
            widget.setEnabled(is_idle)
        self._export.setText("Export" if chosen < 2 else f"Export {chosen} formats")
        self._export.setEnabled(is_idle and chosen > 0)
        self._cancel.setVisible(not is_idle)
        self._close.setVisible(is_idle)
        self._show.setVisible(any(row.exported and row.exported.is_handed_over for row in rows))


def _documents() -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(place) if place and Path(place).is_dir() else Path.home()


def _headings() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(12, 4, 24, 4)
    row.setSpacing(GAP_PX)
    row.addWidget(_line("Format", "facts"), 1)
    for title, width_px in COLUMNS:
        heading = _line(title, "facts")
        heading.setFixedWidth(width_px)
        heading.setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(heading)
    proof = _line("Answers as here?", "facts")
    proof.setFixedWidth(PROOF_PX)
    row.addWidget(proof)
    return row


def _line(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("class", look)
    label.setWordWrap(True)
    return label
