"""The limit: Keras' own `fit` on one ready batch in memory, for where no other measure is given.

    python -m tests.benchmarks.bare_fit [--policy float32|mixed_bfloat16]

Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from cnnstudio.core.config import NetworkConfig
from cnnstudio.engine.runtime import start_runtime
from tests.benchmarks.pictures import CLASS_COUNT

SIZE_PX = 224
BATCH = 32
STEPS = 15


def images_per_second(policy: str) -> float:
    """Train the classic network, nothing else, and return its rate."""
    start_runtime()
    import keras
    import tensorflow as tf

    from cnnstudio.engine.network import build_network

    keras.config.set_dtype_policy(policy)
    model = build_network(NetworkConfig(), SIZE_PX, CLASS_COUNT)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    pictures = np.random.default_rng(0).random((BATCH, SIZE_PX, SIZE_PX, 3), dtype=np.float32)
    batch = tf.data.Dataset.from_tensors((pictures * 255, np.arange(BATCH) % CLASS_COUNT))
    batches = batch.cache().repeat(STEPS)
    model.fit(batches.take(3), verbose=0, shuffle=False)
    began = time.perf_counter()
    model.fit(batches, verbose=0, shuffle=False)
    return STEPS * BATCH / (time.perf_counter() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--policy", default="float32")
    print(json.dumps({"images_per_second": images_per_second(parser.parse_args().policy)}))  # noqa: T201 - its answer
