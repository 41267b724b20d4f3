"""The state that TensorFlow and Keras are in while something is trained, and how it is left."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from cnnstudio.core.config import TrainingConfig
from cnnstudio.core.errors import StudioError
from cnnstudio.engine.runtime import Policy, Runtime
from cnnstudio.engine.traced_gradients import traced_gradients_forgotten


@contextlib.contextmanager
def training_session(
    runtime: Runtime, training: TrainingConfig, policy: Policy = "float32"
) -> Iterator[None]:
    """Begin as if nothing had been trained before, in a dtype policy, and leave nothing behind.

    Raises:
        StudioError: in the block, memory ran out.
    """
    try:
        with runtime.determinism(training.is_deterministic), traced_gradients_forgotten():
            _start_afresh(policy, training.seed)
            yield
    except (MemoryError, tf.errors.OpError) as error:
        if not _is_out_of_memory(error):
            raise
        raise StudioError(
            "There is not enough memory for this training.",
            f"Take a batch size below {training.batch_size} or pictures smaller than"
            f" {training.image_size} px.",
        ) from error
    finally:
        _start_afresh("float32", training.seed)


def _start_afresh(policy: Policy, seed: int) -> None:
    """Forget the last training; policy and seed belong to this thread, so they are set each time.

    Without it every run would leave some memory behind.
    """
    # Collecting garbage here would destroy what belongs to the window in a thread that is not its.
    keras.utils.clear_session(free_memory=False)
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(seed)


def _is_out_of_memory(error: Any) -> bool:
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return True
    # What Python raises while it makes a batch, and what CUDA says, arrive as other errors.
    text = str(error).lower()
    return any(words in text for words in ("memoryerror", "out of memory", "failed to allocate"))
