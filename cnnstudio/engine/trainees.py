"""Which network a run trains: the one place that looks at its preset."""

from __future__ import annotations

from typing import Any

from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import HeadWeights
from cnnstudio.engine.network import build_network, build_network_for_training
from cnnstudio.engine.trainee import Trainee, TraineeBuilder


def trainee_builder(
    config: RunConfig, class_count: int, head: HeadWeights | None = None
) -> TraineeBuilder:
    """Return what builds the network of a run; `head` is where fine-tuning starts from."""

    def build_from_scratch(rates: Any) -> Trainee:
        size = config.training.image_size
        return Trainee(
            build_network_for_training(config.network, size, class_count),
            lambda: build_network(config.network, size, class_count),
        )

    return build_from_scratch
