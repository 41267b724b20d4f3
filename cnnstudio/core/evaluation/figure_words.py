"""What the figures of an evaluation mean, in sentences."""

from __future__ import annotations

from cnnstudio.core.evaluation.calibration import CalibrationBin
from cnnstudio.core.evaluation.evaluation import EvaluatedPart
from cnnstudio.core.evaluation.figures import Figures, Interval
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.percentages import percent

_CLOSE_ENOUGH = 0.03
_BEST = 0.02
_FEW = 50
_MOST_MORE = 1_000_000
_PICTURES: dict[EvaluatedPart, str] = {
    "test": "test pictures",
    "validation": "validation pictures",
    "folder": "pictures like these",
}


CHOSEN_BY_THESE = (
    "The kept epoch was chosen by these pictures, so the run looks a little better on them than it"
    " is."
)
"""To be said wherever validation pictures judge."""

LEARNED_ELSEWHERE = (
    "This model was trained elsewhere, and nobody knows here on which pictures: where these are"
    " among them, the figures are too good."
)
"""To be said wherever an imported model is judged."""


def accuracy_words(figures: Figures) -> str:
    """Return how often a run was right, and how much that figure is worth.

    "14 of 15 right: the true figure lies somewhere between 70 % and 99 %; 40 more test pictures
    would narrow it to about 7 points either way."
    """
    if not figures.foretells:
        return learned_words(figures.correct, figures.count, figures.learned)
    words = right_words(figures.correct, figures.count)
    more = pictures_to_narrow(figures.correct, figures.count)
    if more is None:
        return f"{words}."
    count, half = more
    points = f"{100 * half:.0f}"
    return (
        f"{words}; {count:,} more {_PICTURES[figures.part]} would narrow it to about {points}"
        f" point{'' if points == '1' else 's'} either way."
    )


def learned_words(correct: int, count: int, learned: int) -> str:
    """Return how often a run was right about pictures of which it knew `learned` already."""
    return (
        f"{correct:,} of {count:,} right, but the training used {learned:,} of them: on new"
        " pictures it will be right less often, and nobody can tell from these how often."
    )


def right_words(correct: int, count: int) -> str:
    """Return "14 of 15 right: the true figure lies somewhere between 70 % and 99 %"."""
    low, high = interval_words(wilson_interval(correct, count))
    return (
        f"{correct:,} of {count:,} right: the true figure lies somewhere between {low} and {high}"
    )


def interval_words(interval: Interval) -> tuple[str, str]:
    """Return both ends in per cent, with a decimal where whole ones would be too coarse."""
    decimals = interval_decimals(interval)
    return percent(interval[0], decimals), percent(interval[1], decimals)


def interval_decimals(interval: Interval) -> int:
    """Return how many decimals a share and its interval have in per cent."""
    return 1 if interval[1] - interval[0] < 2 * _CLOSE_ENOUGH else 0


def pictures_to_narrow(correct: int, count: int) -> tuple[int, float] | None:
    """Return how many pictures more would narrow the interval well, and half its width then.

    Well means half as wide, but not below two points either way; where it is narrow already, None.
    The share of right answers is taken to stay as it is.
    """
    low, high = wilson_interval(correct, count)
    half = (high - low) / 2
    if not count or half <= _CLOSE_ENOUGH:
        return None
    share, target = correct / count, max(half / 2, _BEST)
    few, many = count, _MOST_MORE
    while many - few > 1:
        middle = (few + many) // 2
        if _half_width(share, middle) > target:
            few = middle
        else:
            many = middle
    more = _round(many - count)
    return more, _half_width(share, count + more)


def _half_width(share: float, count: int) -> float:
    low, high = wilson_interval(share * count, count)
    return (high - low) / 2


def _round(count: int) -> int:
    """Return a number that is easily said, near to `count`: 38 is 40, 187 is 200."""
    if count < 10:
        return count
    power = int(10 ** (len(str(count)) - 1))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10)
    return round(min(steps, key=lambda step: abs(step * power - count)) * power)


def calibration_words(figures: Figures) -> str:
    """Return whether a run can be taken at its word: how sure it says it is, how often it is right.

    Where it cannot, the example is the bin with the largest share in that. The figure that experts
    ask for ends it.
    """
    calibration = figures.calibration
    said, low, high = calibration.confidence, *figures.interval
    if low <= said <= high:
        words = (
            "On the whole its percentages can be taken at their word: on average it says"
            f" {percent(said, 0)}, and it is right {percent(figures.accuracy, 0)} of the time."
        )
    else:
        side = 1 if said > high else -1
        worst = max(
            calibration.bins,
            key=lambda each: side * each.count * (each.confidence - each.accuracy),
        )
        verdict = "It is too sure of itself" if side > 0 else "It is right more often than it says"
        words = f"{verdict}: when it says {percent(worst.confidence, 0)}, {_right_then(worst)}."
    if figures.count < _FEW:
        words += " So few pictures say little about it."
    return f"{words} Expected calibration error: {percent(calibration.error)}."


def bin_words(each: CalibrationBin) -> str:
    """Return what one bin says: "When it says 87 % to 93 %, it is right 80 % of the time (...)."""
    low, high = percent(each.low, 0), percent(each.high, 0)
    return f"When it says {low} to {high}, {_right_then(each)}."


def _right_then(each: CalibrationBin) -> str:
    return (
        f"it is right {percent(each.accuracy, 0)} of the time"
        f" ({each.right:,} of {each.count:,} pictures)"
    )
