"""OpenCV, imported by the first who needs it: it takes a tenth of a second."""

from __future__ import annotations

from functools import cache
from types import ModuleType


@cache
def opencv() -> ModuleType:
    """Return OpenCV, which computes in the thread that calls it and in no other.

    Pictures are worked on one by one in threads of ours, often beside a training that needs the
    other cores more; what is done to a single one is too little to be shared out.
    """
    import cv2

    cv2.setNumThreads(1)
    module: ModuleType = cv2
    return module
