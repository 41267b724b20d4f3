"""The network as it is exported: from pictures to probabilities and, where wanted, a distance."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.familiarity import NEIGHBOUR
from cnnstudio.core.exporting.network_names import DISTANCE, PICTURES, PROBABILITIES


def exported_network(
    model: keras.Model, prototypes: npt.NDArray[np.floating] | None
) -> keras.Model:
    """Return a network with named outputs, which shares its layers with `model`.

    It takes `pictures`, float32 of shape (n, size, size, 3) with values from 0 to 255, and gives
    `probabilities`, shape (n, classes). With `prototypes`, unit rows of shape (m, length), it also
    gives `distance`, shape (n,): what `core.evaluation.familiarity.distances_to` says of them.

    Raises:
        StudioError: the network takes something else, or does not see rows of that length.
    """
    if model.input.name != PICTURES:
        raise StudioError("This model is not one that CNN Studio has trained.", "Train again.")
    outputs: dict[str, Any] = {PROBABILITIES: model.output}
    if prototypes is not None:
        outputs[DISTANCE] = _distance(model.layers[-1].input, prototypes)
    return keras.Model(model.input, outputs, name="classifier")


def _distance(seen: Any, prototypes: npt.NDArray[np.floating]) -> Any:
    count, length = prototypes.shape
    if len(seen.shape) != 2 or seen.shape[-1] != length:
        raise StudioError(
            "What this run keeps about unfamiliar pictures does not fit its network.",
            "Train again.",
        )
    unit = layers.UnitNormalization(dtype="float32", name="unit_length")(seen)
    compare = layers.Dense(count, use_bias=False, dtype="float32", name="likeness")
    likeness = compare(unit)
    compare.set_weights([prototypes.astype(np.float32).T])
    nearest, _ = ops.top_k(likeness, min(NEIGHBOUR, count))
    return 1.0 - nearest[:, -1]
