"""What was found out about a model from elsewhere, in words."""

from __future__ import annotations

from collections.abc import Iterator

from cnnstudio.core.catalog.scalings import scaling_of
from cnnstudio.core.foreign.choices import ImportChoices
from cnnstudio.core.foreign.found_model import FoundModel
from cnnstudio.core.foreign.trying import ScalingTrial


def scaling_words(found: FoundModel, choices: ImportChoices, trial: ScalingTrial | None) -> str:
    """Return how values go in, and what that is based on."""
    row = scaling_of(choices.feeding.scaling)
    return f"Values go in as: {row.label}; {reason_words(found, choices, trial)}."


def reason_words(found: FoundModel, choices: ImportChoices, trial: ScalingTrial | None) -> str:
    """Return what the choice of a scaling is based on."""
    key = choices.feeding.scaling
    if choices.is_exported:
        return "CNN Studio exported it so"
    if trial is not None and trial.is_best(key):
        return "with that it is right most often on your pictures"
    if key != found.scaling:
        return "as you chose"
    return found.reason if found.is_certain else f"a guess: {found.reason}"


def doubt_words(trial: ScalingTrial | None) -> str:
    """Return a sentence where the best scaling may be best by chance; "" where it clearly is."""
    pair = None if trial is None else trial.rival()
    if trial is None or pair is None:
        return ""
    best, other = pair
    if best.right == other.right:
        return f"Two ways are right equally often, {best.right} of {trial.labelled} times."
    counts = f"{best.right} and {other.right} of {trial.labelled} right"
    return f"The difference may be by chance: {counts}."


def tried_words(trial: ScalingTrial) -> Iterator[str]:
    """Give a line for each scaling: on how many of the labelled pictures the model is right."""
    for each in trial.tried:
        label = scaling_of(each.key).label
        if each.problem:
            yield f"{label}: {each.problem}"
        else:
            yield f"{label}: {each.right} of {trial.labelled} right"
