"""The formats in which a run can be handed to others: one row each.

TensorFlow.js has no row. Its converter, tensorflowjs 4.22 of October 2024, asks for
tensorflow-decision-forests, which is made for one release of TensorFlow, for tf-keras, jax, flax
and packaging 23.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnstudio.core.errors import StudioError
from cnnstudio.core.exporting.written_network import NetworkForm

WHY_NO_TENSORFLOW_JS = (
    "There is no TensorFlow.js format: its converter needs old libraries that would harm this"
    " installation. For JavaScript take ONNX, which ONNX Runtime Web runs in the browser."
)

_PREPARING = ("numpy", "pillow")


@dataclass(frozen=True)
class ExportFormat:
    """A format with its facts and its words on screen.

    `file_name` is that of the model in the folder of an export. `form` is what the engine writes.
    `sample` names the file in resources/export that asks it, which becomes `classify.py`;
    `packages` are what that needs, by their names on PyPI.

    An export is handed over by itself where no probability differs by more than `tolerance` from
    the window's. Where that is None, the numbers inside are rounded so that they differ, and the
    same class must be named for a share of `least_agreement` of the pictures.

    Where `page` is set, the network is for a web page: "one-file" puts it into one, "sample" adds
    sample code in JavaScript. Either takes ONNX Runtime Web.

    `tells_distance` says whether the file can also say how far a picture is from the training
    pictures. `multiplications_per_ms` is the pace of a phone, in millions; None where phones do not
    run the format.
    """

    key: str
    label: str
    help: str
    file_name: str
    runtime: str
    form: NetworkForm
    sample: str
    packages: tuple[str, ...]
    tolerance: float | None = 1e-3
    least_agreement: float = 1.0
    tells_distance: bool = True
    needs_calibration: bool = False
    multiplications_per_ms: float | None = None
    page: Literal["", "one-file", "sample"] = ""


# EfficientNet-Lite0, 407 million multiplications, takes 12 ms on the CPU of a Pixel 4 with four
# threads, and 6.5 ms in whole numbers: measured by its makers, in the README of
# tensorflow/tpu/models/official/efficientnet/lite.
_PHONE = 407 / 12
_PHONE_IN_WHOLE_NUMBERS = 407 / 6.5

EXPORT_FORMATS = (
    ExportFormat(
        key="html",
        label="One web page",
        help="For colleagues: a file that opens by double click, offline, in any current browser.",
        file_name="model.onnx",
        runtime="ONNX Runtime",
        form="onnx",
        sample="classify_onnx.py",
        packages=("onnxruntime", *_PREPARING),
        page="one-file",
    ),
    ExportFormat(
        key="keras",
        label="Keras",
        help="For Python programs, and to go on training elsewhere.",
        file_name="model.keras",
        runtime="Keras",
        form="keras",
        sample="classify_keras.py",
        packages=("keras", "tensorflow", *_PREPARING),
    ),
    ExportFormat(
        key="saved-model",
        label="TensorFlow SavedModel",
        help="For servers that run TensorFlow. A folder, not a file.",
        file_name="saved_model",
        runtime="TensorFlow",
        form="saved-model",
        sample="classify_saved_model.py",
        packages=("tensorflow", *_PREPARING),
    ),
    ExportFormat(
        key="tflite",
        label="TFLite",
        help="For phones and small computers such as a Raspberry Pi. Answers exactly as here.",
        file_name="model.tflite",
        runtime="LiteRT",
        form="tflite",
        sample="classify_tflite.py",
        packages=("ai-edge-litert", *_PREPARING),
        multiplications_per_ms=_PHONE,
    ),
    ExportFormat(
        key="tflite-float16",
        label="TFLite, half the size",
        help="As TFLite, with numbers of 16 bits: half the size, hardly any difference.",
        file_name="model.tflite",
        runtime="LiteRT",
        form="tflite-float16",
        sample="classify_tflite.py",
        packages=("ai-edge-litert", *_PREPARING),
        tolerance=1e-2,
        multiplications_per_ms=_PHONE,
    ),
    ExportFormat(
        key="tflite-dynamic",
        label="TFLite, a quarter of the size",
        help="As TFLite, with weights of 8 bits: a quarter of the size, some answers differ.",
        file_name="model.tflite",
        runtime="LiteRT",
        form="tflite-dynamic",
        sample="classify_tflite.py",
        packages=("ai-edge-litert", *_PREPARING),
        tolerance=None,
        least_agreement=0.98,
        tells_distance=False,
        multiplications_per_ms=_PHONE,
    ),
    ExportFormat(
        key="tflite-int8",
        label="TFLite in whole numbers",
        help="A quarter of the size and the fastest on phones; some answers differ.",
        file_name="model.tflite",
        runtime="LiteRT",
        form="tflite-int8",
        sample="classify_tflite.py",
        packages=("ai-edge-litert", *_PREPARING),
        tolerance=None,
        least_agreement=0.98,
        tells_distance=False,
        needs_calibration=True,
        multiplications_per_ms=_PHONE_IN_WHOLE_NUMBERS,
    ),
    ExportFormat(
        key="onnx",
        label="ONNX",
        help="For most other programs and languages: C++, C#, Java, and JavaScript in a browser.",
        file_name="model.onnx",
        runtime="ONNX Runtime",
        form="onnx",
        sample="classify_onnx.py",
        packages=("onnxruntime", *_PREPARING),
        multiplications_per_ms=_PHONE,
    ),
    ExportFormat(
        key="javascript",
        label="JavaScript",
        help="For web sites of your own: ONNX with ONNX Runtime Web and sample code.",
        file_name="model.onnx",
        runtime="ONNX Runtime",
        form="onnx",
        sample="classify_onnx.py",
        packages=("onnxruntime", *_PREPARING),
        page="sample",
    ),
)


def export_format(key: str) -> ExportFormat:
    """Return the format with that key.

    Raises:
        StudioError: there is none.
    """
    for each in EXPORT_FORMATS:
        if each.key == key:
            return each
    known = ", ".join(each.key for each in EXPORT_FORMATS)
    raise StudioError(f"There is no export format {key!r}.", f"Choose from: {known}.")
