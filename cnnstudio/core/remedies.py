"""What can be done about a training, each a click: what the coach's advice offers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS
from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import AugmentationConfig, RunConfig

Command = Literal["stop", "train", "restart", "find_rate"]
"""What an action does.

"stop" ends what runs and keeps its best epoch. "train" trains with the action's config, after what
runs. "restart" does so in the place of what runs, which is worth nothing. "find_rate" opens the
learning rate finder.
"""

_HIGHEST_DROPOUT = 0.7
_HIGHEST_EPOCHS = 1000


@dataclass(frozen=True)
class AdviceAction:
    """One click: its words, and what it does; `config` is given for "train" and "restart"."""

    key: str
    label: str
    command: Command
    config: RunConfig | None = None


def stop_and_keep(epoch: int) -> AdviceAction:
    """End the training and keep the best epoch; 0 is the start."""
    what = f"epoch {epoch}" if epoch else "the start"
    return AdviceAction("stop", f"Stop and keep {what}", "stop")


def find_rate() -> AdviceAction:
    """Look for a learning rate."""
    return AdviceAction("find_rate", "Find the learning rate", "find_rate")


def another_rate(config: RunConfig, rate: float, *, is_running: bool) -> AdviceAction | None:
    """Train with another learning rate, rounded to one digit."""
    rate = min(max(float(f"{rate:.0e}"), 1e-6), 1.0)
    if rate == config.training.learning_rate:
        return None
    training = replace(config.training, learning_rate=rate)
    return AdviceAction(
        "rate",
        f"Try learning rate {_digits(rate)}",
        "restart" if is_running else "train",
        replace(config, training=training),
    )


def more_epochs(config: RunConfig, more: int) -> AdviceAction | None:
    """Train anew for `more` epochs more."""
    epochs = min(config.training.epochs + more, _HIGHEST_EPOCHS)
    if epochs == config.training.epochs:
        return None
    training = replace(config.training, epochs=epochs)
    return AdviceAction(
        "epochs",
        f"Train again with {epochs} epochs",
        "train",
        replace(config, training=training),
    )


def smaller_batches(config: RunConfig) -> AdviceAction | None:
    """Learn in more and smaller steps."""
    size = max(4, config.training.batch_size // 4)
    if size >= config.training.batch_size:
        return None
    training = replace(config.training, batch_size=size)
    return AdviceAction(
        "batch", f"Batches of {size} pictures", "train", replace(config, training=training)
    )


def more_augmentation(config: RunConfig) -> AdviceAction | None:
    """Show each picture in more guises."""
    none, tutorial, strong = (each.config for each in AUGMENTATION_PRESETS)
    if training_preset(config.preset).footing == "features":
        if config.transfer.variants >= 4 and config.augmentation != AugmentationConfig():
            return None
        changed = replace(
            config,
            transfer=replace(config.transfer, variants=max(4, config.transfer.variants)),
            augmentation=tutorial if config.augmentation == none else config.augmentation,
        )
        return AdviceAction("augment", "Add augmented variants", "train", changed)
    if config.augmentation == none:
        changed = replace(config, augmentation=tutorial)
        return AdviceAction("augment", "Add augmentation", "train", changed)
    if config.augmentation == tutorial:
        changed = replace(config, augmentation=strong)
        return AdviceAction("augment", "Stronger augmentation", "train", changed)
    return None


def more_dropout(config: RunConfig) -> AdviceAction | None:
    """Switch more values off at random, so that no single one is relied on."""
    is_scratch = training_preset(config.preset).footing == "scratch"
    now = config.network.dropout if is_scratch else config.transfer.dropout
    dropout = round(min(now + 0.2, _HIGHEST_DROPOUT), 2)
    if dropout <= now:
        return None
    if is_scratch:
        changed = replace(config, network=replace(config.network, dropout=dropout))
    else:
        changed = replace(config, transfer=replace(config.transfer, dropout=dropout))
    return AdviceAction("dropout", f"More dropout ({dropout * 100:.0f} %)", "train", changed)


def use_preset(config: RunConfig, key: str, label: str) -> AdviceAction:
    """Train in another of the ways offered, on the same parts of the same pictures."""
    return AdviceAction(f"preset_{key}", label, "train", with_preset(config, key))


def with_preset(config: RunConfig, key: str) -> RunConfig:
    """Return the settings of a preset, keeping what is not about how well it learns.

    That is the split, the seed, how pictures are fitted, what is written, and the network and
    backbone chosen.
    """
    preset = training_preset(key).config
    kept = config.training
    return replace(
        preset,
        network=config.network,
        augmentation=config.augmentation,
        transfer=replace(preset.transfer, backbone=config.transfer.backbone),
        training=replace(
            preset.training,
            validation_share=kept.validation_share,
            test_share=kept.test_share,
            seed=kept.seed,
            resize_mode=kept.resize_mode,
            balance_classes=kept.balance_classes,
            is_deterministic=kept.is_deterministic,
            write_tensorboard=kept.write_tensorboard,
        ),
    )


def _digits(rate: float) -> str:
    """A rate without an exponent: 0.00003."""
    return f"{rate:.6f}".rstrip("0").rstrip(".")
