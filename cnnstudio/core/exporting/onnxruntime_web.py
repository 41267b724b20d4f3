"""ONNX Runtime Web, which runs a network in a browser: the two files of its npm package we use.

A wheel brings them along (packaging/onnxruntime_web_hook.py); a checkout fetches them once, by npm,
into the cache. They are used only while they have the digests that stand here.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.errors import StudioError
from cnnstudio.core.resources import resource_path
from cnnstudio.core.storage.atomic import write_bytes

VERSION = "1.30.0"
PACKAGE = f"onnxruntime-web@{VERSION}"
FOLDER = "onnxruntime_web"
SCRIPT_FILE = "ort.wasm.bundle.min.mjs"
WASM_FILE = "ort-wasm-simd-threaded.wasm"

_INTEGRITY = (  # SHA-512, as the npm registry publishes it
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
_SHA256 = {
    SCRIPT_FILE: "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    WASM_FILE: "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
_ARCHIVE_MB = 33
_LONGEST_S = 900.0
_LOOK_EVERY_S = 0.1
_NO_WINDOW = 0x08000000  # of Windows: CREATE_NO_WINDOW
_HINT = (
    f"Get {PACKAGE} on a computer with network by `npm pack {PACKAGE}` and give that file, or"
    " install a released wheel of CNN Studio, which brings it along."
)


@dataclass(frozen=True)
class OnnxRuntimeWeb:
    """Its JavaScript (an ES module, with the loader of the WebAssembly inside) and WebAssembly."""

    script: bytes
    wasm: bytes


def found_or_fetched(cache: Path, checkpoint: Callable[[], None]) -> OnnxRuntimeWeb:
    """Return what came with the program or was fetched before, and else fetch it.

    Args:
        cache: the program's cache folder.
        checkpoint: called ten times a second while it waits; may raise to give up.

    Raises:
        StudioError: it is not there, and cannot be fetched.
    """
    kept = cache / f"{FOLDER}-{VERSION}"
    with contextlib.suppress(StudioError):
        shipped = kept_in(resource_path(FOLDER))
        if shipped is not None:
            return shipped
    return kept_in(kept) or fetch(kept, checkpoint)


def kept_in(folder: Path) -> OnnxRuntimeWeb | None:
    """Return what a folder holds, None unless both files are there and are the right ones."""
    try:
        files = {name: (folder / name).read_bytes() for name in _SHA256}
    except OSError:
        return None
    return _checked(files)


def take_from(archive: Path, folder: Path) -> OnnxRuntimeWeb:
    """Put the two files of an npm package file into a folder, and return them.

    Raises:
        StudioError: it cannot be read, is not exactly that package, or the disk refuses.
    """
    try:
        with archive.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha512").digest()
        if base64.b64encode(digest).decode() != _INTEGRITY:
            raise StudioError(f"{archive} is not the npm package {PACKAGE}, or is damaged.", _HINT)
        with tarfile.open(archive, "r:gz") as package:
            files = {name: _member(package, name) for name in _SHA256}
    except (OSError, tarfile.TarError) as error:
        raise StudioError(f"{archive} could not be read: {error}.", _HINT) from error
    runtime = _checked(files)
    if runtime is None:
        raise StudioError(f"{archive} does not hold what {PACKAGE} should.", _HINT)
    for name, content in files.items():
        write_bytes(folder / name, content)
    return runtime


def fetch(folder: Path, checkpoint: Callable[[], None]) -> OnnxRuntimeWeb:
    """Get the package by npm, which knows its registry and proxy, and keep its two files.

    `checkpoint` is called ten times a second, and may raise to give up.

    Raises:
        StudioError: there is no npm or no network, or what came is something else.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise StudioError(
            f"A page that runs in a browser needs {PACKAGE}, {_ARCHIVE_MB} MB, which is fetched"
            " once by npm, and npm is not installed here.",
            f"Install Node.js, which brings npm. Or: {_HINT}",
        )
    with tempfile.TemporaryDirectory(prefix="cnnstudio-") as scratch:
        command = [npm, "pack", PACKAGE, "--ignore-scripts", "--silent", "--fetch-retries=1"]
        # In a folder of its own: npm reads the settings of a project where it is run.
        process = subprocess.Popen(
            command,
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
            env={**os.environ, "npm_config_update_notifier": "false"},
        )
        try:
            until = time.monotonic() + _LONGEST_S
            while process.poll() is None and time.monotonic() < until:
                checkpoint()
                time.sleep(_LOOK_EVERY_S)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        found = sorted(Path(scratch).glob("*.tgz"))
        if process.returncode or not found:
            raise StudioError(f"npm could not fetch {PACKAGE}: is there a network?", _HINT)
        return take_from(found[0], folder)


def _member(package: tarfile.TarFile, name: str) -> bytes:
    try:
        stream = package.extractfile(f"package/dist/{name}")
    except KeyError:
        stream = None
    return b"" if stream is None else stream.read()


def _checked(files: dict[str, bytes]) -> OnnxRuntimeWeb | None:
    are_right = all(hashlib.sha256(files[name]).hexdigest() == _SHA256[name] for name in _SHA256)
    return OnnxRuntimeWeb(files[SCRIPT_FILE], files[WASM_FILE]) if are_right else None
