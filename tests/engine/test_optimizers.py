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


def test_weight_decay_shrinks_kernels_and_leaves_biases_alone() -> None:
    training = TrainingConfig(optimizer="adamw", learning_rate=0.1, weight_decay=0.5)
    optimizer = build_optimizer(training)
    layer = keras.layers.Dense(2, bias_initializer="ones")
    layer.build((None, 3))
    before = layer.kernel.numpy()
    nothing = [tf.zeros(weight.shape) for weight in layer.trainable_weights]
    optimizer.apply(nothing, layer.trainable_weights)
    np.testing.assert_allclose(layer.kernel.numpy(), before * 0.95, rtol=1e-5)
    np.testing.assert_array_equal(layer.bias.numpy(), np.ones(2))
