"""The `model.json` that travels with a model which CNN Studio has exported."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cnnstudio.core.config import ResizeMode
from cnnstudio.core.storage.migrations import version_of

_FORMAT = "cnnstudio-model"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class AboutModel:
    """What an exported model says of itself; `test_accuracy` is a share, None where unknown.

    It was "not sure" below `least_probability`, and where `knew_the_unfamiliar` is set also about
    pictures unlike those it was trained with.
    """

    name: str
    class_names: tuple[str, ...]
    class_titles: tuple[str, ...]
    size_px: int
    resize_mode: ResizeMode
    output_name: str
    test_accuracy: float | None
    program_version: str
    least_probability: float = 0.0
    knew_the_unfamiliar: bool = False


def about_model(text: str) -> AboutModel | None:
    """Return what the text of a model.json says; None where it is none, or of a newer kind."""
    try:
        plain: Any = json.loads(text)
        if plain["format"] != _FORMAT or version_of(plain, SCHEMA_VERSION) > SCHEMA_VERSION:
            return None
        names = tuple(str(each) for each in plain["class_names"])
        titles = tuple(str(each) for each in plain.get("class_titles") or names)
        mode = plain["resize"]["mode"]
        if mode not in ("crop", "pad", "stretch") or len(titles) != len(names):
            return None
        accuracy = (plain.get("test") or {}).get("accuracy")
        not_sure = plain.get("not_sure") or {}
        return AboutModel(
            str(plain.get("name", "")),
            names,
            titles,
            int(plain["input"]["size_px"]),
            mode,
            str(plain["outputs"]["probabilities"]),
            None if accuracy is None else float(accuracy),
            str(plain.get("program_version", "")),
            float(not_sure.get("least_probability") or 0.0),
            not_sure.get("farthest") is not None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
