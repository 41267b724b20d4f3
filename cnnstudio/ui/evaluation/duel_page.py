"""The page that lets the shown run compete with another on the same test pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.core.arranging import Arrangement
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.runs import Run
from cnnstudio.ui.evaluation.duel_shown import GROUPS, DuelShown, show_duel
from cnnstudio.ui.evaluation.page import EvaluationPage, ShownEvaluation
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.jobs import Job
from cnnstudio.ui.models.answered_model import Tile
from cnnstudio.ui.models.run_words import choice_words
from cnnstudio.ui.run_colours import run_colours
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails
from cnnstudio.ui.widgets.answer_gallery import AnswerGallery
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.chip import Chip
from cnnstudio.ui.widgets.chip_menu import ChipMenu
from cnnstudio.ui.widgets.empty_state import EmptyState
from cnnstudio.ui.widgets.fit_label import ElidedLabel
from cnnstudio.ui.widgets.plain_label import plain_label
from cnnstudio.ui.words import count_words

_THUMBNAIL_PX = 150
_NAMES = {"fixed": "B fixes", "broken": "B breaks", "both_wrong": "Both wrong"}
_NONE = {
    "fixed": "There is nothing that A gets wrong and B right.",
    "broken": "There is nothing that A gets right and B wrong.",
    "both_wrong": "There is nothing that both get wrong.",
}
_NO_OTHER = "A duel needs two runs. Train another network in the Train step."
_LUCK = (
    "Mere luck: how often two equally good networks would differ so much on as many pictures"
    " (McNemar's test, exact)."
)


class DuelPage(EvaluationPage):
    """What run B makes right that A, the shown one, gets wrong, and what it makes wrong.

    Always on the test part: no other pictures are new to both.
    """

    name: ClassVar[str] = "duel"
    title: ClassVar[str] = "Duel"

    def __init__(
        self, session: Session, theme: Theme, icons: Icons, thumbnails: Thumbnails
    ) -> None:
        super().__init__()
        self._session = session
        self._first: Run | None = None
        self._fought: DuelShown | None = None
        self._is_stale = False
        self._job: Job | None = None
        self._gallery = AnswerGallery(
            theme, icons, thumbnails, "evaluate_duel_grid", lines=3, icon="evaluate"
        )
        self._chips: dict[str, Chip] = {}
        self._group = "fixed"
        self._build(icons)
        session.runs_changed.connect(self._show_others)
        session.project_changed.connect(self._on_project_changed)

    def show_evaluation(self, shown: ShownEvaluation) -> None:
        """Let another run be A."""
        self._first = shown.run
        self._show_others()
        self._fight()

    # Parts

    def _build(self, icons: Icons) -> None:
        self._first_name = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self._first_name.setObjectName("evaluate_duel_first")
        self._first_name.setProperty("class", "heading")
        self._other = ChipMenu("Other run")
        self._other.setObjectName("evaluate_duel_other")
        self._other.menu_of_choices.setObjectName("evaluate_duel_other_menu")
        self._other.value_changed.connect(self._fight)
        runs = QHBoxLayout()
        runs.setSpacing(8)
        for widget in (self._first_name, QLabel("against"), self._other):
            runs.addWidget(widget)
        runs.addStretch(1)
        card = Card()
        card.body.addLayout(runs)
        self._verdict = plain_label("evaluate_duel_verdict", "")
        self._facts = plain_label("evaluate_duel_facts", "muted")
        self._luck = plain_label("evaluate_duel_luck", "facts")
        self._luck.setText(_LUCK)
        self._luck.hide()
        for label in (self._verdict, self._facts, self._luck):
            card.body.addWidget(label)
        chips = QHBoxLayout()
        chips.setSpacing(8)
        groups = QButtonGroup(self)
        for group in GROUPS:
            chip = Chip(_NAMES[group])
            chip.setObjectName(f"evaluate_duel_{group}")
            chip.setChecked(group == self._group)
            chip.clicked.connect(lambda _=False, group=group: self._show_group(group))
            groups.addButton(chip)
            self._chips[group] = chip
            chips.addWidget(chip)
        chips.addStretch(1)
        self._gallery.grid.set_thumbnail_px(_THUMBNAIL_PX)
        self._fight_view = QWidget()
        column = QVBoxLayout(self._fight_view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(card)
        column.addLayout(chips)
        column.addWidget(self._gallery, 1)
        self._nobody = EmptyState(icons, "train", _NO_OTHER)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nobody)
        self._pages.addWidget(self._fight_view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    # Who against whom

    @Slot()
    def _show_others(self) -> None:
        first = self._first
        if first is None:
            return
        before = self._other.value()
        others = [run for run in self._session.runs if run.folder != first.folder]
        self._first_name.setText(f"A: {first.name}")
        now = datetime.now().astimezone()
        self._other.set_choices([(run, f"B: {choice_words(run, now)}") for run in others])
        # One that was renamed is the same run.
        folders = [run.folder for run in others]
        if before is not None and before.folder in folders:
            self._other.set_value(others[folders.index(before.folder)])
        elif before is not None:
            self._fight()
        self._pages.setCurrentWidget(self._fight_view if others else self._nobody)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        if self._is_stale:
            self._fight()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if before is None or after is None or before.root != after.root:
            self._first = self._fought = None
            self._other.set_choices([])
            self._gallery.clear()
        elif before.samples is not after.samples or before.classes != after.classes:
            self._fight()

    @Slot()
    def _fight(self) -> None:
        first, project = self._first, self._session.project
        other: Run | None = self._other.value()
        self._is_stale = not self.isVisible()
        if first is None or other is None or project is None or self._is_stale:
            return
        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        facts, colours = self._session.inspection.facts, run_colours(first, project)

        def task(context: TaskContext) -> DuelShown:
            return show_duel(first, other, project, facts, colours, context)

        self._job = self._session.view_jobs.start("Comparing runs", task)
        self._job.finished.connect(self._on_fought)
        self._job.failed.connect(self._on_failed)

    # What came of it

    @Slot(object)
    def _on_fought(self, fought: DuelShown) -> None:
        if self.sender() is not self._job or self._first is None:
            return
        self._fought = fought
        told = fought.duel
        for group, chip in self._chips.items():
            count = len(fought.shown[group][1])
            chip.setText(f"{_NAMES[group]} ({count_words(count)})")
        self._verdict.setText(told.evidence.words)
        self._luck.setVisible(told.evidence.only_first != told.evidence.only_second)
        self._facts.setText(fought.words)
        self._show_group(self._group)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._job:
            self._fought = None
            self._verdict.setText(str(error))
            self._facts.setText("")
            self._luck.hide()
            for group, chip in self._chips.items():
                chip.setText(_NAMES[group])
            self._show_pictures(Arrangement(), (), "")

    def _show_group(self, group: str) -> None:
        self._group = group
        if self._fought is not None:
            empty = _NONE[group] if self._fought.duel.count else ""
            self._show_pictures(*self._fought.shown[group], empty)

    def _show_pictures(self, arrangement: Arrangement, tiles: Sequence[Tile], empty: str) -> None:
        self._gallery.empty.set_sentence(empty)
        self._gallery.show_pictures(arrangement, tiles, from_top=True)
