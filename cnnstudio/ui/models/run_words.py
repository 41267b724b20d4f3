"""A run in words: what it was made with and what it came to. Pure: no Qt."""

from __future__ import annotations

from datetime import datetime

from cnnstudio.core.catalog.augmentations import preset_of
from cnnstudio.core.catalog.training_presets import IMPORTED, Footing, training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.runs import Run
from cnnstudio.core.setting_words import value_words
from cnnstudio.core.storage.unfinished_runs import UnfinishedRun
from cnnstudio.ui.models.run_rows import RunRow
from cnnstudio.ui.models.setting_paths import parameter_at
from cnnstudio.ui.words import counted, duration, percent, pictures, speed, when

IMPORTED_WORDS = "This model was imported: how it was trained is not known."
"""What is said where the training of an imported model would be shown."""


def run_row(run: Run, now: datetime, *, is_used: bool, mark: str = "") -> RunRow:
    """Return a run as a row of the list: the accuracy on the test part where there is one."""
    has_test = run.test_accuracy is not None
    created = run.created.astimezone(now.tzinfo)
    details = [when(created, now), duration(run.seconds), pictures(sum(run.counts.values()))]
    if run.is_imported:
        details[1:] = ["imported"]
    measure = "test" if has_test else "validation"
    return RunRow(
        run.folder.name,
        run.name,
        "" if run.accuracy is None else percent(run.accuracy),
        "" if run.accuracy is None else measure,
        " · ".join(details),
        is_used=is_used,
        mark=mark,
    )


def choice_words(run: Run, now: datetime) -> str:
    """Return a run as a choice in a menu: its name, its accuracy as in the list, and when."""
    accuracy = "imported" if run.accuracy is None else percent(run.accuracy)
    return f"{run.name}, {accuracy}, {when(run.created.astimezone(now.tzinfo), now)}"


def waiting_row(key: str, name: str, place: int) -> RunRow:
    """Return a training that waits as a row of the list; `place` in line counts from 1."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10 if place not in (11, 12, 13) else 0, "th")
    words = "waiting, next" if place == 1 else f"waiting, {place}{ending} in line"
    return RunRow(key, name, "", "", words, is_waiting=True)


def unfinished_words(run: UnfinishedRun, now: datetime) -> str:
    """Return "Fine-tune was interrupted after epoch 5 of 8; it was begun today 14:02."."""
    if not run.epochs_done:
        after = "before its first epoch had ended"
    else:
        after = f"after epoch {run.epochs_done} of {run.epochs}"
    begun = when(run.created.astimezone(now.tzinfo), now)
    return f"{run.name} was interrupted {after}; it was begun {begun}."


def accuracy_words(what: str, accuracy: float, count: int) -> str:
    """Return "Validation 90.3 %, somewhere between 86.7 % and 93.2 %" (95 % Wilson interval).

    `accuracy` is a share of `count` pictures, 0 to 1.
    """
    low, high = wilson_interval(round(accuracy * count), count)
    return f"{what} {percent(accuracy)}, somewhere between {percent(low)} and {percent(high)}"


def accuracies_of(run: Run) -> tuple[str, str]:
    """Return what the run came to, in two lines: on the validation and on the test part.

    Where pictures are few, the second is what cross-validation came to; without a test part it
    is "".
    """
    if run.accuracy is None:
        return "Imported, and not judged yet: choose Other pictures in Evaluate", ""
    validation = ""
    if count := run.counts.get("validation", 0):
        validation = accuracy_words("Validation", run.validation_accuracy, count)
    test = ""
    if run.test_accuracy is not None:
        test = accuracy_words("Test", run.test_accuracy, run.counts.get("test", 0))
    if run.cross_check is not None:
        found = run.cross_check
        across = f"Cross-validation {percent(found.accuracy)}, somewhere between"
        return test or validation, f"{across} {percent(found.low)} and {percent(found.high)}"
    return validation, test


def ending_words(run: Run) -> tuple[str, str]:
    """Return a headline and a line of facts for a training that has just ended."""
    planned = run.config.training.epochs
    if run.status == "stopped":
        headline = f"{run.name}, stopped after {run.epochs} of {planned} epochs"
    else:
        headline = f"{run.name}, finished after {_epochs(run.epochs)}"
    facts = (
        f"Kept {run.kept_words}",
        f"took {duration(run.seconds)}",
        f"{speed(run.images_per_second)} on {run.device}",
    )
    return headline, " · ".join(facts)


def training_words(config: RunConfig) -> str:
    """Return how a training goes: "20 epochs · batch 32 · Adam 0.001 · 224 px"."""
    training = config.training
    if config.preset == IMPORTED.key:
        return f"pictures of {training.image_size} px"
    optimiser = value_words(parameter_at("training.optimizer"), training.optimizer)
    parts = [
        _epochs(training.epochs) + (" at most" if training.patience else ""),
        f"batch {training.batch_size}",
        f"{optimiser} {training.learning_rate:g}",
    ]
    if training_preset(config.preset).footing != "features":
        parts.append(f"{training.image_size} px")
    return " · ".join(parts)


def settings_words(config: RunConfig) -> tuple[str, str]:
    """Return two lines: which network learns, and how it is trained."""
    return network_words(config), training_words(config)


def network_words(config: RunConfig) -> str:
    """Return what is trained, as far as it matters for the way of training.

    "EfficientNet-Lite0 · 2 variants" on features, "EfficientNet-Lite0 · last 40 % of its layers"
    when fine-tuning, "32-64-128 filters · dense 256 · dropout 50 %" from scratch.
    """
    if config.preset == IMPORTED.key:
        return IMPORTED.label
    footing = training_preset(config.preset).footing
    parts = _scratch_parts(config) if footing == "scratch" else _transfer_parts(config, footing)
    if footing != "features" or config.transfer.variants:
        preset = preset_of(config.augmentation)
        parts.append(f"augmentation {preset.label.lower() if preset else 'of your own'}")
    return " · ".join(parts)


def backbone_words(config: RunConfig) -> str:
    """Return the name of the backbone."""
    return value_words(parameter_at("transfer.backbone"), config.transfer.backbone)


def _transfer_parts(config: RunConfig, footing: Footing) -> list[str]:
    transfer = config.transfer
    parts = [backbone_words(config)]
    if footing == "features":
        parts.append(counted(transfer.variants, "variant") if transfer.variants else "no variants")
    elif transfer.trained_share < 1:
        parts.append(f"last {percent(transfer.trained_share, 0)} of its layers")
    if transfer.dropout:
        parts.append(f"dropout {percent(transfer.dropout, 0)}")
    return parts


def _scratch_parts(config: RunConfig) -> list[str]:
    network = config.network
    parts = []
    if network.blocks:
        parts.append("-".join(str(block.filters) for block in network.blocks) + " filters")
    if network.dense_units:
        parts.append(f"dense {network.dense_units}")
    if network.dropout:
        parts.append(f"dropout {percent(network.dropout, 0)}")
    return parts


def _epochs(count: int) -> str:
    return counted(count, "epoch")
