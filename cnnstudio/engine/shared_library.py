"""Loads TensorFlow's large library ahead of its import, without holding the interpreter lock."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path


def load_without_lock() -> None:
    """Load the gigabyte that importing TensorFlow loads, while other threads of Python run on.

    An import, and `ctypes.CDLL(path)` as well, hold the lock all that time: 0.7 s of two cores, 1.7
    s under load, in which no window is drawn. A call of the system's `dlopen` as of any function in
    C does not. The import finds the library loaded. Only on Linux; where anything is otherwise than
    expected nothing happens, and the import says what is wrong.
    """
    if sys.platform != "linux" or "tensorflow" in sys.modules:
        return
    found = importlib.util.find_spec("tensorflow")
    places = found.submodule_search_locations if found is not None else None
    libraries = [each for place in places or () for each in Path(place).glob("libtensorflow_cc.*")]
    if not libraries:
        return
    try:
        load = ctypes.CDLL(None).dlopen
    except (OSError, AttributeError):  # an old C library has it elsewhere
        return
    load.restype = ctypes.c_void_p
    load.argtypes = [ctypes.c_char_p, ctypes.c_int]
    load(os.fsencode(libraries[0]), os.RTLD_NOW | os.RTLD_LOCAL)
