"""A run in words: what it was made with and what it came to. Pure: no Qt."""

from __future__ import annotations

from datetime import datetime

from cnnstudio.core.catalog.augmentations import preset_of
from cnnstudio.core.config import RunConfig, TrainingConfig, parameters_of
from cnnstudio.core.metrics import wilson_interval
from cnnstudio.core.runs import Run
from cnnstudio.ui.models.run_rows import RunRow
from cnnstudio.ui.words import duration, percent, pictures, when


def run_row(run: Run, now: datetime, *, is_used: bool) -> RunRow:
    """Return a run as a row of the list: the accuracy on the test part where there is one."""
    has_test = run.test_accuracy is not None
    accuracy = run.test_accuracy if run.test_accuracy is not None else run.validation_accuracy
    created = run.created.astimezone(now.tzinfo)
    details = (when(created, now), duration(run.seconds), pictures(sum(run.counts.values())))
    return RunRow(
        run.folder.name,
        run.name,
        percent(accuracy),
        "test" if has_test else "validation",
        " · ".join(details),
        is_used=is_used,
    )


def accuracy_words(what: str, accuracy: float, count: int) -> str:
    """Return "Validation 90.3 %, somewhere between 86.7 % and 93.2 %" (95 % Wilson interval).

    `accuracy` is a share of `count` pictures, 0 to 1.
    """
    low, high = wilson_interval(round(accuracy * count), count)
    return f"{what} {percent(accuracy)}, somewhere between {percent(low)} and {percent(high)}"


def accuracies_of(run: Run) -> tuple[str, str]:
    """Return what the run came to on the validation and on the test part ("" without one)."""
    validation = accuracy_words(
        "Validation", run.validation_accuracy, run.counts.get("validation", 0)
    )
    if run.test_accuracy is None:
        return validation, ""
    return validation, accuracy_words("Test", run.test_accuracy, run.counts.get("test", 0))


def ending_words(run: Run) -> tuple[str, str]:
    """Return a headline and a line of facts for a training that has just ended."""
    planned = run.config.training.epochs
    if run.status == "stopped":
        headline = f"{run.name}, stopped after {run.epochs} of {planned} epochs"
    else:
        headline = f"{run.name}, finished after {_epochs(run.epochs)}"
    speed = f"{run.images_per_second:,.0f} pictures a second"
    facts = (
        f"Kept epoch {run.best_epoch}, the best",
        f"took {duration(run.seconds)}",
        f"{speed} on {run.device}",
    )
    return headline, " · ".join(facts)


def training_words(config: RunConfig) -> str:
    """Return how a training goes: "20 epochs · batch 32 · Adam 0.001 · 224 px"."""
    training = config.training
    optimiser = _label_of("optimizer", training.optimizer)
    return " · ".join(
        (
            _epochs(training.epochs),
            f"batch {training.batch_size}",
            f"{optimiser} {training.learning_rate:g}",
            f"{training.image_size} px",
        )
    )


def settings_words(config: RunConfig) -> tuple[str, str]:
    """Return two lines: how a run is trained, and which network."""
    return training_words(config), network_words(config)


def network_words(config: RunConfig) -> str:
    """Return what is trained: "32-64-128 filters · dense 256 · dropout 50 % · tutorial"."""
    network = config.network
    parts = []
    if network.blocks:
        parts.append("-".join(str(block.filters) for block in network.blocks) + " filters")
    if network.dense_units:
        parts.append(f"dense {network.dense_units}")
    if network.dropout:
        parts.append(f"dropout {percent(network.dropout, 0)}")
    preset = preset_of(config.augmentation)
    parts.append(f"augmentation {preset.label.lower() if preset else 'of your own'}")
    return " · ".join(parts)


def _label_of(key: str, value: object) -> str:
    parameter = next(each for each in parameters_of(TrainingConfig) if each.key == key)
    labels: dict[object, str] = dict(parameter.choices)
    return labels.get(value, str(value))


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"
