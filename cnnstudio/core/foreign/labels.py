"""Names of classes that come with a model: beside it, inside it, or typed."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.found_model import MOST_CLASSES

LABELS_FILE = "labels.txt"
ABOUT_FILE = "model.json"
_FACTS_FILE = "cnnstudio.json"
_MOST_BYTES = 4 << 20
_MOST_MEMBERS = 1000
_LONGEST_NAME = 100
_COMMAS_A_NAME = 8  # "tench, Tinca tinca" is one
_NUMBERED = re.compile(r"^(\d+)[\s:,.;]+(.+)$")
_NAMES_KEYS = ("names", "labels", "classes", "class_names", "id2label")


def read_labels(file: Path) -> tuple[str, ...]:
    """Return the class names in a text file, one in each line, or a list in JSON.

    Raises:
        StudioError: it cannot be read, names nothing, or more classes than any model may have.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise _too_many(file.name)
        names = labels_in(file.read_bytes())
    except OSError as error:
        raise StudioError(f"{file} cannot be read: {error.strerror or error}.") from error
    except _TooMany as error:
        raise _too_many(file.name) from error
    if not names:
        raise StudioError(
            f"{file.name} names no classes.",
            "Give a text file with one name in each line, in the order of the model's answers.",
        )
    return names


def labels_beside(model_file: Path) -> tuple[str, ...]:
    """Return the names in a list beside a model; () where there is none that can be read.

    That is labels.txt, or a list with the model's own name.
    """
    own = (model_file.with_suffix(".txt"), model_file.with_suffix(".labels.txt"))
    for path in (*own, model_file.with_name(LABELS_FILE)):
        if path.is_file():
            try:
                return read_labels(path)
            except StudioError:
                continue
    return ()


def about_beside(model_file: Path) -> str:
    """Return the text of the model.json beside a model; "" where there is none."""
    path = model_file.with_name(ABOUT_FILE)
    try:
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    return ""


def labels_inside(model_file: Path) -> tuple[tuple[str, ...], str]:
    """Return what a ZIP in a model file, or at its end, says: class names and model.json.

    A Keras model is a ZIP; TFLite appends one for its metadata.
    """
    labels: tuple[str, ...] = ()
    about = ""
    try:
        with zipfile.ZipFile(model_file) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                return (), ""
            for member in members:
                if member.file_size > _MOST_BYTES:
                    continue
                name = member.filename.rsplit("/", 1)[-1].casefold()
                if name == ABOUT_FILE:
                    about = archive.read(member).decode("utf-8", "replace")
                elif name == _FACTS_FILE and not labels:
                    labels = _labels_if_any(archive.read(member))
                elif name.endswith(".txt") and ("label" in name or not labels):
                    labels = _labels_if_any(archive.read(member)) or labels
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError):
        return (), ""
    return labels, about


class _TooMany(ValueError):
    """A list names more classes than any model may have."""


def _too_many(name: str) -> StudioError:
    return StudioError(
        f"{name} is too long for a list of class names: up to {MOST_CLASSES:,} classes are"
        " possible.",
        "Give a text file with one name in each line, in the order of the model's answers.",
    )


def _labels_if_any(data: bytes) -> tuple[str, ...]:
    try:
        return labels_in(data)
    except _TooMany:
        return ()


def labels_in(data: bytes) -> tuple[str, ...]:
    """Return the class names in the bytes of a list; () where there are none.

    Raises:
        ValueError: there are more than any model may have.
    """
    text = data.decode("utf-8-sig", "replace").strip()
    if text[:1] in ("{", "["):
        return labels_of(text)
    # Counted before anything is done with them.
    if text.count("\n") >= MOST_CLASSES:
        raise _TooMany
    return _tidied(line for line in text.splitlines() if line.strip())


def labels_of(text: str) -> tuple[str, ...]:
    """Return the class names in JSON, or in Python's way to write a list or dictionary.

    ONNX files carry them so: {0: 'cat', 1: 'dog'}.

    Raises:
        ValueError: there are more than any model may have.
    """
    if text.count(",") > _COMMAS_A_NAME * MOST_CLASSES:
        raise _TooMany
    plain: Any = None
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        try:
            plain = ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return ()
    return _names_in(plain)


def _names_in(plain: Any) -> tuple[str, ...]:
    if isinstance(plain, dict | list | tuple) and len(plain) > MOST_CLASSES:
        raise _TooMany
    if isinstance(plain, dict):
        for key in ("class_titles", *_NAMES_KEYS):
            if key in plain:
                return _names_in(plain[key])
        places = {int(key): each for key, each in plain.items() if str(key).isdecimal()}
        if len(places) == len(plain) and sorted(places) == list(range(len(places))):
            return _names_in([places[place] for place in sorted(places)])
        return ()
    if isinstance(plain, list | tuple) and all(isinstance(each, str | int) for each in plain):
        return _tidied(str(each) for each in plain)
    return ()


def _tidied(names: Iterable[str]) -> tuple[str, ...]:
    """Names without the numbers before them, where all have their own, and without line ends."""
    tidy = [" ".join(name.split())[:_LONGEST_NAME] for name in names]
    numbered = [_NUMBERED.match(name) for name in tidy]
    found = [(int(each[1]), each[2]) for each in numbered if each is not None]
    if found and len(found) == len(tidy) and [n for n, _ in found] == list(range(len(found))):
        tidy = [name for _, name in found]
    return tuple(tidy) if all(tidy) else ()


def without_doubles(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, each once: a second "crane" becomes "crane (2)".

    Lists are known that have some twice, that of ImageNet among them.
    """
    found: list[str] = []
    taken: set[str] = set()
    numbers: dict[str, int] = {}  # where to go on, however often a name comes
    for name in names:
        each, number = name, numbers.get(name, 1)
        while each.casefold() in taken:
            number += 1
            each = f"{name} ({number})"
        numbers[name] = number
        taken.add(each.casefold())
        found.append(each)
    return tuple(found)


def numbered_names(count: int) -> tuple[str, ...]:
    """Return "class 1" and so on, for a model that names nothing."""
    return tuple(f"class {number}" for number in range(1, count + 1))
