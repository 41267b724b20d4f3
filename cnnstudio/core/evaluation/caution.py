"""When a run says "Not sure" instead of naming a class: what it keeps about that, beside its model.

A picture is handed back when it is unlike the training pictures, or when the probability of its
likeliest class stays below `least_probability`. That rule needs nothing but this file, the answers
of the model and what goes into its last layer, so whatever carries the model can carry it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from cnnstudio.core.evaluation.evaluation import Evaluation, kept_evaluation
from cnnstudio.core.evaluation.familiarity import Familiarity
from cnnstudio.core.evaluation.selective import HANDS_ALL_BACK, RiskCurve, risk_curve
from cnnstudio.core.evaluation.temperature import Temperature
from cnnstudio.core.predictions import Doubt
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.atomic import replaced_file, write_text
from cnnstudio.core.storage.migrations import version_of

CAUTION_FILE = "caution.json"
PROTOTYPES_FILE = "caution.npz"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Caution:
    """What a run knows about its own doubts, and what its user wants of it.

    `allowed_error` (0 to 1) is how often an answer may be wrong, None where it does not matter;
    `least_probability` follows from it and the validation pictures. `temperature` and `familiarity`
    are None where there were too few pictures to find them.
    """

    temperature: Temperature | None = None
    familiarity: Familiarity | None = None
    allowed_error: float | None = None
    least_probability: float = 0.0
    hands_back_unfamiliar: bool = True

    def unfamiliar(self, distances: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
        """Whether each picture is handed back for its distance, shape (n,); one of NaN is not."""
        if not self.hands_back_unfamiliar or self.familiarity is None:
            return np.zeros(len(distances), bool)
        is_far: npt.NDArray[np.bool_] = distances > self.familiarity.farthest
        return is_far

    def doubts(
        self, probabilities: npt.NDArray[np.floating], distances: npt.NDArray[np.floating]
    ) -> list[Doubt]:
        """Return why each picture is handed back, "" where it is answered.

        Args:
            probabilities: shape (n, classes).
            distances: from the training pictures, shape (n,); NaN where not known.
        """
        is_far = self.unfamiliar(distances)
        is_low = probabilities.max(axis=1) < self.least_probability
        not_enough: Doubt = "unpromised" if self.least_probability >= HANDS_ALL_BACK else "unsure"
        return [
            "unfamiliar" if far else not_enough if low else ""
            for far, low in zip(is_far.tolist(), is_low.tolist(), strict=True)
        ]


@dataclass(frozen=True)
class KeptDistances:
    """How far the validation and test pictures of a run are, in the order of its answers.

    Each has shape (n,); NaN where a picture could not be asked about.
    """

    validation: npt.NDArray[np.float64]
    test: npt.NDArray[np.float64]


def risk_on(
    evaluation: Evaluation, distances: npt.NDArray[np.floating], caution: Caution
) -> RiskCurve:
    """Return what each threshold costs on labelled pictures; unfamiliar ones are never answered."""
    is_answered = ~caution.unfamiliar(distances)
    return risk_curve(
        evaluation.probabilities.max(axis=1)[is_answered],
        evaluation.is_right[is_answered],
        len(evaluation),
    )


def distances_of(run: Run, evaluation: Evaluation) -> npt.NDArray[np.float64]:
    """Return how far the pictures of an evaluation are from the training pictures, shape (n,)."""
    count = len(evaluation)
    if evaluation.distances is not None:
        return evaluation.distances
    kept = load_distances(run.folder)
    known = {"validation": kept.validation, "test": kept.test}.get(evaluation.part)
    return known if known is not None and known.shape == (count,) else np.full(count, np.nan)


def with_choice(
    run: Run, caution: Caution, allowed_error: float | None, hands_back_unfamiliar: bool
) -> Caution:
    """Return a run's caution as its user wants it, by its validation pictures alone.

    Raises:
        StudioError: the answers that the run kept are missing or damaged.
    """
    chosen = replace(
        caution, allowed_error=allowed_error, hands_back_unfamiliar=hands_back_unfamiliar
    )
    if allowed_error is None:
        return replace(chosen, least_probability=0.0)
    validation = kept_evaluation(run, "validation")
    curve = risk_on(validation, distances_of(run, validation), chosen)
    return replace(chosen, least_probability=curve.least_probability(allowed_error))


def save_caution(folder: Path, caution: Caution, distances: KeptDistances | None = None) -> None:
    """Write a caution into the folder of a run; without `distances` only the user's choice.

    Raises:
        StudioError: the disk refuses.
    """
    if distances is not None:
        kept = caution.familiarity
        with replaced_file(folder / PROTOTYPES_FILE) as stream:
            np.savez(
                stream,
                prototypes=np.empty((0, 0), np.float16) if kept is None else kept.prototypes,
                validation=distances.validation,
                test=distances.test,
            )
    content = {
        "schema_version": SCHEMA_VERSION,
        "temperature": None if caution.temperature is None else asdict(caution.temperature),
        "farthest": None if caution.familiarity is None else caution.familiarity.farthest,
        "allowed_error": caution.allowed_error,
        "least_probability": caution.least_probability,
        "hands_back_unfamiliar": caution.hands_back_unfamiliar,
    }
    write_text(folder / CAUTION_FILE, json.dumps(content, indent=2) + "\n")


def load_caution(folder: Path) -> Caution | None:
    """Return what a run keeps, None where it keeps nothing that can be read."""
    try:
        content = json.loads((folder / CAUTION_FILE).read_bytes())
        if version_of(content, SCHEMA_VERSION) > SCHEMA_VERSION:
            return None
        allowed, farthest = content["allowed_error"], content["farthest"]
        return Caution(
            _temperature(content["temperature"]),
            None if farthest is None else _familiarity(folder, float(farthest)),
            None if allowed is None else float(allowed),
            float(content["least_probability"]),
            bool(content["hands_back_unfamiliar"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, BadZipFile, EOFError):
        return None


def load_distances(folder: Path) -> KeptDistances:
    """Return the distances that a run kept; none where they cannot be read."""
    try:
        arrays = _arrays(folder, ("validation", "test"))
        return KeptDistances(*(each.astype(np.float64) for each in arrays))
    except (OSError, ValueError, KeyError, BadZipFile, EOFError):
        return KeptDistances(np.empty(0), np.empty(0))


def _familiarity(folder: Path, farthest: float) -> Familiarity:
    (prototypes,) = _arrays(folder, ("prototypes",))
    if prototypes.ndim != 2 or not prototypes.size or not math.isfinite(farthest):
        raise ValueError("no prototypes")
    return Familiarity(prototypes.astype(np.float16), farthest)


def _arrays(folder: Path, names: Sequence[str]) -> list[npt.NDArray[Any]]:
    # Without pickle nothing in the file can run.
    with np.load(folder / PROTOTYPES_FILE, allow_pickle=False) as kept:
        return [kept[name] for name in names]


def _temperature(plain: Any) -> Temperature | None:
    if plain is None:
        return None
    return Temperature(
        float(plain["value"]),
        float(plain["loss_before"]),
        float(plain["loss_after"]),
        int(plain["count"]),
    )
