"""How a model that was made elsewhere is asked, kept in a file beside it.

A model without such a file was trained here: it takes pictures as they are.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.scalings import scaling_of
from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage.atomic import write_text
from cnnstudio.core.storage.migrations import version_of

FEEDING_FILE = "feeding.json"
SCHEMA_VERSION = 1
_MOST_BYTES = 1 << 20

LayoutOfValues = Literal["NHWC", "NCHW"]
"""Where the colours of a picture are: beside each other at each place, or one picture for each."""

AnswerKind = Literal["probabilities", "shares", "scores", "one probability", "one score"]
"""What a model gives: rows that add up to 1; values from 0 to 1 that do not; any values; or one
number for the second of two classes, from 0 to 1 or any."""

# 8-bit models give shares in steps of 1/256, which add up to 1 only about.
_ABOUT_ONE = 0.05
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""What red, green and blue count for in a grey picture, as in Pillow and television."""


@dataclass(frozen=True)
class Feeding:
    """What goes in and what comes out.

    Pictures of `size_px` each way, with `channels` 3 (red, green, blue) or 1 (grey), go in as the
    `scaling` of that key says. `input_name` and `output_name` are the model's; "" is its only one.
    """

    size_px: int
    scaling: str
    channels: int = 3
    layout: LayoutOfValues = "NHWC"
    input_name: str = ""
    output_name: str = ""
    answers: AnswerKind = "probabilities"


def fed(pictures: npt.NDArray[np.uint8], feeding: Feeding) -> npt.NDArray[np.float32]:
    """Return what goes into the model for pictures of shape (n, size, size, 3), in its layout."""
    values = scaled(pictures, feeding.scaling, feeding.channels)
    if feeding.layout == "NCHW":
        values = np.ascontiguousarray(values.transpose(0, 3, 1, 2))
    return values


def scaled(pictures: npt.NDArray[np.uint8], scaling: str, channels: int) -> npt.NDArray[np.float32]:
    """Return pictures (n, size, size, 3) as float32 of shape (n, size, size, channels)."""
    factor, offset = factor_and_offset(scaling, channels)
    values = pictures.astype(np.float32)
    if channels == 1:
        values = np.rint(values @ _GREY)[..., None]
    return values * factor + offset


def factor_and_offset(
    scaling: str, channels: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return what values are multiplied by and what is added then, each of shape (channels,)."""
    row = scaling_of(scaling)
    factor, offset = np.array(row.factor, np.float32), np.array(row.offset, np.float32)
    if channels == 1:
        return factor.mean(keepdims=True), offset.mean(keepdims=True)
    return factor, offset


def grey_weights() -> npt.NDArray[np.float32]:
    """Return what red, green and blue count for in a grey picture, shape (3,)."""
    return _GREY.copy()


def kind_of(rows: npt.NDArray[np.floating]) -> AnswerKind:
    """Return what a model seems to give, from answers of shape (n, values)."""
    is_share = bool((rows >= -1e-3).all() and (rows <= 1 + 1e-3).all())
    if rows.shape[1] == 1:
        return "one probability" if is_share else "one score"
    if not is_share:
        return "scores"
    adds_up = np.abs(rows.sum(axis=1) - 1).max() <= _ABOUT_ONE
    return "probabilities" if adds_up else "shares"


def class_count_of(values: int) -> int:
    """Return how many classes a model with so many values tells apart."""
    return max(values, 2)


def as_probabilities(rows: npt.NDArray[np.floating], kind: AnswerKind) -> npt.NDArray[np.float32]:
    """Return probabilities, shape (n, classes), of what a model gave, shape (n, values).

    Raises:
        StudioError: there is no number in the place of one.
    """
    values = rows.astype(np.float32)
    if not np.isfinite(values).all():
        raise StudioError(
            "The model answers with something that is no number.",
            "Choose another way for the values to go in; if none helps, the file is damaged.",
        )
    if kind in ("one probability", "one score"):
        second = values if kind == "one probability" else 1 / (1 + np.exp(-values))
        return np.concatenate([1 - second, second], axis=1).clip(0, 1)
    if kind == "scores":
        values = np.exp(values - values.max(axis=1, keepdims=True))
    elif kind == "shares":
        # All nothing says nothing: each class gets the same.
        values = values.clip(0) + np.float32(1e-7)
    else:
        return values
    shares: npt.NDArray[np.float32] = values / values.sum(axis=1, keepdims=True)
    return shares


def answers_words(kind: AnswerKind) -> str:
    """Return a sentence about what is done with a model's answers; "" where nothing is."""
    return {
        "probabilities": "",
        "shares": "Its answers do not add up to 100 %: each is shown as its share of their sum.",
        "scores": "It gives scores in the place of probabilities: a softmax makes shares of them"
        " that add up to 100 %.",
        "one probability": "It gives one number, the probability of the second class; the first"
        " class has the rest.",
        "one score": "It gives one score for the second class: a sigmoid makes a probability of"
        " it, and the first class has the rest.",
    }[kind]


def save_feeding(folder: Path, feeding: Feeding) -> None:
    """Write how the model in a folder is asked.

    Raises:
        StudioError: the disk refuses.
    """
    content = {"schema_version": SCHEMA_VERSION, **asdict(feeding)}
    write_text(folder / FEEDING_FILE, json.dumps(content, indent=2) + "\n")


def load_feeding(folder: Path) -> Feeding | None:
    """Return how the model in a folder is asked; None where it was trained here.

    Raises:
        StudioError: the file is damaged.
    """
    path = folder / FEEDING_FILE
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("too long")
        plain = json.loads(path.read_bytes())
        if version_of(plain, SCHEMA_VERSION) > SCHEMA_VERSION:
            raise ValueError("a newer version")
        return feeding_from(plain)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StudioError(
            f"The file {path} cannot be read, which says how the model beside it is asked.",
            "Import the model again.",
        ) from error


def feeding_from(plain: dict[str, object]) -> Feeding:
    """Return a feeding of JSON's own types.

    Raises:
        ValueError: it is nonsense.
        KeyError: something is missing.
    """
    size, channels = plain["size_px"], plain["channels"]
    layout, answers = plain["layout"], plain["answers"]
    if type(size) is not int or not 8 <= size <= 1024 or channels not in (1, 3):
        raise ValueError("size")
    if layout not in get_args(LayoutOfValues) or answers not in get_args(AnswerKind):
        raise ValueError("layout")
    try:
        scaling = scaling_of(str(plain["scaling"])).key
    except StudioError as error:
        raise ValueError("scaling") from error
    return Feeding(
        size,
        scaling,
        int(str(channels)),
        layout,  # type: ignore[arg-type]
        str(plain["input_name"]),
        str(plain["output_name"]),
        answers,  # type: ignore[arg-type]
    )
