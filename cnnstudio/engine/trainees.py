"""Which network a run trains: the one place that looks at its preset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.core.catalog.backbones import backbone_of
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import HeadWeights
from cnnstudio.engine.classifier import build_classifier
from cnnstudio.engine.fine_tuning import build_fine_tuning_model, learn_at_own_rates
from cnnstudio.engine.network import build_network, build_network_for_training
from cnnstudio.engine.optimizers import build_optimizer
from cnnstudio.engine.runtime import Policy, Runtime
from cnnstudio.engine.trainee import Trainee, TraineeBuilder


def trainee_builder(
    config: RunConfig,
    class_count: int,
    head: HeadWeights | None = None,
    weights_folder: Path | None = None,
) -> TraineeBuilder:
    """Return what builds the network of a run.

    `head` is where fine-tuning starts from; `weights_folder` that of downloaded backbones.
    """
    size = config.training.image_size

    def build_from_scratch(rates: Any) -> Trainee:
        return Trainee(
            build_network_for_training(config.network, size, class_count),
            lambda: build_network(config.network, size, class_count),
        )

    def build_pretrained(rates: Any) -> Trainee:
        backbone = backbone_of(config.transfer.backbone)
        model = build_fine_tuning_model(backbone, config, class_count, head, weights_folder)
        optimizer = build_optimizer(config.training, rates)
        learn_at_own_rates(optimizer, model, config.transfer)
        nothing = HeadWeights(
            np.zeros((backbone.feature_length, class_count), np.float32),
            np.zeros(class_count, np.float32),
        )
        sized = replace(backbone, input_size_px=size)
        return Trainee(
            model,
            lambda: build_classifier(sized, nothing, weights_folder=weights_folder),
            optimizer,
            knows_already=head is not None,
        )

    footing = training_preset(config.preset).footing
    return build_pretrained if footing == "fine-tuning" else build_from_scratch


def policy_of(runtime: Runtime, config: RunConfig) -> Policy:
    """Return the dtype policy in which the network of a run is trained."""
    settings = config.training
    is_pretrained = training_preset(config.preset).footing == "fine-tuning"
    return runtime.policy(settings.precision, settings.image_size, is_pretrained=is_pretrained)
