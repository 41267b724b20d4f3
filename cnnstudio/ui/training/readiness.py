"""`Readiness`: shows the settings of the open project and whether training can start."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from cnnstudio.core.catalog.training_presets import TRAINING_PRESETS, training_preset
from cnnstudio.core.coach import Advice, AdviceAction, advise
from cnnstudio.core.config import RunConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.core.forecast import (
    expected_search_seconds,
    expected_seconds,
    forecast_words,
)
from cnnstudio.core.network import layer_table, parameter_count
from cnnstudio.core.project import Project, Split
from cnnstudio.core.runs import Run
from cnnstudio.core.search_variants import MOST_VARIANTS
from cnnstudio.core.training import check_before_training
from cnnstudio.ui.models.run_words import backbone_words, training_words
from cnnstudio.ui.models.setting_paths import changed_to_preset
from cnnstudio.ui.session import Session
from cnnstudio.ui.training.following import Following
from cnnstudio.ui.widgets.preset_cards import PresetCards
from cnnstudio.ui.widgets.training_card import TrainingCard
from cnnstudio.ui.widgets.training_settings import TrainingSettings
from cnnstudio.ui.words import classes, counted, pictures


class Readiness(QObject):
    """Keeps cards, settings and the card of the training up to date with the project.

    Each way of training keeps its settings while the project is open, so that looking at another
    loses nothing. `chosen` is emitted when the user chose one.
    """

    chosen = Signal()

    def __init__(
        self,
        session: Session,
        following: Following,
        presets: PresetCards,
        card: TrainingCard,
        settings: TrainingSettings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._following = following
        self._presets = presets
        self._card = card
        self._settings = settings
        self._kept: dict[str, RunConfig] = {}
        self._hint = ""
        self._advised: Run | None = None
        self._advice: Advice | None = None
        presets.preset_chosen.connect(self._on_preset_chosen)
        settings.config_changed.connect(self.set_config)
        session.project_changed.connect(self._on_project_changed)
        session.device_changed.connect(self.refresh)
        for ended in (following.finished, following.failed):
            ended.connect(lambda *_: self.refresh())
        following.cancelled.connect(self.refresh)
        following.began.connect(self.refresh)

    @Slot(object)
    def set_config(self, config: RunConfig) -> None:
        """Keep settings that the user changed."""
        self._following.forget_ending()
        self._session.set_config(config)

    def advise_on(self, run: Run | None) -> None:
        """Say while nothing runs what the coach makes of a run; None: of none."""
        if run is not self._advised:
            self._advised = run
            self._advice = None
            if run is not None and not run.is_imported:
                # How many pictures each class had is in a file; that of guessing is near enough.
                classes = (1,) * len(run.class_names)
                self._advice = advise(run.history, run.config, run.counts, classes, False)
            self._show_advice()

    def action(self, key: str) -> AdviceAction | None:
        """Return what is offered under a key."""
        actions = self._advice.actions if self._advice is not None else ()
        return next((each for each in actions if each.key == key), None)

    @Slot()
    def refresh(self) -> None:
        """Show settings, what they come to, and whether training can start."""
        project = self._session.project
        if project is None:
            return
        config = project.config
        counts = [project.counts.get(each.name, 0) for each in project.learned_classes]
        filled = sum(1 for count in counts if count)
        self._settings.set_config(config, filled)
        self._presets.set_chosen(config.preset)
        for preset in TRAINING_PRESETS:
            self._presets.set_facts(
                preset.key, self._facts(self._config_of(preset.key, config), sum(counts), filled)
            )
        self._settings.show_search_time(self._search_words(config, sum(counts)))
        self._hint, problem = "", self._settings.problem
        try:
            check_before_training(project, config)
        except StudioError as error:
            # What is wrong with the settings stands beside them already.
            if not problem:
                problem, self._hint = error.sentence, error.hint
        self._card.set_can_train(f"{problem} {self._hint}".strip())
        if self._following.is_running:
            return
        if problem:
            self._card.show_ready("Not ready to train", problem)
        else:
            ready = ("Ready to train", _material_words(project, sum(counts), filled), 0.0)
            headline, facts, done = self._following.ending or ready
            self._card.show_ready(headline, facts, done=done)
        self._show_advice()

    def _show_advice(self) -> None:
        project = self._session.project
        if project is None or self._following.is_running:
            return
        if self._hint:
            self._card.show_advice(self._hint)
            return
        if self._advice is None or self._advised is None:
            self._card.show_advice(training_words(project.config))
            return
        actions = [(each.key, each.label) for each in self._advice.actions]
        self._card.show_advice(f"{self._advised.name}: {self._advice.sentence}", actions)

    @Slot(str)
    def _on_preset_chosen(self, key: str) -> None:
        project = self._session.project
        if project is not None and project.config.preset != key:
            self._kept[project.config.preset] = project.config
            self.set_config(self._config_of(key, project.config))
            self.chosen.emit()

    @Slot(object, object)
    def _on_project_changed(self, before: Project | None, after: Project | None) -> None:
        if after is None:
            return
        if before is None or before.root != after.root:
            self._kept.clear()
            self._following.forget_ending()
            self.advise_on(None)
        elif (before.config, before.samples, before.learned_classes) == (
            after.config,
            after.samples,
            after.learned_classes,
        ):
            return
        self.refresh()

    def _config_of(self, key: str, present: RunConfig) -> RunConfig:
        if key == present.preset:
            return present
        return self._kept.get(key) or changed_to_preset(present, key)

    def _facts(self, config: RunConfig, count: int, class_count: int) -> str:
        """What a way of training comes to: "22,247,242 weights · about 40 min"."""
        if training_preset(config.preset).footing == "scratch":
            what = _weights_words(config, max(class_count, 2))
        else:
            what = backbone_words(config)
        training = config.training
        seconds = expected_seconds(
            config,
            _parts(config, count),
            class_count,
            runs=self._session.runs,
            device=self._session.device,
        )
        how_long = forecast_words(seconds).removesuffix(" on this computer")
        if not how_long:
            how_long = counted(training.epochs, "epoch") + " at most" * bool(training.patience)
        return f"{what} · {how_long}"

    def _search_words(self, config: RunConfig, count: int) -> str:
        parts = _parts(config, count)
        seconds = expected_search_seconds(config, parts, MOST_VARIANTS, device=self._session.device)
        return forecast_words(seconds).removesuffix(" on this computer")


def _parts(config: RunConfig, count: int) -> dict[Split, int]:
    """About how many of so many pictures are dealt to each part."""
    training = config.training
    validation = round(count * training.validation_share)
    test = round(count * training.test_share)
    return {"train": count - validation - test, "validation": validation, "test": test}


def _material_words(project: Project, count: int, class_count: int) -> str:
    words = f"{pictures(count)} in {classes(class_count)}"
    if off := len(project.classes) - len(project.learned_classes):
        words += f" · {classes(off)} switched off"
    if project.layout == "splits":
        parts = " and ".join(part for _, part in project.split_folders)
        words += f" · split as its folders {parts} say"
    return words


def _weights_words(config: RunConfig, class_count: int) -> str:
    try:
        rows = layer_table(config.network, config.training.image_size, class_count)
    except StudioError:
        return "cannot be built"
    return counted(parameter_count(rows), "weight")
