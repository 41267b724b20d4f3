"""`LiteRunner`: a LiteRT (TFLite) model in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from cnnstudio.core.errors import StudioError
from cnnstudio.engine.foreign.runner import ModelInput, Values

_MOST_THREADS = 4
_FLOATS = (np.dtype(np.float32), np.dtype(np.float16))
_WHOLE = (np.dtype(np.uint8), np.dtype(np.int8))


class LiteRunner:
    """Runs a .tflite file; 8-bit models take and give numbers as their own scales say."""

    def __init__(self, model_file: Path) -> None:
        """Read the file.

        Raises:
            StudioError: it is damaged, needs operations that LiteRT lacks, or has other inputs than
                one picture.
        """
        try:
            self._interpreter = Interpreter(
                model_path=str(model_file), num_threads=min(os.cpu_count() or 1, _MOST_THREADS)
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise _refused(model_file, error) from error
        inputs, outputs = self._signature()
        if len(inputs) != 1:
            raise StudioError(
                f"The model asks for {len(inputs)} inputs; only models that look at one picture can"
                " be imported."
            )
        (name, self._taken) = next(iter(inputs.items()))
        self._given = outputs
        self.outputs = tuple(outputs)
        signature = self._taken.get("shape_signature", self._taken["shape"])
        self.input = ModelInput(name, tuple(int(side) if side > 0 else None for side in signature))
        if self._taken["dtype"] not in (*_FLOATS, *_WHOLE):
            raise StudioError(
                f"The model takes {np.dtype(self._taken['dtype'])} values, no pixels."
            )

    @property
    def taken_range(self) -> tuple[float, float] | None:
        """The least and largest value that an 8-bit input stands for; None of one in floats."""
        kind = np.dtype(self._taken["dtype"])
        scale, zero = self._taken["quantization"]
        if kind in _FLOATS:
            return None
        if not scale:
            return 0.0, 255.0
        least, largest = np.iinfo(kind).min, np.iinfo(kind).max
        return float((least - zero) * scale), float((largest - zero) * scale)

    def run(self, values: Values, output_name: str) -> Values:
        """Return the named output for values of the input's shape.

        Raises:
            StudioError: the model cannot be run on them.
        """
        interpreter, taken = self._interpreter, self._taken
        try:
            if tuple(interpreter.get_input_details()[0]["shape"]) != values.shape:
                interpreter.resize_tensor_input(taken["index"], values.shape)
                interpreter.allocate_tensors()
            interpreter.set_tensor(taken["index"], _quantised(values, taken))
            interpreter.invoke()
            details = self._given[output_name]
            answered = interpreter.get_tensor(details["index"])
        except (ValueError, RuntimeError) as error:
            raise StudioError(
                "LiteRT cannot run the model on such pictures."
                f" It says: {str(error).strip().splitlines()[-1][:200]}"
            ) from error
        return _real(answered, details)

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs and outputs by name: those of the signature where the file has one."""
        interpreter = self._interpreter
        named = {each["index"]: each for each in interpreter.get_input_details()}
        results = {each["index"]: each for each in interpreter.get_output_details()}
        signatures = interpreter.get_signature_list()
        for key, parts in signatures.items():
            runner = interpreter.get_signature_runner(key)
            inputs, outputs = runner.get_input_details(), runner.get_output_details()
            if len(inputs) == len(parts["inputs"]) and {
                each["index"] for each in inputs.values()
            } == set(named):
                return (
                    {name: named[each["index"]] for name, each in inputs.items()},
                    {
                        name: results[each["index"]]
                        for name, each in sorted(outputs.items())
                        if each["index"] in results
                    },
                )
        return (
            {str(each["name"]): each for each in named.values()},
            {str(each["name"]): each for each in results.values()},
        )


def _quantised(values: Values, details: dict[str, Any]) -> Any:
    kind = np.dtype(details["dtype"])
    if kind in _FLOATS:
        return values.astype(kind)
    scale, zero = details["quantization"]
    limits = np.iinfo(kind)
    whole = np.rint(values / scale + zero) if scale else np.rint(values)
    return whole.clip(limits.min, limits.max).astype(kind)


def _real(values: Any, details: dict[str, Any]) -> Values:
    scale, zero = details["quantization"]
    real: Values = values.astype(np.float32)
    if np.dtype(details["dtype"]) in _WHOLE and scale:
        real = (real - np.float32(zero)) * np.float32(scale)
    return real


def _refused(model_file: Path, error: Exception) -> StudioError:
    words = str(error)
    if "Select TensorFlow op" in words or "Flex" in words:
        return StudioError(
            f'{model_file.name} was not opened: it needs operations of TensorFlow ("flex") that'
            " LiteRT does not have.",
            "Convert it again with TFLite's built-in operations only.",
        )
    if "custom op" in words.casefold() or "unresolved" in words.casefold():
        return StudioError(
            f"{model_file.name} was not opened: it needs operations of its own that only a program"
            " with their code could run.",
            "Convert it again with TFLite's built-in operations only.",
        )
    return StudioError(
        f"{model_file.name} is damaged or no TFLite model.", "Get the file again, or another one."
    )
