"""TensorFlow's list of custom gradients, which would hold every graph that was ever traced."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tensorflow.python.framework import ops


@contextlib.contextmanager
def traced_gradients_forgotten() -> Iterator[None]:
    """Forget the gradients of its own that TensorFlow notes down while it traces in the block.

    It notes them for the life of the process, each holds the whole graph it was traced in, and that
    the variables: all weights of every training and the optimiser's two values for each. The sum of
    gradients over replicas, part of every step, has such a gradient, and so has swish. No traced
    graph looks them up.
    """
    noted: dict[str, Any] = ops.gradient_registry._registry
    before = set(noted)
    try:
        yield
    finally:
        for name in set(noted) - before:
            if name.startswith("CustomGradient-"):
                del noted[name]
