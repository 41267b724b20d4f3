"""Where downloaded weights of backbones lie, which are there, and whether they are the right ones.

How they get there is in `backbone_installing.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cnnstudio.core.catalog.backbones import BACKBONES, DEFAULT_BACKBONE, Backbone, backbone_of
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext

_FOLDER = "backbones"
_CHUNK_BYTES = 1 << 20
_MD5_DIGITS = 32
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


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


@dataclass(frozen=True)
class Found:
    """What there is of a backbone on this computer: all, a part in bytes, or nothing."""

    is_installed: bool
    partial_bytes: int = 0


def look(folder: Path) -> dict[str, Found]:
    """Return what there is of every backbone, by its key."""
    return {each.key: _found(each, folder) for each in BACKBONES}


def _found(backbone: Backbone, folder: Path) -> Found:
    if is_installed(backbone, folder):
        return Found(True)
    try:
        return Found(False, partial_file(backbone, folder).stat().st_size)
    except OSError:
        return Found(False)


def installed_keys(folder: Path) -> frozenset[str]:
    """Return the keys of all backbones that can be used at once."""
    return frozenset(key for key, found in look(folder).items() if found.is_installed)


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
        "Download them once, in the window under Backbone or with"
        f" 'cnnstudio backbones install {backbone.key}',"
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
        for chunk in chunks_of(stream, context):
            digest.update(chunk)
    return digest.hexdigest() == wanted


def chunks_of(stream: BinaryIO, context: TaskContext | None = None) -> Iterator[bytes]:
    """Read a file piece by piece.

    Raises:
        Cancelled: the user cancelled.
        OSError: it cannot be read.
    """
    while chunk := stream.read(_CHUNK_BYTES):
        if context is not None:
            context.checkpoint()
        yield chunk
