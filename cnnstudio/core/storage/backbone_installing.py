"""Gets the weights of backbones: downloads them once, or copies them from a folder.

Nothing is put in place that does not have the digest of its row in the catalogue. What comes with
the program needs neither.
"""

from __future__ import annotations

import os
from pathlib import Path

from cnnstudio.core.catalog.backbones import BACKBONES, DEFAULT_BACKBONE, Backbone
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.atomic import cannot_write, sync_folder
from cnnstudio.core.storage.backbone_files import (
    chunks_of,
    is_installed,
    is_right,
    partial_file,
    weights_file,
)
from cnnstudio.core.storage.downloading import Download, fetch

# A server that sends more than this beyond what is expected sends something else.
_MARGIN_BYTES = 1 << 16
_INSTEAD = f"{DEFAULT_BACKBONE.label} comes with the program and needs no download."


def download(backbone: Backbone, folder: Path, context: TaskContext) -> Path:
    """Download the weights of a backbone, or the rest of them, and return their file.

    When it is cancelled or breaks off, what came stays, and the next call goes on from there.

    Raises:
        Cancelled: the user cancelled.
        StudioError: the server cannot be reached, offers something else, or the disk is full.
    """
    path = weights_file(backbone, folder)
    if is_installed(backbone, folder):
        return path
    partial = partial_file(backbone, folder)
    name = f"the weights of {backbone.label}"
    weights = backbone.weights
    wanted = Download(
        weights.url,
        name,
        weights.size_bytes,
        weights.size_bytes + _MARGIN_BYTES,
        f"{_INSTEAD} Or get {weights.url} on another computer and install it from a folder.",
    )
    published = fetch(wanted, partial, context)
    context.report(Progress(f"Checking {name}"))
    if not is_right(partial, backbone, published, context):
        partial.unlink(missing_ok=True)
        raise StudioError(
            f"The server sent something else than {name}; it was removed again.",
            f"Try again later. {_INSTEAD}",
        )
    _put_in_place(partial, path)
    return path


def install_from(source: Path, backbone: Backbone, folder: Path, context: TaskContext) -> Path:
    """Copy the weights of a backbone from a file, or from a folder that holds it under its name.

    Raises:
        Cancelled: the user cancelled; nothing was copied.
        StudioError: they are not there, are something else, or cannot be copied.
    """
    path = weights_file(backbone, folder)
    if backbone.is_bundled:
        return path
    weights = backbone.weights
    found = source / weights.name if source.is_dir() else source
    if not found.is_file():
        raise StudioError(
            f"There is no file {weights.name} in {source}.",
            f"Get it from {weights.url} on a computer with network, and keep its name.",
        )
    context.report(Progress(f"Checking {found.name}"))
    try:
        fits = is_right(found, backbone, context=context)
    except OSError as error:
        raise StudioError(f"{found} could not be read: {error.strerror or error}.") from error
    if not fits:
        raise StudioError(
            f"{found} does not hold the weights of {backbone.label}: it is damaged, or another"
            " file of the same name.",
            f"Get it again from {weights.url}.",
        )
    copy = path.with_name(f".{path.name}.copy")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with found.open("rb") as original, copy.open("wb") as stream:
            for chunk in chunks_of(original, context):
                stream.write(chunk)
        _put_in_place(copy, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        copy.unlink(missing_ok=True)
    partial_file(backbone, folder).unlink(missing_ok=True)
    return path


def install_found(source: Path, folder: Path, context: TaskContext) -> tuple[Backbone, ...]:
    """Copy the weights of all missing backbones that a folder holds, and return what was copied.

    Raises:
        Cancelled: the user cancelled; what was copied before stays.
        StudioError: there are none, or one cannot be taken.
    """
    missing = [each for each in BACKBONES if not is_installed(each, folder)]
    found = [each for each in missing if (source / each.weights.name).is_file()]
    if not found:
        wanted = f"such as {missing[0].weights.url}" if missing else "if one should go missing"
        raise StudioError(
            f"In {source} there are no weights of a backbone that is missing here.",
            f"Get a file on a computer with network and keep its name, {wanted}.",
        )
    for each in found:
        install_from(source, each, folder, context)
    return tuple(found)


def _put_in_place(written: Path, path: Path) -> None:
    try:
        with written.open("r+b") as stream:
            os.fsync(stream.fileno())
        written.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    sync_folder(path.parent)
