from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnnstudio.core.config import TrainingConfig
from cnnstudio.engine.optimizers import build_optimizer


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("adam", keras.optimizers.Adam(0.01)),
        ("adamw", keras.optimizers.AdamW(0.01)),
    ],
)
def test_the_fused_optimiser_moves_weights_as_the_one_of_keras(
    name: str, reference: keras.optimizers.Optimizer
) -> None:
    ours = build_optimizer(TrainingConfig(optimizer=name, learning_rate=0.01))
    generator = np.random.default_rng(0)
    start = generator.normal(size=(5, 4)).astype(np.float32)
    first, second = keras.Variable(start), keras.Variable(start)
    for _ in range(10):
        gradient = tf.constant(generator.normal(size=(5, 4)).astype(np.float32))
        ours.apply([gradient], [first])
        reference.apply([gradient], [second])
    np.testing.assert_allclose(first.numpy(), second.numpy(), rtol=1e-5, atol=1e-7)
