"""A small search over sensible settings of Fast start, on features that are computed once.

Start at `search_settings`. Every variant is judged on the validation part: the test part is never
looked at, so that the figure of the training that follows stays honest.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import Engine, LabelledFeatures
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import NOTHING_LEARNED, Task, TaskContext
from cnnstudio.core.project import Project
from cnnstudio.core.search_variants import (
    MOST_VARIANTS,
    as_fast_start,
    assignments_between,
    changed_words,
    variants_to_try,
)
from cnnstudio.core.storage.index import Index
from cnnstudio.core.training import check_before_training, settled_config
from cnnstudio.core.training_material import prepare_material
from cnnstudio.core.variants import with_variants


@dataclass(frozen=True)
class Trial:
    """One variant of the settings and how it did on the validation part.

    `gain` is its accuracy less that of the present settings, `gain_error` the standard error of
    that, from the pictures on which the two differ; both are shares.
    """

    label: str
    config: RunConfig
    accuracy: float
    loss: float
    best_epoch: int
    seconds: float
    gain: float
    gain_error: float
    assignments: tuple[str, ...] = ()
    """What makes the present settings these ones, as `with_setting` takes it: "path=value"."""

    @property
    def gain_words(self) -> str:
        """How much better it does, in points, and between what that lies 19 times of 20."""
        low, high = self.gain - 2 * self.gain_error, self.gain + 2 * self.gain_error
        return f"{_points(self.gain)}, between {_points(low)} and {_points(high)}"


@dataclass(frozen=True)
class VariantTried:
    """Reported after each variant; `done` of `total` have been tried."""

    trial: Trial
    done: int
    total: int


@dataclass(frozen=True)
class SearchMaterial:
    """What is learned and what judges, with `variants` augmented rows for a training picture."""

    training: LabelledFeatures
    validation: LabelledFeatures
    class_names: tuple[str, ...]

    @property
    def variants(self) -> int:
        """How many augmented variants of each training picture are known."""
        return int(self.training.features.shape[1]) - 1


@dataclass(frozen=True)
class SearchResult:
    """What was tried, the best first. `present` is how the settings as they are did.

    `words` say what the best is worth, `warning` why it looks better than it is.
    """

    trials: tuple[Trial, ...]
    present: Trial
    planned: int
    validation_count: int
    words: str
    warning: str

    @property
    def is_any_better(self) -> bool:
        """Whether other settings than the present ones are right more often."""
        return self.trials[0].gain > 0

    @property
    def is_complete(self) -> bool:
        """Whether everything planned was tried; not so after a stop."""
        return len(self.trials) == self.planned


def search_settings(
    engine: Engine, project: Project, limit: int = MOST_VARIANTS, write_project: bool = True
) -> Task[SearchResult]:
    """Return the task that tries a handful of settings for Fast start.

    It reports `Progress` with the time left and `VariantTried`, and keeps no model. Stopped, it
    returns what was tried until then.

    Args:
        engine: what computes.
        project: its pictures, split as a training of it splits them, and its present settings.
        limit: at most so many variants, the present settings among them.
        write_project: False writes nothing into the project's folder; else its index keeps the
            features, so that the training that follows need not compute them.

    The task raises `StudioError` when too few classes or pictures are there; `Cancelled` when the
    user cancels, or stops before anything was tried.
    """

    def task(context: TaskContext) -> SearchResult:
        config = settled_config(engine, as_fast_start(project.config))
        check_before_training(project, config)
        with Index.of(project) if write_project else Index(None) as index:
            material = prepare_material(engine, project.with_config(config), {}, index, context)
            heads = SearchMaterial(
                with_variants(engine, material, config, index, context),
                material.features_of("validation"),
                tuple(each.name for each in material.classes),
            )
        context.report(Progress("Starting TensorFlow"))
        engine.prepare()
        context.checkpoint()
        return try_variants(engine, heads, variants_to_try(config, limit, heads.variants), context)

    return task


def try_variants(
    engine: Engine, material: SearchMaterial, configs: Sequence[RunConfig], context: TaskContext
) -> SearchResult:
    """Train a head with each of the settings, the first of which are the present ones.

    Stopped, it returns what was tried until then.

    Raises:
        Cancelled: the user cancelled, or stopped before the first was tried.
        StudioError: as `Engine.train_head` does.
    """
    trials: list[Trial] = []
    rightly_now: npt.NDArray[np.bool_] | None = None
    for config in configs:
        context.report(_beginning(trials, configs))
        try:
            trial, rightly = _tried(engine, material, config, configs[0], rightly_now, context)
        except _Stopped:
            break
        rightly_now = rightly if rightly_now is None else rightly_now
        trials.append(trial)
        context.report(VariantTried(trial, len(trials), len(configs)))
    if not trials:
        raise Cancelled(NOTHING_LEARNED)
    ranked = tuple(sorted(trials, key=lambda each: (-each.accuracy, each.loss)))
    count = len(material.validation)
    words, warning = result_words(ranked, trials[0], count, len(configs))
    return SearchResult(ranked, trials[0], len(configs), count, words, warning)


def result_words(
    ranked: Sequence[Trial], present: Trial, validation_count: int, planned: int
) -> tuple[str, str]:
    """Return what the best is worth, and the warning that it looks better than it is.

    Where fewer were tried than planned, the first words say so.
    """
    best, others = ranked[0], len(ranked) - 1
    stopped = f"Stopped after {len(ranked)} of {planned}. " if len(ranked) < planned else ""
    if not others and stopped:
        return f"{stopped}Only the present settings were tried: none to compare them with.", ""
    if best is present or best.gain <= 0:
        if not others:
            return "Only the present settings were tried, so nothing can be said of others.", ""
        which = f"None of the other {others:,} that were tried does"
        if others == 1:
            which = "The other one that was tried does not do"
        words = (
            f"{stopped}{which} better on {validation_count:,} validation pictures than the present"
            f" settings, {_percent(present.accuracy)} right: keep those."
        )
        return words, ""
    error = max(best.gain_error, 1 / max(validation_count, 1))
    low, high = best.gain - 2 * error, best.gain + 2 * error
    words = (
        f"{stopped}{best.label}: {_percent(best.accuracy)} of {validation_count:,} validation"
        f" pictures right, {_points(best.gain)} points against now, somewhere between"
        f" {_points(low)} and {_points(high)}."
    )
    if best.gain <= expected_luck(len(ranked)) * error:
        words += " Luck alone would bring so much: the present settings may be as good."
    luck = 100 * expected_luck(len(ranked)) * error
    warning = (
        f"The best of {len(ranked)} looks better than it is: if all were equally good, the"
        f" luckiest would still seem about {luck:.1f} points better. Believe the test figure of a"
        " training with it, not this one."
    )
    return words, warning


def expected_luck(count: int) -> float:
    """Return by how many standard errors the luckiest of `count` equals is ahead (Blom 1958)."""
    if count < 2:
        return 0.0
    return NormalDist().inv_cdf((count - 0.375) / (count + 0.25))


class _Stopped(Exception):
    """The user asked to stop; what was tried is kept, the variant that runs is not."""


class _Trying(TaskContext):
    """The context of one variant: says nothing of its epochs, and ends when the search is to."""

    def __init__(self, search: TaskContext) -> None:
        super().__init__()
        self._search = search

    def checkpoint(self) -> None:
        """End this variant once the search is stopped or cancelled."""
        if self._search.is_cancelled or self._search.is_stop_requested:
            raise Cancelled

    @property
    def is_cancelled(self) -> bool:
        """Whether this variant is to be thrown away."""
        return self._search.is_cancelled or self._search.is_stop_requested

    @property
    def is_paused(self) -> bool:
        """Whether the search is to wait."""
        return self._search.is_paused

    def wait_while_paused(self) -> float:
        """Wait as long as the search is to."""
        return self._search.wait_while_paused()


def _beginning(trials: Sequence[Trial], configs: Sequence[RunConfig]) -> Progress:
    """What is tried next; how long the rest takes is known from the first on."""
    done, total = len(trials), len(configs)
    left = sum(each.seconds for each in trials) / done * (total - done) if done else None
    words = _lower(changed_words(configs[done], configs[0]))
    return Progress(f"Trying settings: {words}", done, total, left)


def _tried(
    engine: Engine,
    material: SearchMaterial,
    config: RunConfig,
    present: RunConfig,
    rightly_now: npt.NDArray[np.bool_] | None,
    context: TaskContext,
) -> tuple[Trial, npt.NDArray[np.bool_]]:
    """Train one variant; also return which validation pictures it is right about, shape (n,)."""
    began = time.monotonic()
    inner = _Trying(context)
    training, validation = material.training, material.validation
    rows = training.features[:, : 1 + min(config.transfer.variants, material.variants)]
    try:
        inner.checkpoint()
        outcome = engine.train_head(
            LabelledFeatures(rows, training.labels),
            validation,
            config,
            material.class_names,
            None,
            inner,
        )
    except Cancelled as cancelled:
        if context.is_stop_requested and not context.is_cancelled:
            raise _Stopped from cancelled
        raise
    assert outcome.head is not None
    answers = outcome.head.classes_of(validation.features[:, 0])
    rightly: npt.NDArray[np.bool_] = answers == validation.labels
    now = rightly if rightly_now is None else rightly_now
    difference = rightly.astype(np.float64) - now
    best = next(each for each in outcome.history if each.epoch == outcome.best_epoch)
    trial = Trial(
        changed_words(config, present),
        config,
        float(rightly.mean()),
        best.validation_loss,
        outcome.best_epoch,
        time.monotonic() - began,
        float(difference.mean()),
        float(difference.std() / np.sqrt(len(difference))),
        assignments_between(present, config),
    )
    return trial, rightly


def _points(share: float) -> str:
    """A difference in points: "+1.5", "−2.0", "0.0"."""
    words = f"{100 * share:+.1f}"
    return "0.0" if words in ("+0.0", "-0.0") else words.replace("-", "\N{MINUS SIGN}")


def _lower(words: str) -> str:
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
