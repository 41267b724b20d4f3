"""What a caution means, in sentences."""

from __future__ import annotations

from cnnstudio.core.evaluation.caution import Caution
from cnnstudio.core.evaluation.familiarity import FEWEST_PICTURES as FEWEST_TO_KNOW
from cnnstudio.core.evaluation.selective import HANDS_ALL_BACK, RiskCurve, pictures_needed
from cnnstudio.core.evaluation.temperature import FEWEST_PICTURES, Temperature

# Temperatures that nobody would notice.
_HONEST = (0.93, 1.08)
_TOO_SURE_EXAMPLE = 0.95
_TOO_SHY_EXAMPLE = 0.7


def promise_words(caution: Caution, curve: RiskCurve) -> str:
    """Return what the wish about errors comes to; `curve` is that of the validation pictures."""
    allowed = caution.allowed_error
    if allowed is None:
        return "It answers however little certain it is."
    if caution.least_probability < HANDS_ALL_BACK:
        return (
            f"It answers from {share_words(caution.least_probability)} on. No more than"
            f" {share_words(allowed)} of such answers are wrong on pictures like these; of such"
            " promises about 9 in 10 hold."
        )
    least = f" They can promise {share_words(curve.lowest_bound)} or more."
    return (
        f"{curve.count:,} validation pictures cannot promise {share_words(allowed)}, so it answers"
        f" nothing.{least if curve.lowest_bound < 1 else ''} {share_words(allowed)} takes at least"
        f" {pictures_needed(allowed):,} that it is certain about and gets right."
    )


def temperature_words(temperature: Temperature | None, count: int) -> str:
    """Return what the probabilities of a run are worth, by its `count` validation pictures."""
    if temperature is None:
        return (
            f"{count:,} validation pictures are too few to say what its percentages are worth;"
            f" it takes {FEWEST_PICTURES}."
        )
    if _HONEST[0] <= temperature.value <= _HONEST[1]:
        return f"By {count:,} validation pictures, its percentages can be taken at their word."
    if temperature.value > 1:
        told, judgement = _TOO_SURE_EXAMPLE, "it is too sure of itself"
    else:
        told, judgement = _TOO_SHY_EXAMPLE, "it is right more often than it says"
    means = f"its {told:.0%} means about {temperature.meaning(told):.0%}".replace("%", " %")
    return f"By {count:,} validation pictures {judgement}: {means}."


def familiarity_words(
    caution: Caution, count: int, is_from_scratch: bool = False, is_imported: bool = False
) -> str:
    """Return how pictures unlike the training pictures are noticed; `count` as above."""
    if caution.familiarity is None and is_imported:
        return (
            "Pictures unlike the training pictures cannot be noticed: this model was imported, and"
            " which it has learned is not known."
        )
    if caution.familiarity is None:
        return "Pictures unlike the training pictures cannot be noticed:" + (
            f" that takes {FEWEST_TO_KNOW} validation pictures."
            if count < FEWEST_TO_KNOW
            else " this network keeps no summary of a picture, or its pictures are gone."
        )
    if is_from_scratch:
        return (
            "A network that learned from scratch notices little of that: most strange pictures"
            " pass as one of its classes. Fast start notices far more."
        )
    return (
        "Notices what looks quite different, such as a drawing among photos. What resembles a class"
        " that it knows passes as that class."
    )


def share_words(share: float) -> str:
    """Return a share of 0 to 1 as per cent with no more decimals than it needs."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"
