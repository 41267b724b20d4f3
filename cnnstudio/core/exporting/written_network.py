"""What the engine is asked to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the command line imports this for `--help`, which need not wait for NumPy
    import numpy as np
    import numpy.typing as npt

NetworkForm = Literal[
    "keras", "saved-model", "tflite", "tflite-float16", "tflite-dynamic", "tflite-int8", "onnx"
]


@dataclass(frozen=True, eq=False)
class WrittenNetwork:
    """In which form a network is written, and what besides.

    `prototypes`, shape (m, length), are unit rows of features: with them the network also says how
    far a picture is from the nearest. `calibration` are pictures, shape (n, size, size, 3), by
    which whole numbers are chosen for "tflite-int8". `enclosed` are texts that are put inside the
    file, by the names that they would have beside it.
    """

    form: NetworkForm
    prototypes: npt.NDArray[np.floating] | None = None
    calibration: npt.NDArray[np.uint8] | None = None
    enclosed: Mapping[str, str] = field(default_factory=dict)
