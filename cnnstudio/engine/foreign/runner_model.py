"""`RunnerModel`: a LiteRT or ONNX model, asked as a trained network is."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from cnnstudio.core.engine_api import HeatMap, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.feeding import Feeding, as_probabilities, fed
from cnnstudio.core.foreign.found_model import KIND_WORDS, MODEL_SUFFIXES
from cnnstudio.engine.foreign.runner import Runner, run_in_batches

_PICTURES_PER_BATCH = 32


class RunnerModel:
    """Answers with a model of which only inputs and outputs are known."""

    def __init__(self, model_file: Path, feeding: Feeding) -> None:
        """Load a file that was looked at before.

        Raises:
            StudioError: it cannot be loaded, or has no such output.
        """
        self._words = KIND_WORDS[MODEL_SUFFIXES[model_file.suffix.casefold()]]
        self._feeding = feeding
        self._runner = _runner(model_file)
        outputs = self._runner.outputs
        self._output = feeding.output_name or outputs[0]
        if self._output not in outputs:
            raise StudioError(f"The model {model_file.name} has no output {self._output}.")

    @property
    def inside(self) -> NoReturn:
        """Refuse: there are no layers to be looked into.

        Raises:
            StudioError: always.
        """
        raise StudioError(
            f"This model is a file for {self._words}: what its layers see cannot be looked at.",
            "Its answers, and what in a picture decided, can: hide one place after the other.",
        )

    def predict(self, pictures: Pictures) -> npt.NDArray[np.float32]:
        """Return class probabilities, shape (n, classes), for uint8 pictures (n, size, size, 3).

        Raises:
            StudioError: the pictures have another size, or the model gives no numbers.
        """
        size = self._feeding.size_px
        if pictures.shape[1:] != (size, size, 3):
            raise StudioError(
                f"This network answers pictures of {size}x{size} px with 3 channels."
                f" Received: pictures of the shape {pictures.shape[1:]}."
            )
        rows = []
        for start in range(0, len(pictures), _PICTURES_PER_BATCH):
            values = fed(pictures[start : start + _PICTURES_PER_BATCH], self._feeding)
            answered = run_in_batches(self._runner, values, self._output, _PICTURES_PER_BATCH)
            rows.append(as_probabilities(answered, self._feeding.answers))
        if not rows:
            one = np.zeros((1, size, size, 3), np.uint8)
            return self.predict(one)[:0]
        return np.concatenate(rows)

    def predict_with_features(
        self, pictures: Pictures
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return what `predict` does, and nothing of what it sees: shape (n, 0).

        Raises:
            StudioError: as `predict` does.
        """
        return self.predict(pictures), np.empty((len(pictures), 0), np.float32)

    def predict_features(self, features: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Refuse: it answers pictures only.

        Raises:
            StudioError: always.
        """
        raise StudioError("This network does not answer features of a backbone.")

    def explain(self, picture: Pictures, class_index: int) -> HeatMap:
        """Refuse: Grad-CAM needs the layers.

        Raises:
            StudioError: always.
        """
        raise StudioError(
            f"This model is a file for {self._words}, without layers that Grad-CAM could look at.",
            "Choose the other way, hiding one place after the other: it asks only for answers.",
        )


def _runner(model_file: Path) -> Runner:
    if MODEL_SUFFIXES[model_file.suffix.casefold()] == "tflite":
        from cnnstudio.engine.foreign.lite_runner import LiteRunner

        return LiteRunner(model_file)
    from cnnstudio.engine.foreign.onnx_runner import OnnxRunner

    return OnnxRunner(model_file)
