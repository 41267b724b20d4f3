"""Looks at a model file in a short-lived process: a file that crashes it costs a sentence."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryFile

from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.found_model import FoundModel, kind_of_file
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.own_process import own_environment, own_program

INSPECT = "inspect-model-file"
"""The first argument that makes the program such a process."""

FileState = tuple[Path, int, int]
"""A file as it was at a time: its place, when it was written, and its bytes."""

_LONGEST_S = 120.0
_LOOK_S = 0.02
_MOST_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 20


def inspected(model_file: Path, context: TaskContext, longest_s: float = _LONGEST_S) -> FoundModel:
    """Return what a process of its own finds in a model file, with the digest of the file.

    Raises:
        StudioError: the model is refused, crashes that process, or takes longer than `longest_s`.
        Cancelled: the user cancelled.
    """
    kind_of_file(model_file)
    digest = digest_of(model_file, context)
    with TemporaryFile() as written:
        child = subprocess.Popen(
            own_program(INSPECT, str(model_file.absolute())),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.DEVNULL,
            env=own_environment(),
        )
        try:
            give_up = time.monotonic() + longest_s
            while child.poll() is None:
                context.checkpoint()
                if time.monotonic() > give_up:
                    raise StudioError(
                        f"{model_file.name} was not opened: after {longest_s:.0f} seconds it had"
                        " still not answered about three small pictures."
                    )
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(_LOOK_S)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
        written.seek(0)
        lines = written.read(_MOST_BYTES).splitlines()
    try:
        answer = lines[-1]
        if answer.startswith(b'{"refused"'):
            raise _refusal(answer)
        return FoundModel.from_json(answer).with_digest(digest)
    except (IndexError, ValueError) as error:
        raise StudioError(
            f"{model_file.name} was not opened: looking at it made the program that runs such"
            " models crash, or asked for too much memory. The file is damaged, or made to do harm.",
            "Get the file again, or another one.",
        ) from error


def file_state(path: Path) -> FileState:
    """Return what changes when a file is written anew; zeros where there is none."""
    path = path.absolute()
    try:
        state = path.stat()
    except OSError:
        return path, 0, 0  # loading it says what is wrong
    return path, state.st_mtime_ns, state.st_size


def digest_of(model_file: Path, context: TaskContext | None = None) -> str:
    """Return the SHA-256 of a file.

    Raises:
        StudioError: it cannot be read.
    """
    found = hashlib.sha256()
    try:
        with model_file.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                found.update(chunk)
                if context is not None:
                    context.checkpoint()
    except OSError as error:
        raise StudioError(f"{model_file} cannot be read: {error.strerror or error}.") from error
    return found.hexdigest()


def _refusal(answer: bytes) -> StudioError:
    import json

    plain = json.loads(answer)
    return StudioError(str(plain["refused"]), str(plain["hint"]))
