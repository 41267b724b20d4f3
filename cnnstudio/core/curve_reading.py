"""What the curves of a training say, in numbers that noise does not sway.

Accuracies are shares, 0 to 1. One epoch says little, so a few at the end are averaged; and a
difference in validation accuracy counts where it is larger than what the number of validation
pictures leaves open, its standard error.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnnstudio.core.config import RunConfig
from cnnstudio.core.events import EpochEnded
from cnnstudio.core.project import Split

_LONGEST_WINDOW = 5
_NEAR_GUESSING = 0.9
"""A loss of at least this share of that of guessing is no learning worth the name."""
_LEARNED = 0.75
_JUMP = 1.5
_LOSS_SETTLED = 0.03
_LOSS_OF_NOTE = 0.02


@dataclass(frozen=True)
class CurveReading:
    """A training so far. `training` and `validation` are accuracies of the last few epochs.

    `guessing` is how often always naming the largest class would be right (None: not known).
    `error` is the standard error of `validation`. `has_learned` says whether the training loss is
    clearly below that of guessing, `is_at_guessing` that nothing tells the network from a guesser.
    """

    epochs: int
    steps: int
    best_epoch: int
    since_best: int
    training: float
    validation: float
    first_validation: float
    best_validation: float
    validation_count: int
    error: float
    guessing: float | None
    first_loss: float
    loss: float
    has_learned: bool
    is_at_guessing: bool
    is_loss_broken: bool
    is_loss_jumping: bool
    is_validation_loss_rising: bool
    is_improving: bool

    @property
    def gap(self) -> float:
        """By how much training pictures are answered better than validation pictures."""
        return self.training - self.validation


def read_curves(
    history: Sequence[EpochEnded],
    config: RunConfig,
    counts: Mapping[Split, int],
    class_counts: Sequence[int],
) -> CurveReading:
    """Return what the curves say.

    Args:
        history: at least one epoch.
        config: what is trained with.
        counts: pictures by part.
        class_counts: pictures of each class; nothing where they are not known.
    """
    losses = [each.loss for each in history]
    validation_losses = [each.validation_loss for each in history]
    accuracies = [each.validation_accuracy for each in history]
    window = max(1, min(_LONGEST_WINDOW, len(history) // 3))
    best = _best_epoch(history)
    training_count, validation_count = counts.get("train", 0), counts.get("validation", 0)
    training = _mean([each.accuracy for each in history][-window:])
    validation = _mean(accuracies[-window:])
    error = standard_error(validation, validation_count)
    guessing, guessing_loss = _guessing(class_counts, config.training.balance_classes, losses[0])
    floor = 0.15 * guessing_loss + 1 / math.sqrt(max(training_count, 1))
    recent = losses[-min(len(losses), 3) :]
    is_broken = not all(map(math.isfinite, losses))
    return CurveReading(
        epochs=len(history),
        steps=len(history) * math.ceil(training_count / config.training.batch_size),
        best_epoch=best,
        since_best=len(history) - best,
        training=training,
        validation=validation,
        first_validation=accuracies[0],
        best_validation=accuracies[max(best, 1) - 1],
        validation_count=validation_count,
        error=error,
        guessing=guessing,
        first_loss=losses[0],
        loss=losses[-1],
        has_learned=_mean(recent) < _LEARNED * guessing_loss,
        is_at_guessing=(
            guessing is not None
            and training <= guessing + max(0.03, 2 * standard_error(guessing, training_count))
            and validation <= guessing + 2 * standard_error(guessing, validation_count)
            and _mean(recent) >= _NEAR_GUESSING * guessing_loss
        ),
        is_loss_broken=is_broken,
        is_loss_jumping=not is_broken and _is_jumping(losses, floor),
        is_validation_loss_rising=_mean(validation_losses[-window:])
        > 1.1 * min(_means(validation_losses, window)),
        is_improving=_is_improving(history, window, error, guessing_loss),
    )


def standard_error(share: float, count: int) -> float:
    """Return the standard error of a share of `count` pictures.

    Of a share of 0 or 1 it is not 0: one more picture of each kind is counted, after Laplace.
    """
    if count < 1 or not math.isfinite(share):
        return 0.5
    moved = (share * count + 1) / (count + 2)
    return math.sqrt(moved * (1 - moved) / count)


def _best_epoch(history: Sequence[EpochEnded]) -> int:
    """The epoch that is kept, counted from 1; 0 where none was better than the start."""
    return max((each.epoch for each in history if each.is_best), default=0)


def _guessing(
    class_counts: Sequence[int], is_balanced: bool, first_loss: float
) -> tuple[float | None, float]:
    """How often naming the largest class is right, and the loss of knowing no more than counts.

    Where the counts are not known, the loss after the first epoch stands for that of guessing.
    """
    total = sum(class_counts)
    shares = [count / total for count in class_counts if count] if total else []
    if len(shares) < 2:
        return None, max(first_loss, math.log(2)) if math.isfinite(first_loss) else math.log(2)
    # Balanced, every class weighs the same, and knowing nothing is to call all equally likely.
    loss = math.log(len(shares)) if is_balanced else -sum(each * math.log(each) for each in shares)
    return max(shares), loss


def _is_jumping(losses: Sequence[float], floor: float) -> bool:
    """Whether the training loss has gone up by more than noise does, and stayed there or swings."""
    lowest = min(losses)
    has_risen = (
        len(losses) > 2 and min(losses[-2:]) > _JUMP * lowest and min(losses[-2:]) > lowest + floor
    )
    recent = losses[-7:]
    rises = [
        after > 1.2 * before and after > before + floor
        for before, after in itertools.pairwise(recent)
    ]
    return has_risen or sum(rises) >= 3


def _is_improving(
    history: Sequence[EpochEnded], window: int, error: float, guessing_loss: float
) -> bool:
    """Whether the last few epochs are better than those before, by more than noise."""
    if len(history) < 2:
        return False
    now, before = history[-window:], history[-2 * window : -window]
    gain = _mean([each.validation_accuracy for each in now]) - _mean(
        [each.validation_accuracy for each in before]
    )
    loss_now = _mean([each.validation_loss for each in now])
    loss_before = _mean([each.validation_loss for each in before])
    # The loss tells of small gains long before a picture changes sides.
    fall = max(_LOSS_SETTLED * loss_before, _LOSS_OF_NOTE * guessing_loss)
    return gain > error or (gain > -error / 2 and loss_now < loss_before - fall)


def _means(values: Sequence[float], window: int) -> list[float]:
    return [_mean(values[end - window : end]) for end in range(window, len(values) + 1)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
