"""What a look at a model file finds: what may go in, what comes out, and what it says of itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from cnnstudio.core.catalog.scalings import scaling_of
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.feeding import AnswerKind, Feeding, LayoutOfValues

ModelKind = Literal["keras", "tflite", "onnx"]

MODEL_SUFFIXES: dict[str, ModelKind] = {".keras": "keras", ".tflite": "tflite", ".onnx": "onnx"}
KIND_WORDS: dict[ModelKind, str] = {"keras": "Keras", "tflite": "LiteRT (TFLite)", "onnx": "ONNX"}

LARGEST_BYTES = 1 << 30
SMALLEST_SIZE_PX, LARGEST_SIZE_PX = 8, 1024
MOST_CLASSES = 20_000


@dataclass(frozen=True)
class FoundModel:
    """A model that can be asked about pictures.

    `size_px` is None where it takes pictures of any size. `scaling` is a guess, and `reason` says
    what it is based on; `is_certain` where the file itself says so. `labels` are the classes as the
    file names them, in the order of its answers, () where it does not. `about` is the `model.json`
    of a model that CNN Studio has exported, as text. `digest` is the SHA-256 of the file.
    """

    kind: ModelKind
    class_count: int
    size_px: int | None
    channels: int
    layout: LayoutOfValues
    input_name: str
    output_name: str
    answers: AnswerKind
    scaling: str
    reason: str = ""
    is_certain: bool = False
    labels: tuple[str, ...] = ()
    about: str = ""
    digest: str = ""

    def feeding(self, size_px: int | None = None, scaling: str | None = None) -> Feeding:
        """Return how it is asked, with a size where it has none itself, and with a scaling.

        Raises:
            StudioError: the size is not one of pictures, or there is no such scaling.
        """
        size = self.size_px or size_px
        if size is None:
            raise StudioError(
                "The model takes pictures of any size, so the size has to be said.",
                "Give the width in pixels that it was trained on, often 224.",
            )
        check_size(size)
        return Feeding(
            size,
            scaling_of(scaling or self.scaling).key,
            self.channels,
            self.layout,
            self.input_name,
            self.output_name,
            self.answers,
        )

    def to_json(self) -> str:
        """Return it as a line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> FoundModel:
        """Return what `to_json` wrote.

        Raises:
            ValueError: it is nonsense.
        """
        plain: dict[str, Any] = json.loads(text)
        try:
            found = cls(**{**plain, "labels": tuple(str(each) for each in plain["labels"])})
        except (TypeError, KeyError) as error:
            raise ValueError("no found model") from error
        if found.kind not in get_args(ModelKind) or found.answers not in get_args(AnswerKind):
            raise ValueError("unknown kind")
        return found

    def with_digest(self, digest: str) -> FoundModel:
        """Return it with the digest of its file."""
        return replace(self, digest=digest)


def kind_of_file(path: Path) -> ModelKind:
    """Return what kind of model a file is, by its ending, after a look at its size.

    Raises:
        StudioError: it is none that can be imported, is too large, or is not there.
    """
    kind = MODEL_SUFFIXES.get(path.suffix.casefold())
    if path.is_dir():
        raise StudioError(
            f"{path.name} is a folder.",
            "Choose a model file that ends with .keras, .tflite or .onnx; of a SavedModel, make a"
            " .tflite or .onnx first.",
        )
    if kind is None:
        raise StudioError(
            f"{path.name} is no model that can be imported.",
            "Choose a file that ends with .keras, .tflite or .onnx; models of other kinds have to"
            " be converted into one of these.",
        )
    try:
        size = path.stat().st_size
    except OSError as error:
        raise StudioError(f"{path} cannot be read: {error.strerror or error}.") from error
    if size > LARGEST_BYTES:
        raise StudioError(
            f"{path.name} has {size / 2**30:.1f} GB; models of more than"
            f" {LARGEST_BYTES // 2**30} GB are not imported.",
            "Save it without the state of its optimiser, or with 16-bit numbers.",
        )
    if not size:
        raise StudioError(f"{path.name} is empty.", "Get the file again, or another one.")
    return kind


def check_size(size_px: int) -> None:
    """Refuse a size that pictures are not brought to.

    Raises:
        StudioError: it is too small or too large.
    """
    if not SMALLEST_SIZE_PX <= size_px <= LARGEST_SIZE_PX:
        raise StudioError(
            f"The model takes pictures of {size_px:,} px; from {SMALLEST_SIZE_PX} to"
            f" {LARGEST_SIZE_PX:,} px are possible."
        )
