"""The command line: joins the program of commands to the engine and the window.

What it needs is imported inside, so that Ctrl-C ends it quietly from its very beginning.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from cnnstudio.core.engine_api import Engine

_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the program with the real engine and window, and leave the interpreter."""
    try:
        _inspect_if_asked()
        code = _run()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    # Python now waits for threads that are still busy; Ctrl-C ends that without a word.
    signal.signal(signal.SIGINT, lambda *_: _leave_at_once())
    if code == _INTERRUPTED:
        _leave_at_once()
    sys.exit(code)


def _inspect_if_asked() -> None:
    """Be the process that looks at a model file from elsewhere, where `guard` has started it."""
    if sys.argv[1:2] == ["inspect-model-file"] and len(sys.argv) == 3:
        from cnnstudio.engine.foreign.inspection import main as inspect_model_file

        inspect_model_file(sys.argv[2])


def _leave_at_once() -> NoReturn:
    """Leave after Ctrl-C, without waiting for threads: whatever is to be kept is on the disk."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(_INTERRUPTED)


def _run() -> int:
    import logging
    import warnings

    from cnnstudio.commands.program import make_cli

    # Libraries warn and log on standard error, which belongs to our own sentences.
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())
    return make_cli(_keras_engine, _qt_window).main(standalone_mode=False)


def _keras_engine() -> Engine:
    from cnnstudio.engine.keras_engine import KerasEngine
    from cnnstudio.folders import cache_folder

    return KerasEngine(cache_folder=cache_folder())


def _qt_window(project: Path | None, demonstrate: bool) -> int:
    from cnnstudio.app import run_window

    return run_window(project, demonstrate=demonstrate)
