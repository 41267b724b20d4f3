"""What a weather test found, in sentences."""

from __future__ import annotations

from cnnstudio.core.evaluation.weather import WeatherCurve, WeatherSample
from cnnstudio.core.percentages import percent

_FEW = 50


def sample_words(sample: WeatherSample) -> str:
    """Say what was asked about, and what that is worth."""
    pictures = f"{sample.count:,} pictures"
    if sample.count + sample.missing < sample.total:
        pictures = f"{sample.count:,} of the {sample.total:,} pictures, drawn from every class"
    words = (
        f"Asked about {pictures}: {sample.right:,} ({percent(sample.accuracy, 0)}) are right"
        " undisturbed."
    )
    if sample.missing:
        words += f" {sample.missing:,} more could not be read."
    if sample.count < _FEW:
        words += " So few leave much uncertain: the bands show how much."
    return words


def curve_words(curve: WeatherCurve) -> str:
    """Say how far accuracy holds against a disturbance, and how far it falls."""
    steps, step = curve.disturbance.steps, curve.falls_at
    name = curve.disturbance.words
    if not curve.undisturbed:
        return "Nothing can fall: not one picture is right undisturbed."
    to = "down to" if steps[0] > steps[-1] else "up to"
    if step is None:
        return f"Holds {to} the last step tried, {name(steps[-1])}."
    fallen = f"at {name(steps[step])} only {percent(curve.right[step] / curve.count, 0)} are right"
    if curve.may_be_chance(step):
        fallen += ", which may be chance"
    if step == 0:
        return f"Falls at the first step: {fallen}."
    return f"Holds {to} {name(steps[step - 1])}; {fallen}."
