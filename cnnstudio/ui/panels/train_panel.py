"""The Train step: settings, a running training with live curves, and the runs there are."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS
from cnnstudio.core.coach import AdviceAction
from cnnstudio.core.config import RunConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.project import Project
from cnnstudio.core.training import check_before_training
from cnnstudio.ui.icons import Icons
from cnnstudio.ui.messages import show_error
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.training.comparing import Comparing
from cnnstudio.ui.training.following import Following
from cnnstudio.ui.training.pin_following import PinFollowing
from cnnstudio.ui.training.readiness import Readiness
from cnnstudio.ui.training.run_shelf import RunShelf
from cnnstudio.ui.training.saving_curves import SavingCurves
from cnnstudio.ui.training.training_queue import Training
from cnnstudio.ui.training.trying_settings import TryingSettings
from cnnstudio.ui.training.unfinished import Unfinished
from cnnstudio.ui.widgets.banner import Banner, Level
from cnnstudio.ui.widgets.banner_stack import BannerStack
from cnnstudio.ui.widgets.column_scroll import ColumnScroll
from cnnstudio.ui.widgets.comparison_view import ComparisonView
from cnnstudio.ui.widgets.pin_strip import PinStrip
from cnnstudio.ui.widgets.preset_cards import PresetCards
from cnnstudio.ui.widgets.run_list import RunList
from cnnstudio.ui.widgets.training_card import TrainingCard
from cnnstudio.ui.widgets.training_curves import TrainingCurves
from cnnstudio.ui.widgets.training_settings import TrainingSettings
from cnnstudio.ui.words import counted

_RUNS_WIDTH_PX = 264
_PAGES_PX = 302
_MOST_SENTENCES = 2


class TrainPanel(QWidget):
    """Starts trainings and follows them; whoever starts one, by `Session.train`, is followed."""

    step: ClassVar[str] = "train"

    def __init__(self, session: Session, theme: Theme, icons: Icons, weights: Path) -> None:
        """Make the panel; `weights` is the folder of downloaded backbones."""
        super().__init__()
        self.setObjectName("train_panel")
        self._session = session
        self._problem = _banner(icons, "bad", "train_problem")
        self._warning = _banner(icons, "warn", "train_warning")
        self._interrupted = _banner(icons, "warn", "train_unfinished", closable=False)
        self._note = _banner(icons, "info", "train_note")
        self._banners = BannerStack((self._problem, self._warning, self._interrupted, self._note))
        self._presets = PresetCards(TRAINING_PRESETS, "train_preset")
        self._card = TrainingCard(theme, "train")
        self._settings = TrainingSettings(icons, "train")
        self._curves = TrainingCurves(theme, icons, "train")
        self._comparison = ComparisonView(theme, "train_comparison")
        self._runs = RunList(theme, icons, "train_runs")
        self._pages = _Pages()
        self._following = Following(session, self._card, self)
        self._shelf = RunShelf(session, self._following, self._runs, self._curves, self)
        self._readiness = Readiness(
            session, self._following, self._presets, self._card, self._settings, self
        )
        self._comparing = Comparing(session, self._shelf, self._runs, self._comparison, self)
        self._unfinished = Unfinished(session, self._banners, self._interrupted, self)
        self._trying = TryingSettings(session, theme, icons, weights, self)
        self._saving = SavingCurves(session, self._curves, self)
        self._pins = PinStrip(theme, icons, "train_pins")
        self._pin_following = PinFollowing(session, self._following, self._shelf, self._pins, self)
        self._arrange()
        self._connect()

    # What it is made of

    def _arrange(self) -> None:
        for page in (self._curves, self._settings, self._comparison):
            self._pages.addWidget(page)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for widget in (self._presets, self._card, self._pins):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self._banners)
        left.addWidget(ColumnScroll(inside, "train_column"), 1)
        self._runs.setFixedWidth(_RUNS_WIDTH_PX)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(self._runs)

    def _connect(self) -> None:
        self._card.start_requested.connect(self._start)
        self._card.queue_requested.connect(self._start)
        self._card.action_chosen.connect(self._on_action_chosen)
        self._card.settings_toggled.connect(self._show_page)
        self._settings.rate_finder_wanted.connect(self._trying.find_rate)
        self._settings.backbones_wanted.connect(self._trying.choose_backbone)
        self._settings.search_wanted.connect(self._trying.search)
        self._readiness.chosen.connect(self._on_preset_chosen)
        self._trying.config_found.connect(self._readiness.set_config)
        self._trying.refused.connect(self._complain)
        self._shelf.run_shown.connect(lambda: self._card.set_settings_shown(False))
        self._shelf.shown_changed.connect(self._on_shown_changed)
        self._comparing.toggled.connect(self._on_comparing_toggled)
        self._following.began.connect(self._on_began)
        self._following.failed.connect(self._on_failed)
        self._following.warned.connect(self._warn)
        self._following.noted.connect(self._tell)
        self._session.project_changed.connect(self._on_project_changed)

    # What the user does

    @Slot()
    def _start(self) -> None:
        project = self._session.project
        if project is not None:
            self._train(project.config)

    def _train(self, config: RunConfig, *, instead: bool = False) -> None:
        project = self._session.project
        if project is None:
            return
        self._banners.hush(self._problem)
        try:
            check_before_training(project, config)
        except StudioError as error:
            self._complain(str(error))
            return
        self._session.train(config, instead=instead)

    @Slot()
    def _on_preset_chosen(self) -> None:
        # What is chosen now is for the queue; the card shows what runs.
        if self._following.is_running:
            self._card.set_settings_shown(True)

    @Slot(str)
    def _on_action_chosen(self, key: str) -> None:
        action = self._following.action(key) or self._readiness.action(key)
        if action is not None:
            self._act(action)

    def _act(self, action: AdviceAction) -> None:
        if action.command == "stop":
            self._following.stop()
        elif action.command == "find_rate":
            self._trying.find_rate()
        elif action.config is not None:
            # What is trained next is what the settings say.
            self._readiness.set_config(action.config)
            self._train(action.config, instead=action.command == "restart")

    @Slot()
    def _show_page(self) -> None:
        if self._card.settings.isChecked():
            self._pages.setCurrentWidget(self._settings)
        else:
            page = self._comparison if self._runs.is_comparing else self._curves
            self._pages.setCurrentWidget(page)

    @Slot(bool)
    def _on_comparing_toggled(self, comparing: bool) -> None:
        self._card.set_settings_shown(False)
        # What could be trained next matters less then than the plots and their table.
        self._presets.setVisible(not comparing)
        self._show_page()

    # What happens

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if after is None:
            return
        if before is None or before.root != after.root:
            self._hide_banners()
            is_learning = self._following.is_of_open_project
            self._card.set_settings_shown(not self._session.runs and not is_learning)
        elif (before.samples, before.learned_classes) != (after.samples, after.learned_classes):
            self._banners.hush(self._problem)

    @Slot()
    def _on_began(self) -> None:
        if self._following.is_of_open_project:
            self._hide_banners()
            self._card.set_settings_shown(False)

    @Slot(object, object)
    def _on_failed(self, training: Training, error: Exception) -> None:
        project = self._session.project
        is_here = project is not None and project.root == training.root
        words = "The training ended in a way that nobody expected. No run was kept."
        if isinstance(error, StudioError):
            words = str(error)
        else:
            show_error(self.window(), error)
        # One that was gone on with can be so again: the banner that offers it says what happened.
        if not (is_here and training.draft is not None):
            self._complain(words if is_here else f"{self._following.name_of(training)}: {words}")

    @Slot()
    def _on_shown_changed(self) -> None:
        self._readiness.advise_on(self._shelf.shown_run)

    # What is shown

    @Slot(object)
    def _warn(self, warnings: tuple[str, ...]) -> None:
        self._banners.tell(self._warning, "warn", _shortened(warnings))

    @Slot(object)
    def _tell(self, notes: tuple[str, ...]) -> None:
        self._banners.tell(self._note, "info", _shortened(notes))

    @Slot(str)
    def _complain(self, sentence: str) -> None:
        self._banners.tell(self._problem, "bad", sentence)

    def _hide_banners(self) -> None:
        self._banners.hush(self._problem, self._warning, self._note)


class _Pages(QStackedWidget):
    """Takes the room that is left: a page that likes to be high is no reason to scroll."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.setMinimumHeight(_PAGES_PX)

    def hasHeightForWidth(self) -> bool:
        """Return False, whatever words wrap on its pages."""
        return False


def _shortened(sentences: tuple[str, ...]) -> str:
    """Return at most two sentences; all of them are kept with the run."""
    words = "\n".join(sentences[:_MOST_SENTENCES])
    more = len(sentences) - _MOST_SENTENCES
    if more <= 0:
        return words
    return f"{words}\n{counted(more, 'more sentence')} in config.json, in the run's folder."


def _banner(icons: Icons, level: Level, name: str, *, closable: bool = True) -> Banner:
    banner = Banner(icons, level, closable=closable)
    banner.setObjectName(name)
    return banner
