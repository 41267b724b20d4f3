"""What a model file says about itself, so that it can be used without the run it came from.

A .keras file is a zip archive; Keras leaves members alone that it does not know.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

from cnnstudio.core.config import ResizeMode
from cnnstudio.core.errors import StudioError

MEMBER = "cnnstudio.json"
SCHEMA_VERSION = 1
_MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class ModelFacts:
    """The classes in the order of the model's answers, and how its pictures are made.

    `class_names` are folders, `class_titles` what people read. A picture is brought to `image_size`
    pixels each way as `resize_mode` says; its values go in as they are, 0 to 255.
    """

    class_names: tuple[str, ...]
    class_titles: tuple[str, ...]
    image_size: int
    resize_mode: ResizeMode
    preset: str
    program_version: str


def add_facts(model_file: Path, facts: ModelFacts) -> None:
    """Write the facts into a model file that has none; for a file that nobody reads yet.

    Raises:
        StudioError: the disk refuses.
    """
    content = json.dumps({"schema_version": SCHEMA_VERSION, **asdict(facts)}, indent=2)
    try:
        with zipfile.ZipFile(model_file, "a") as archive:
            archive.writestr(MEMBER, content + "\n")
    except OSError as error:
        raise StudioError(
            f"The model could not be written to {model_file}: {error.strerror or error}.",
            "Check that the disk has free space and that you may write there.",
        ) from error


def read_facts(model_file: Path) -> ModelFacts | None:
    """Return what a model file says about itself; None where it says nothing, or nonsense."""
    try:
        with zipfile.ZipFile(model_file) as archive:
            if archive.getinfo(MEMBER).file_size > _MOST_BYTES:
                return None
            plain = json.loads(archive.read(MEMBER))
        mode = plain["resize_mode"]
        if mode not in ("crop", "pad", "stretch"):
            return None
        return ModelFacts(
            tuple(str(each) for each in plain["class_names"]),
            tuple(str(each) for each in plain["class_titles"]),
            int(plain["image_size"]),
            mode,
            str(plain["preset"]),
            str(plain["program_version"]),
        )
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, RecursionError):
        return None
