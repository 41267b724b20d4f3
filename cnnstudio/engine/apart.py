"""Runs work in a process of its own that would make the window stand still.

TensorFlow's converters keep Python's lock for seconds at a time (2 to 9 were measured), and every
click in the window needs that lock. A process of its own can also be ended at any moment, which a
converter cannot.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.own_process import WORK_APART, own_environment, own_program
from cnnstudio.core.storage.atomic import scratch_folder

CONVERT_BACKBONE = "convert-backbone"
EXPORT = "export"
"""What there is in `apart_work.py`."""

REQUEST_FILE = "request.json"
ARRAYS_FILE = "arrays.npz"
ANSWER_FILE = "answer.json"

_LOOK_S = 0.05
_NO_WINDOW = 0x08000000  # of Windows: CREATE_NO_WINDOW


def run_apart(
    work: str,
    request: Mapping[str, Any],
    context: TaskContext,
    arrays: Mapping[str, npt.NDArray[Any]] | None = None,
) -> None:
    """Do a piece of work of `apart_work.py` in a process of its own, and wait for its end.

    Args:
        work: which.
        request: what it needs to know, as JSON can hold it.
        context: cancelling ends the process at once.
        arrays: what it needs besides.

    Raises:
        Cancelled: the user cancelled; what it was writing may be there unfinished.
        StudioError: what it raised, or it ended without an answer.
    """
    with scratch_folder() as folder:
        content = json.dumps({"work": work, **request})
        (folder / REQUEST_FILE).write_text(content, encoding="ascii")
        np.savez(folder / ARRAYS_FILE, allow_pickle=False, **dict(arrays or {}))
        process = subprocess.Popen(
            own_program(WORK_APART, str(folder)),
            stdin=subprocess.PIPE,  # which it reads: at our end, however sudden, it ends, too
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=own_environment(),
            # Ctrl-C is for us, who then end it.
            start_new_session=True,
            creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
        )
        try:
            while process.poll() is None:
                context.checkpoint()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_S)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        _check(folder / ANSWER_FILE)


def _check(answer_file: Path) -> None:
    try:
        answer = json.loads(answer_file.read_bytes())
        sentence, hint = str(answer["sentence"]), str(answer["hint"])
    except (OSError, ValueError, KeyError, TypeError):
        raise StudioError(
            "The network could not be converted: the process that did it ended without a word.",
            "Close other programs, which may take the memory it needs, and try again.",
        ) from None
    if sentence:
        raise StudioError(sentence, hint)
