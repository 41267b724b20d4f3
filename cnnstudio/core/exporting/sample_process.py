"""Runs the sample code of an export in a process of its own, as whoever gets it would."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext

RUN_SAMPLE = "run-sample"
"""The hidden command by which a frozen program, which has no Python beside it, runs a script."""

LONGEST_SILENCE_S = 120.0
"""Importing TensorFlow takes ten seconds; on a slow disk it may be a minute."""

_WAIT_S = 0.1
_LAST_WORDS = 300
_CHATTER = ("I0000", "W0000", "E0000", "WARNING", "INFO", "To enable")
_NO_WINDOW = 0x08000000  # of Windows: CREATE_NO_WINDOW


def ask_sample(
    script: Path,
    pictures: Sequence[Path],
    context: TaskContext,
    silence_s: float = LONGEST_SILENCE_S,
) -> Iterator[dict[str, Any]]:
    """Give the answers of sample code to pictures, in their order, as they come.

    The process never outlives this: it is killed on whatever ends the iteration. If this program
    is killed, it ends at its next answer, which nobody takes.

    Raises:
        Cancelled: the user cancelled.
        StudioError: it ended early, said nothing for `silence_s`, or what it said makes no sense.
    """
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as complaints:
        asked.writelines(os.fsencode(path) + b"\n" for path in pictures)
        asked.seek(0)
        process = subprocess.Popen(
            [*_interpreter(), str(script), "--json"],
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=_environment(),
            creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
        )
        try:
            yield from _answers(process, len(pictures), context, silence_s)
        except StudioError as error:
            _end(process)
            raise StudioError(_with_last_words(error.sentence, complaints), error.hint) from error
        finally:
            _end(process)


def _answers(
    process: subprocess.Popen[bytes], count: int, context: TaskContext, silence_s: float
) -> Iterator[dict[str, Any]]:
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    assert process.stdout is not None
    reader = threading.Thread(target=_pass_on, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        for _ in range(count):
            line = _next_line(lines, context, silence_s)
            if not line:
                raise StudioError("The sample code of the exported model ended early.")
            try:
                answer = json.loads(line)
                if not isinstance(answer, dict):
                    raise TypeError
            except (ValueError, TypeError, RecursionError) as error:
                raise StudioError(
                    "The sample code of the exported model said something odd."
                ) from error
            yield answer
    finally:
        _end(process)  # which ends the reader, too
        reader.join()


def _next_line(lines: queue.SimpleQueue[bytes], context: TaskContext, silence_s: float) -> bytes:
    give_up = time.monotonic() + silence_s
    while True:
        context.checkpoint()
        with contextlib.suppress(queue.Empty):
            return lines.get(timeout=_WAIT_S)
        if time.monotonic() > give_up:
            raise StudioError(f"The exported model gave no answer within {silence_s:.0f} seconds.")


def _pass_on(stream: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


def _interpreter() -> list[str]:
    is_frozen = getattr(sys, "frozen", False)
    return [sys.executable, RUN_SAMPLE] if is_frozen else [sys.executable]


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",  # nothing is to come into the folder of the export
        "PYTHONIOENCODING": "utf-8:surrogateescape",
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "ignore",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # The window's network has the graphics card, and a phone has none.
        "CUDA_VISIBLE_DEVICES": "-1",
    }


def _with_last_words(sentence: str, complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode("utf-8", "replace").strip().splitlines()
    said = [each for each in lines if not each.startswith(_CHATTER)]
    return f"{sentence} It said: {said[-1][-_LAST_WORDS:]}" if said else sentence
