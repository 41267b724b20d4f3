"""Where downloaded weights of backbones lie, and how they get there: from the net or a folder.

Nothing is put in place that does not have the digest of its row in the catalogue. No network is
needed for what comes with the program.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cnnstudio.core.catalog.backbones import BACKBONES, DEFAULT_BACKBONE, Backbone, backbone_of
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.atomic import cannot_write, sync_folder
from cnnstudio.core.storage.downloading import Download, fetch

_FOLDER = "backbones"
_CHUNK_BYTES = 1 << 20
_MD5_DIGITS = 32
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# A server that sends more than this beyond what is expected sends something else.
_MARGIN_BYTES = 1 << 16
_INSTEAD = f"{DEFAULT_BACKBONE.label} comes with the program and needs no download."


def weights_folder(cache_folder: Path) -> Path:
    """Return the folder of downloaded weights; it need not exist."""
    return cache_folder / _FOLDER


def weights_file(backbone: Backbone, folder: Path) -> Path:
    """Return where the downloaded weights of a backbone are, or will be."""
    return folder / backbone.weights.name


def partial_file(backbone: Backbone, folder: Path) -> Path:
    """Return where a download is kept that is not finished yet."""
    return folder / f"{backbone.weights.name}.part"


def is_installed(backbone: Backbone, folder: Path) -> bool:
    """Whether a backbone can be used at once; looks at one name on the disk."""
    return backbone.is_bundled or weights_file(backbone, folder).is_file()


def installed_keys(folder: Path) -> frozenset[str]:
    """Return the keys of all backbones that can be used at once."""
    return frozenset(each.key for each in BACKBONES if is_installed(each, folder))


def check_installed(key: str, folder: Path | None) -> None:
    """Raise what tells a person how to get a backbone that is not there; takes no time.

    Args:
        key: of a row in the catalogue.
        folder: that of downloaded weights; None where there is none.

    Raises:
        StudioError: there is no such backbone, or its weights are not on this computer.
    """
    _require_installed(backbone_of(key), folder)


def _require_installed(backbone: Backbone, folder: Path | None) -> None:
    if backbone.is_bundled or (folder is not None and is_installed(backbone, folder)):
        return
    raise StudioError(
        f"The weights of {backbone.label} are not on this computer yet.",
        f"Download them once, under Backbone or with 'cnnstudio backbones install {backbone.key}',"
        f" or choose {DEFAULT_BACKBONE.label}, which comes with the program.",
    )


def checked_weights(backbone: Backbone, folder: Path | None) -> Path:
    """Return the file of downloaded weights after reading it once through.

    Raises:
        StudioError: it is missing, or is not what it should be.
    """
    _require_installed(backbone, folder)
    assert folder is not None
    path = weights_file(backbone, folder)
    try:
        fits = is_right(path, backbone)
    except OSError as error:
        raise cannot_be_used(backbone, path) from error
    if not fits:
        raise cannot_be_used(backbone, path)
    return path


def cannot_be_used(backbone: Backbone, path: Path) -> StudioError:
    """Return the error for a file of weights that was damaged after it was put in place."""
    return StudioError(
        f"The file {path} is damaged: it does not hold the weights of {backbone.label}.",
        f"Delete it and download {backbone.label} again.",
    )


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
    download = Download(
        weights.url,
        name,
        weights.size_bytes,
        weights.size_bytes + _MARGIN_BYTES,
        f"{_INSTEAD} Or get {weights.name} on another computer and install it from a folder.",
    )
    published = fetch(download, partial, context)
    context.report(Progress(f"Checking {name}"))
    if not is_right(partial, backbone, published, context):
        partial.unlink(missing_ok=True)
        raise StudioError(
            f"What came from the server are not {name}; it was removed again.",
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
            for chunk in _chunks(original, context, f"Copying {found.name}", weights.size_bytes):
                stream.write(chunk)
        _put_in_place(copy, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        copy.unlink(missing_ok=True)
    partial_file(backbone, folder).unlink(missing_ok=True)
    return path


def is_right(
    path: Path, backbone: Backbone, published_md5: str = "", context: TaskContext | None = None
) -> bool:
    """Whether a file is the one that the catalogue means.

    Its digest decides. Where Keras publishes none, its size does, that it is an HDF5 file, and the
    MD5 digest that the server sent along, if it did.

    Raises:
        Cancelled: the user cancelled.
        OSError: it cannot be read.
    """
    weights = backbone.weights
    wanted = weights.digest or published_md5
    if not weights.digest:
        with path.open("rb") as stream:
            if stream.read(len(_HDF5_SIGNATURE)) != _HDF5_SIGNATURE:
                return False
        if path.stat().st_size != weights.size_bytes:
            return False
    if not wanted:
        return True
    # MD5 is what Keras publishes. It is no help against who can change Keras' own page, but nobody
    # can make another file with the digest of one that is given.
    digest = hashlib.md5(usedforsecurity=False) if len(wanted) == _MD5_DIGITS else hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in _chunks(stream, context):
            digest.update(chunk)
    return digest.hexdigest() == wanted


def _put_in_place(written: Path, path: Path) -> None:
    try:
        with written.open("r+b") as stream:
            os.fsync(stream.fileno())
        written.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    sync_folder(path.parent)


def _chunks(
    stream: BinaryIO, context: TaskContext | None, words: str = "", size_bytes: int = 0
) -> Iterator[bytes]:
    done = 0
    while chunk := stream.read(_CHUNK_BYTES):
        if context is not None:
            context.checkpoint()
        yield chunk
        done += len(chunk)
        if context is not None and words:
            context.report(Progress(words, done, size_bytes))
