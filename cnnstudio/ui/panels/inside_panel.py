"""The Look inside step: what a network is, and what this one sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.dataset.picture_kinds import PICTURE_SUFFIXES
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.inside.page import InsidePage, Subject
from cnnstudio.ui.models.run_words import choice_words
from cnnstudio.ui.session import Session
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.page_chips import LaterPage, PageChips
from cnnstudio.ui.widgets.primary_button import styled_button


class InsidePanel(QWidget):
    """Chooses a run and a picture; its pages look into the one with the other."""

    step: ClassVar[str] = "look_inside"

    def __init__(self, session: Session, pages: Sequence[LaterPage[InsidePage]]) -> None:
        super().__init__()
        self._session = session
        self._later = {page.kind.name: page for page in pages}
        self._pages: dict[str, InsidePage] = {}
        self._page = pages[0].kind.name
        self._run: Run | None = None
        self._wanted: Path | None = None
        self._place = 0
        self._file: Path | None = None
        self._fresh: set[str] = set()
        self._runs = ChipMenu("No run yet")
        self._name = ElidedLabel()
        self._stack = QStackedWidget()
        self._tabs = PageChips(((page.kind.name, page.kind.title) for page in pages), "inside")
        self._build()
        session.runs_changed.connect(self._on_runs_changed)
        session.project_changed.connect(self._on_project_changed)

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self._page = name
        self._tabs.set_current(name)
        self._show()

    def look_at(self, file: Path) -> None:
        """Look at a picture from anywhere."""
        self._file = file
        self._fresh.clear()
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened elsewhere, and go over to the newest run."""
        super().showEvent(event)
        self._on_runs_changed()
        self._show()

    # What it is made of

    def _build(self) -> None:
        title = QLabel("Look inside")
        title.setProperty("class", "title")
        self._runs.setObjectName("inside_run")
        self._runs.setAccessibleName("The network to look into")
        self._runs.setToolTip("The run that is looked into: the newest, until you choose another.")
        self._runs.value_changed.connect(self._on_run_chosen)
        self._name.setObjectName("inside_picture")
        self._name.setProperty("class", "muted")
        self._buttons: dict[str, QWidget] = {}
        header = QHBoxLayout()
        header.setSpacing(8)
        header.addWidget(title)
        header.addWidget(self._runs)
        header.addWidget(self._name, 1)
        for name, words, spoken, act in (
            ("previous", "Previous", "Previous picture", lambda: self._step(-1)),
            ("next", "Next", "Next picture", lambda: self._step(1)),
            ("file", "Other picture", "Look at a picture from elsewhere", self._open_file),
        ):
            button = styled_button(words)
            button.setObjectName(f"inside_{name}")
            button.setAccessibleName(spoken)
            button.clicked.connect(act)
            self._buttons[name] = button
            header.addWidget(button)
        self._tabs.chosen.connect(self.show_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(header)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)

    def _made(self, name: str) -> InsidePage:
        if name not in self._pages:
            page = self._later[name].make()
            self._stack.addWidget(page)
            self._pages[name] = page
        return self._pages[name]

    # What is shown

    def _show(self) -> None:
        project = self._session.project
        if project is None or not self.isVisible():
            return
        page = self._made(self._page)
        self._stack.setCurrentWidget(page)
        picture = self._picture()
        self._name.setText("No picture yet" if picture is None else picture.name)
        for name in ("previous", "next"):
            self._buttons[name].setEnabled(bool(project.samples))
        if self._page not in self._fresh:
            self._fresh.add(self._page)
            page.show_subject(Subject(project, self._run, picture))

    def _picture(self) -> Path | None:
        project = self._session.project
        if self._file is not None or project is None:
            return self._file
        if not project.samples:
            return None
        return project.root / project.samples[self._place % len(project.samples)].path

    def _step(self, by: int) -> None:
        project = self._session.project
        if project is None or not project.samples:
            return
        # Also from a picture from elsewhere: on from the last one of the project.
        self._place = (self._place + by) % len(project.samples)
        self._file = None
        self._fresh.clear()
        self._show()

    @Slot()
    def _open_file(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        file, _ = QFileDialog.getOpenFileName(
            self, "Picture to look at", "", f"Pictures ({patterns})"
        )
        if file:
            self.look_at(Path(file))

    @Slot()
    def _on_runs_changed(self) -> None:
        runs = self._session.runs
        now = datetime.now().astimezone()
        self._runs.set_choices([(run, choice_words(run, now)) for run in runs])
        before = self._run
        self._run = self._run_to_show(runs)
        if self._run is not None:
            self._runs.set_value(self._run)
        if self._run != before:
            self._fresh.clear()
            self._show()

    def _run_to_show(self, runs: Sequence[Run]) -> Run | None:
        """The run that was chosen; else the one on screen, while it is looked at; else the newest.

        One that is gone is shown again when it comes back: removing a run may be undone.
        """
        known = {run.folder: run for run in runs}
        if self._wanted is None and self._run is not None and self.isVisible():
            if self._run.folder in known:
                return known[self._run.folder]
            self._wanted = self._run.folder
        if self._wanted in known:
            return known[self._wanted]
        return runs[0] if runs else None

    @Slot(object)
    def _on_run_chosen(self, run: Run) -> None:
        self._run, self._wanted = run, run.folder
        self._fresh.clear()
        self._show()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._file, self._wanted, self._place = None, None, 0
        self._fresh.clear()
        self._show()
