"""How the program starts a process of its own: with Python beside it, or frozen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import cnnstudio

WORK_APART = "work-apart"
"""The hidden command of `engine/apart.py`."""


def own_program(command: str, *arguments: str) -> list[str]:
    """Return what to run for one of our own commands."""
    if getattr(sys, "frozen", False):  # one program without a Python to be asked for modules
        return [sys.executable, command, *arguments]
    # -P: nothing is imported from the folder that one happens to be in.
    return [sys.executable, "-P", "-m", "cnnstudio", command, *arguments]


def own_python_path() -> str:
    """Return the PYTHONPATH by which it finds this very code."""
    place, others = str(Path(cnnstudio.__file__).parents[1]), os.environ.get("PYTHONPATH")
    return os.pathsep.join([place, *([others] if others else [])])


def own_environment() -> dict[str, str]:
    """Return the environment of one that computes: quiet, and without the window's GPU."""
    return {
        **os.environ,
        "PYTHONPATH": own_python_path(),
        "PYTHONWARNINGS": "ignore",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
