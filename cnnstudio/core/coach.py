"""The coach: reads the curves of a training in plain words, and offers what helps.

Start at `advise`. What is seen is judged in `curve_reading`; what can be done is in `remedies`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cnnstudio.core.catalog.training_presets import Footing, training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.curve_reading import CurveReading, read_curves
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.project import Split
from cnnstudio.core.remedies import (
    AdviceAction,
    another_rate,
    find_rate,
    more_augmentation,
    more_dropout,
    more_epochs,
    smaller_batches,
    stop_and_keep,
    use_preset,
)

__all__ = ["Advice", "AdviceAction", "CoachState", "advise", "patience_words"]

CoachState = Literal[
    "starting",
    "learning",
    "memorising",
    "stuck",
    "rate_too_high",
    "levelled_off",
    "finished",
    "too_few",
]

_SOONEST = 2
_FEWEST_STEPS = 30
"""Before so many steps a network may well still be guessing."""
_FEWEST_VALIDATION = 20
_PATIENT = 3
_CLEAR_GAP = 0.05
_NEARLY_ALL = 0.95
_WIDE_GAP = 0.3
_HARDLY_MORE = 0.1
"""Above guessing: too little to speak of pictures that were learned."""
_HIGH_RATES = {"sgd": 0.3}
_HIGH_RATE = 0.01
_LOW_RATES = {"sgd": 1e-3}
_LOW_RATE = 1e-4


@dataclass(frozen=True)
class Advice:
    """What the coach says: `badge` in two or three words, `sentence` with the numbers seen."""

    state: CoachState
    badge: str
    sentence: str
    actions: tuple[AdviceAction, ...] = ()


@dataclass(frozen=True)
class _Case:
    seen: CurveReading
    config: RunConfig
    is_running: bool

    @property
    def footing(self) -> Footing:
        return training_preset(self.config.preset).footing


def advise(
    history: Sequence[EpochEnded],
    config: RunConfig,
    counts: Mapping[Split, int],
    class_counts: Sequence[int],
    is_running: bool,
) -> Advice:
    """Say how a training goes and what could be done.

    Args:
        history: the epochs so far, in their order.
        config: what is trained with.
        counts: pictures by part; those for validation decide what a figure is worth.
        class_counts: pictures of each class, in any order; what guessing comes to follows from
            them. Nothing where they are not known: then nobody is told of guessing.
        is_running: whether it still trains.

    Raises:
        StudioError: the config names a preset that does not exist.
    """
    warm = math.ceil(config.training.warmup_epochs)
    if len(history) < _SOONEST or (is_running and len(history) <= warm + 1):
        return _starting(len(history), warm, is_running)
    case = _Case(read_curves(history, config, counts, class_counts), config, is_running)
    for judge in _JUDGES:
        if (advice := judge(case)) is not None:
            return advice
    return _finished(case)


def patience_words(history: Sequence[EpochEnded], patience: int) -> str:
    """Return "3 epochs since the best, stops at 8"; `patience` 0 never stops.

    "" before the first epoch has ended.
    """
    if not history:
        return ""
    best = next((each.epoch for each in reversed(history) if each.is_best), 0)
    since = history[-1].epoch - best
    if since <= 0:
        return "the last epoch is the best so far"
    return f"{_epochs(since)} since the best{f', stops at {patience}' if patience > 0 else ''}"


def _starting(epochs: int, warm: int, is_running: bool) -> Advice:
    if not is_running:
        return Advice(
            "starting",
            "too short",
            f"After {_epochs(epochs)} there is nothing to be said yet: it takes at least two.",
        )
    words = "After two epochs there is something to say."
    if warm:
        first = "first epoch" if warm == 1 else f"first {_epochs(warm)}"
        words = f"The learning rate rises for the {first}; it is too early to say."
    return Advice("starting", "getting started", words)


def _rate_too_high(case: _Case) -> Advice | None:
    seen = case.seen
    rate = case.config.training.learning_rate
    is_high = rate >= _HIGH_RATES.get(case.config.training.optimizer, _HIGH_RATE)
    if seen.is_loss_broken:
        words = "The loss is no longer a number: the learning rate is so high that nothing stays."
    elif seen.is_loss_jumping:
        words = (
            f"The loss jumps instead of falling ({_loss(seen.loss)} now,"
            f" {_loss(seen.first_loss)} after the first epoch): the steps, whose length is"
            " the learning rate, are too large."
        )
    elif _is_judged(seen) and is_high:
        words = (
            f"{_guessing_words(seen)} With a learning rate of {rate:g} the steps are"
            " probably too large."
        )
    else:
        return None
    # Where it never got going the rate is far off, not by a little.
    rate /= 30 if seen.is_at_guessing and is_high else 3
    actions = (another_rate(case.config, rate, is_running=case.is_running), find_rate())
    return Advice("rate_too_high", "steps too large", words, _given(actions))


def _is_judged(seen: CurveReading) -> bool:
    """Whether a network that still guesses has had its chance."""
    return seen.is_at_guessing and seen.epochs >= _PATIENT and seen.steps >= _FEWEST_STEPS


def _stuck(case: _Case) -> Advice | None:
    seen, training = case.seen, case.config.training
    if not seen.is_at_guessing:
        return None
    if not _is_judged(seen):
        if case.is_running:
            early = f"{_guessing_words(seen)} It is early yet."
            return Advice("learning", "no progress yet", early)
        words = f"{_guessing_words(seen)} It took only {_steps(seen.steps)}, which is little."
        actions = (more_epochs(case.config, 2 * training.epochs), smaller_batches(case.config))
        return Advice("stuck", "hardly begun", words, _given(actions))
    is_low = training.learning_rate < _LOW_RATES.get(training.optimizer, _LOW_RATE)
    why = f" A learning rate of {_plain(training.learning_rate)} is very small." if is_low else ""
    usual = training_preset(case.config.preset).config.training.learning_rate
    rate = max(usual, 10 * training.learning_rate) if is_low else training.learning_rate / 3
    offered = (
        another_rate(case.config, rate, is_running=case.is_running),
        find_rate(),
        _fast_start(case),
    )
    return Advice("stuck", "not learning", f"{_guessing_words(seen)}{why}", _given(offered))


def _too_few(case: _Case) -> Advice | None:
    seen = case.seen
    if seen.validation_count >= _FEWEST_VALIDATION and math.isfinite(seen.validation):
        return None
    if seen.validation_count < 1:
        words = "Without validation pictures there is no telling how other pictures would fare."
    else:
        point = 100 / seen.validation_count
        words = (
            f"{seen.validation_count} validation pictures are few: one of them is"
            f" {point:.0f} points of the accuracy, so the curve jumps whatever is learned."
        )
    if math.isfinite(seen.training):
        words += f" Training pictures {_percent(seen.training)} right."
    return Advice("too_few", "hard to say", words)


def _memorising(case: _Case) -> Advice | None:
    seen = case.seen
    # How much better training pictures fare even if the validation pictures were hard by chance.
    gap = seen.gap - 2 * seen.error
    if not seen.has_learned or gap <= 0 or seen.gap < _CLEAR_GAP:
        return None
    has_stalled = seen.since_best >= _PATIENT and not seen.is_improving
    is_worse = seen.is_validation_loss_rising and not seen.is_improving
    # A classifier on features always knows its own pictures better: that alone says nothing.
    is_telling = gap >= _CLEAR_GAP and case.footing != "features"
    is_plain = seen.training >= _NEARLY_ALL and gap >= _WIDE_GAP and not seen.is_improving
    is_seen = (has_stalled or is_worse) if is_telling else (has_stalled and is_worse)
    if not (is_seen or is_plain):
        return None
    figures = f"Training pictures {_percent(seen.training)} right, validation"
    figures += f" {_percent(seen.validation)}"
    words = f"{figures} {_since_words(seen)}: the network learns these pictures by heart."
    if is_plain and seen.validation <= (seen.guessing or 0) + _HARDLY_MORE:
        words = (
            f"{figures}: learned by heart, which helps with no other picture. See whether the"
            " validation pictures show the same, rightly labelled; if so, add more pictures."
        )
    actions = (
        stop_and_keep(seen.best_epoch) if case.is_running else None,
        _fine_tune(case) if case.footing == "features" else _fast_start(case),
        more_augmentation(case.config),
        more_dropout(case.config),
    )
    return Advice("memorising", "learning by heart", words, _given(actions))


def _learning(case: _Case) -> Advice | None:
    seen = case.seen
    if not case.is_running and not (seen.is_improving and seen.since_best < _PATIENT):
        return None
    if case.is_running and seen.since_best >= _PATIENT and not seen.is_improving:
        return None
    words = (
        f"Validation {_percent(seen.validation)} right, {_percent(seen.first_validation)} after"
        f" the first epoch; training pictures {_percent(seen.training)}."
    )
    if case.is_running:
        is_well = seen.is_improving or seen.validation > seen.first_validation + seen.error
        badge = "learning well" if is_well else "learning"
        return Advice("learning", badge, words)
    more = max(10, round(case.config.training.epochs / 2))
    return Advice(
        "learning",
        "still improving",
        f"{words} It was still getting better at the end.",
        _given((more_epochs(case.config, more),)),
    )


def _levelled_off(case: _Case) -> Advice | None:
    if not case.is_running:
        return None
    seen = case.seen
    words = f"Validation {_percent(seen.validation)} right {_since_words(seen)}."
    is_at_its_limit = seen.gap < _CLEAR_GAP and seen.training < _NEARLY_ALL
    if is_at_its_limit:
        words += " Training pictures fare no better: these settings can do no more."
    actions = (stop_and_keep(seen.best_epoch), _fast_start(case) if is_at_its_limit else None)
    return Advice("levelled_off", "levelled off", words, _given(actions))


def _finished(case: _Case) -> Advice:
    seen = case.seen
    low, high = 0.0, 1.0
    if math.isfinite(seen.best_validation):
        count = seen.validation_count
        low, high = wilson_interval(min(max(seen.best_validation * count, 0), count), count)
    words = (
        f"Validation {_percent(seen.best_validation)} right in epoch {seen.best_epoch}, which was"
        f" kept; with {seen.validation_count:,} pictures that is somewhere between {_percent(low)}"
        f" and {_percent(high)}."
    )
    if not seen.best_epoch:
        words = "No epoch was better than the start, the network as it was taken over: it was kept."
    next_step = _fine_tune(case) if case.footing == "features" else _fast_start(case)
    return Advice("finished", "finished", words, _given((next_step,)))


_JUDGES: tuple[Callable[[_Case], Advice | None], ...] = (
    _rate_too_high,
    _stuck,
    _too_few,
    _memorising,
    _learning,
    _levelled_off,
)
"""The gravest first; the first that has something to say is heard."""


def _fast_start(case: _Case) -> AdviceAction | None:
    if case.footing != "scratch":
        return None
    return use_preset(case.config, "fast", "Use Fast start")


def _fine_tune(case: _Case) -> AdviceAction:
    return use_preset(case.config, "fine", "Fine-tune this")


def _given(actions: Sequence[AdviceAction | None]) -> tuple[AdviceAction, ...]:
    return tuple(each for each in actions if each is not None)


def _guessing_words(seen: CurveReading) -> str:
    return (
        f"Training pictures {_percent(seen.training)} right, validation"
        f" {_percent(seen.validation)}: no better than guessing ({_percent(seen.guessing or 0)})."
    )


def _since_words(seen: CurveReading) -> str:
    if seen.since_best < 1:
        return "and hardly better than before"
    return f"and not better for {_epochs(seen.since_best)}"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count:,} steps"


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count:,} epochs"


def _percent(share: float) -> str:
    """A share as whole per cent; nothing is rounded to certainty."""
    if not math.isfinite(share):
        return "–"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def _plain(rate: float) -> str:
    return f"{rate:.6f}".rstrip("0").rstrip(".")


def _loss(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "not a number"
