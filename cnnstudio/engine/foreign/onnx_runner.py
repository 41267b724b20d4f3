"""`OnnxRunner`: an ONNX model in memory, without following a path in the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# ONNX Runtime reports what it does to its makers unless this is said before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnx
import onnxruntime

from cnnstudio.core.errors import StudioError
from cnnstudio.engine.foreign.runner import ModelInput, Values

# On Windows, where that variable may not be looked at.
onnxruntime.disable_telemetry_events()

# Those that ONNX Runtime has built in. Any other means code that would have to come with the file.
_KNOWN_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"}
_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}
_ONLY_ERRORS = 3


class OnnxRunner:
    """Runs an .onnx file on the CPU."""

    def __init__(self, model_file: Path) -> None:
        """Read the file.

        Raises:
            StudioError: it is damaged, keeps weights in other files, needs operations that ONNX
                Runtime lacks, or has other inputs than one picture.
        """
        _check(model_file)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ONLY_ERRORS
        try:
            self._session = onnxruntime.InferenceSession(
                str(model_file), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            # ONNX Runtime has a dozen kinds of its own, which derive from Exception alone.
            raise _refused(model_file, error) from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise StudioError(
                f"The model asks for {len(inputs)} inputs; only models that look at one picture can"
                " be imported."
            )
        self._type = _TYPES.get(inputs[0].type)
        if self._type is None:
            raise StudioError(f"The model takes values of the type {inputs[0].type}, no pixels.")
        shape = tuple(side if isinstance(side, int) else None for side in inputs[0].shape)
        self.input = ModelInput(str(inputs[0].name), shape)
        self.outputs = tuple(str(each.name) for each in self._session.get_outputs())

    @property
    def takes_bytes(self) -> bool:
        """Whether its pixels are whole numbers from 0 to 255."""
        return self._type is np.uint8

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, values: Values, output_name: str) -> Values:
        """Return the named output for values of the input's shape.

        Raises:
            StudioError: the model cannot be run on them.
        """
        given: Any = values.astype(self._type) if self._type is not np.uint8 else None
        if given is None:
            given = np.rint(values).clip(0, 255).astype(np.uint8)
        try:
            (answered,) = self._session.run([output_name], {self.input.name: given})
            rows: Values = np.asarray(answered).astype(np.float32)
        except Exception as error:
            # See above; and a model may give lists or texts in the place of numbers.
            raise StudioError(
                "ONNX Runtime cannot run the model on such pictures."
                f" It says: {str(error).strip().splitlines()[-1][:200]}"
            ) from error
        return rows


def _check(model_file: Path) -> None:
    try:
        model = onnx.load(str(model_file), load_external_data=False)
    except Exception as error:  # whatever its parser makes of the damage
        raise _damaged(model_file) from error
    if not model.graph.node:
        raise _damaged(model_file)
    for tensor in _tensors(model):
        is_elsewhere = tensor.data_location == onnx.TensorProto.EXTERNAL
        if is_elsewhere or tensor.external_data:
            raise StudioError(
                f"{model_file.name} was not opened: it keeps its weights in other files, and no"
                " path in a model is followed.",
                "Save it again as one file.",
            )
    domains = {each.domain for each in model.opset_import} | {node.domain for node in _nodes(model)}
    own = {each.domain for each in model.functions}  # written in known operations, which are seen
    unknown = sorted(domains - _KNOWN_DOMAINS - own)
    if unknown:
        raise StudioError(
            f"{model_file.name} was not opened: it needs operations of its own"
            f" ({', '.join(unknown)[:100]}) that only a program with their code could run.",
            "Export it again with the standard operations of ONNX only.",
        )


def _graphs(model: Any) -> Iterator[Any]:
    waiting = [model.graph, *model.functions]
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    waiting.append(attribute.g)
                waiting.extend(attribute.graphs)


def _nodes(model: Any) -> Iterator[Any]:
    for graph in _graphs(model):
        yield from graph.node


def _tensors(model: Any) -> Iterator[Any]:
    for graph in _graphs(model):
        yield from getattr(graph, "initializer", ())
        for sparse in getattr(graph, "sparse_initializer", ()):
            yield from (sparse.values, sparse.indices)
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("t"):
                    yield attribute.t
                yield from attribute.tensors
                if attribute.HasField("sparse_tensor"):
                    yield from (attribute.sparse_tensor.values, attribute.sparse_tensor.indices)


def _refused(model_file: Path, error: Exception) -> StudioError:
    words = str(error)
    if "not a registered function/op" in words or "No Op registered" in words:
        return StudioError(
            f"{model_file.name} was not opened: it needs operations that ONNX Runtime does not"
            " have.",
            "Export it again with the standard operations of ONNX only.",
        )
    if "NOT_IMPLEMENTED" in words or "opset" in words.casefold():
        return StudioError(
            f"{model_file.name} was not opened: it is of a version of ONNX that this ONNX Runtime"
            f" ({onnxruntime.__version__}) does not know, or uses an operation that it lacks.",
            "Export it again for an older version (opset 17, for example).",
        )
    return _damaged(model_file)


def _damaged(model_file: Path) -> StudioError:
    return StudioError(
        f"{model_file.name} is damaged or no ONNX model.", "Get the file again, or another one."
    )
