"""`BackbonesDialog`: chooses the pretrained network, and downloads one that is not there yet."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.catalog.backbones import BACKBONES, DEFAULT_BACKBONE, Backbone
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.backbone_files import Found, look
from cnnstudio.core.storage.backbone_installing import download, install_found
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job, JobQueue
from cnnstudio.ui.messages import UNEXPECTED
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.widgets.backbone_row import COLUMNS, GAP_PX, STATE_PX, BackboneRow
from cnnstudio.ui.widgets.banner import Banner
from cnnstudio.ui.widgets.primary_button import primary_button, styled_button

_WIDTH_PX = 1000
_WHAT = (
    "A network that has learned from 1.28 million photos what pictures consist of. Fast start and"
    " Fine-tune build upon it."
)
_SPEED = f"Speed: how fast it looks at pictures, beside {DEFAULT_BACKBONE.label}, on a processor."


class BackbonesDialog(QDialog):
    """A table of backbones; *Use* emits `backbone_chosen` with the key of the one selected.

    Downloads run as jobs on `jobs`, a queue of their own is best: they take minutes. Closing the
    dialog ends a download; what came is kept, and the next one goes on from there.
    """

    backbone_chosen = Signal(str)

    def __init__(
        self,
        jobs: JobQueue,
        folder: Path,
        chosen: str,
        theme: Theme,
        icons: Icons,
        parent: QWidget | None = None,
        backbones: tuple[Backbone, ...] = BACKBONES,
    ) -> None:
        """Make the dialog.

        Args:
            jobs: runs looking, downloading and copying.
            folder: that of downloaded weights.
            chosen: the key of the backbone that is chosen now.
            theme: colours of the bars.
            icons: those of the banner.
            parent: the window.
            backbones: the rows.
        """
        super().__init__(parent)
        self._jobs = jobs
        self._folder = folder
        self._chosen = chosen
        self._job: Job | None = None
        self._getting = ""
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("backbones_dialog")
        self.setWindowTitle("Choose a backbone")
        self.setMinimumWidth(_WIDTH_PX)
        fastest = max(each.relative_speed for each in backbones)
        self._rows = {each.key: BackboneRow(each, fastest, theme) for each in backbones}
        self._problem = Banner(icons, "bad", closable=True)
        self._problem.setObjectName("backbones_problem")
        self._problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(_line(_WHAT))
        layout.addWidget(self._problem)
        layout.addWidget(self._table())
        layout.addWidget(_line(_SPEED, "facts"))
        layout.addLayout(self._buttons())
        self._refresh()
        self._rows[chosen].choice.setFocus()
        self._look()

    def done(self, result: int) -> None:
        """Close; a download ends, and goes on another time."""
        if self._job is not None:
            self._job.cancel()
        super().done(result)

    def accept(self) -> None:
        """Hand the choice over and close."""
        if self._rows[self._chosen].is_usable():
            self.backbone_chosen.emit(self._chosen)
            super().accept()

    def _table(self) -> QFrame:
        card = QFrame()
        card.setProperty("class", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(0)
        layout.addLayout(_headings())
        self._group = QButtonGroup(self)
        for row in self._rows.values():
            line = QFrame()
            line.setProperty("class", "hairline")
            layout.addWidget(line)
            layout.addWidget(row)
            self._group.addButton(row.choice)
            row.chosen.connect(self._select)
            row.download_wanted.connect(self._download)
            row.cancel_wanted.connect(self._cancel)
        return card

    def _buttons(self) -> QHBoxLayout:
        self._from_folder = styled_button("From a folder...")
        self._from_folder.setObjectName("backbones_folder")
        self._from_folder.setToolTip("For a computer without network: takes the files of weights")
        self._from_folder.clicked.connect(self._ask_for_folder)
        close = styled_button("Close")
        close.setObjectName("backbones_close")
        close.clicked.connect(self.reject)
        self._use = primary_button("Use")
        self._use.setObjectName("backbones_use")
        self._use.setDefault(True)
        self._use.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._from_folder)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self._use)
        return row

    def _look(self) -> None:
        folder = self._folder
        job = self._jobs.start("Looking for backbones", lambda _: look(folder))
        job.finished.connect(self._show_found)

    @Slot(object)
    def _show_found(self, found: dict[str, Found]) -> None:
        for key, row in self._rows.items():
            if key != self._getting:
                row.show_found(found.get(key, Found(False)))
        self._rows[self._chosen].choice.setChecked(True)
        self._refresh()

    @Slot(str)
    def _select(self, key: str) -> None:
        self._chosen = key
        self._refresh()

    @Slot(str)
    def _download(self, key: str) -> None:
        backbone, folder = self._rows[key].backbone, self._folder
        self._rows[key].choice.setChecked(True)
        self._getting = key
        self._rows[key].show_waiting()

        def task(context: TaskContext) -> object:
            return download(backbone, folder, context)

        self._begin(self._jobs.start(f"Downloading {backbone.label}", task))

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, "Folder with files of weights", str(Path.home()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setObjectName("backbones_folder_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.take_from)
        dialog.open()

    @Slot(str)
    def take_from(self, source: str) -> None:
        """Copy the weights of all missing backbones that a folder holds."""
        folder = self._folder

        def task(context: TaskContext) -> object:
            return install_found(Path(source), folder, context)

        self._begin(self._jobs.start("Copying weights", task))

    def _begin(self, job: Job) -> None:
        self._job = job
        self._problem.hide()
        job.reported.connect(self._on_reported)
        job.finished.connect(self._on_ended)
        job.cancelled.connect(self._on_ended)
        job.failed.connect(self._on_failed)
        self._refresh()

    @Slot(object)
    def _on_reported(self, event: object) -> None:
        if self._getting and isinstance(event, Progress):
            self._rows[self._getting].show_progress(event)

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        words = str(error) if isinstance(error, StudioError) else f"{UNEXPECTED}: {error}"
        # An address is one long word, which a label would not break.
        self._problem.set_finding("bad", words.replace("/", "/\N{ZERO WIDTH SPACE}"))
        self._problem.show()
        self._on_ended()

    @Slot()
    def _on_ended(self, _result: object = None) -> None:
        self._job, self._getting = None, ""
        self._look()

    def _refresh(self) -> None:
        is_idle = self._job is None
        for row in self._rows.values():
            row.set_download_enabled(is_idle)
        self._from_folder.setEnabled(is_idle)
        row = self._rows[self._chosen]
        self._use.setText(f"Use {row.backbone.label}")
        self._use.setEnabled(row.is_usable())


def _headings() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(12, 4, 12, 4)
    row.setSpacing(GAP_PX)
    row.addWidget(_line("Backbone", "facts"), 1)
    for title, width_px in COLUMNS:
        heading = _line(title, "facts")
        heading.setFixedWidth(width_px)
        if title in ("Parameters", "Weights"):
            heading.setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(heading)
    row.addSpacing(STATE_PX + GAP_PX)
    return row


def _line(text: str, look: str = "muted") -> QLabel:
    label = QLabel(text)
    label.setProperty("class", look)
    label.setWordWrap(look == "muted")
    return label
