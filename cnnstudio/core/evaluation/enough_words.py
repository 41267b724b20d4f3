"""What a learning curve says, in sentences: never more than it knows."""

from __future__ import annotations

from cnnstudio.core.evaluation.learning_curve import ClassOutlook, LearningCurve
from cnnstudio.core.percentages import percent

# Less than this is nothing that anybody would notice.
_NOTHING = 0.01
_SOMETHING = 0.005


def whole_words(curve: LearningCurve) -> str:
    """Return what twice the pictures would bring, with how far it may be off."""
    twice = curve.expected_at(2 * curve.pictures)
    now = 1 - curve.errors[-1]
    expected, low, high = 1 - twice.value, 1 - twice.high, 1 - twice.low
    pair = f"somewhere between {percent(low, 0)} and {percent(high, 0)}"
    if expected - now < _NOTHING:
        return (
            f"With twice as many pictures, {2 * curve.pictures:,}, hardly more would be right than"
            f" the {percent(now, 0)} of now: {pair}."
        )
    return (
        f"With twice as many pictures, {2 * curve.pictures:,}, about {percent(expected, 0)} would"
        f" be right instead of {percent(now, 0)}: {pair}."
    )


def class_words(outlook: ClassOutlook) -> str:
    """Return what more pictures of a class would bring."""
    more, title, gain = f"{outlook.more:,}", outlook.title, outlook.gain
    if gain is None:
        return f"{title}: {outlook.count:,} pictures are too few to tell. Add some first."
    if gain.high < _NOTHING:
        return f"More of {title} will hardly help ({more} more: under 1 point)."
    if gain.low >= _SOMETHING:
        return (
            f"{more} more of {title} should give about {_points(gain.value)}"
            f" ({_number(gain.low)} to {_number(gain.high)})."
        )
    return f"{more} more of {title}: unclear, from nothing to {_points(gain.high)}."


def best_first(curve: LearningCurve) -> list[ClassOutlook]:
    """Return the classes in the order of what more pictures of them should bring."""

    def worth(outlook: ClassOutlook) -> tuple[bool, float, float]:
        gain = outlook.gain
        if gain is None:
            return True, 0.0, 0.0
        is_sure = gain.low >= _SOMETHING
        return False, -(gain.value if is_sure else gain.value / 2), -gain.high

    return sorted(curve.classes, key=worth)


def _points(share: float) -> str:
    number = _number(share)
    return f"{number} point" if number == "1" else f"{number} points"


def _number(share: float) -> str:
    points = 100 * share
    return f"{points:.1f}".removesuffix(".0") if points < 1.95 else f"{points:.0f}"
