"""How long a training will take on this computer, before it starts.

From what earlier runs measured here; else from rates measured on two processor cores, which other
processors miss by half or double. Nothing is said where nothing is known, as of a GPU before its
first run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import NetworkConfig, RunConfig
from cnnstudio.core.engine_api import DeviceReport
from cnnstudio.core.errors import StudioError
from cnnstudio.core.network import layer_table
from cnnstudio.core.project import Split
from cnnstudio.core.runs import Run
from cnnstudio.core.search_variants import as_fast_start

_REFERENCE_CORES = 2
_FEATURES_PER_SECOND = 150.0
"""Pictures that a small frozen backbone sees a second, decoding included."""
_HEAD_ROWS_PER_SECOND = 30_000.0
_FINE_PICTURES_PER_SECOND = 15.0
"""When all layers of a small backbone are trained, at 224 px."""
_SCRATCH_PICTURES_PER_SECOND = 46.0
_SCRATCH_BFLOAT16_PICTURES_PER_SECOND = 75.0
"""Of the classic network at 224 px."""
_FORWARD_SHARE = 1 / 3
"""Asking takes about a third of what learning takes."""
_STARTING_S = 8.0
_SAVING_S = 2.0
"""A small backbone with its classifier is written, read and asked again."""
_USUAL_SIZE_PX = 224


def expected_seconds(
    config: RunConfig,
    counts: Mapping[Split, int],
    class_count: int,
    cached_share: float = 0.0,
    runs: Sequence[Run] = (),
    device: DeviceReport | None = None,
) -> float | None:
    """Return about how long a training takes in seconds, if all its epochs are run.

    Args:
        config: what it is to be trained with.
        counts: pictures by part.
        class_count: how many classes take part.
        cached_share: of the pictures, 0 to 1, whose features are known already.
        runs: earlier ones of this computer, newest first.
        device: what is computed on, where that is known.

    Returns:
        None where nothing is known: no run to go by, and no processor that there are rates for.
    """
    here = [run for run in runs if device is None or run.device == device.words]
    footing = training_preset(config.preset).footing
    if footing == "features":
        return _on_features(config, counts, cached_share, device)
    rate = _measured_rate(config, class_count, here) or _reference_rate(config, class_count, device)
    if rate is None or rate <= 0:
        return None
    training = config.training
    looks = counts.get("train", 0) + _FORWARD_SHARE * counts.get("validation", 0)
    asked = _FORWARD_SHARE * (counts.get("validation", 0) + counts.get("test", 0))
    return _STARTING_S + (training.epochs * looks + asked) / rate


def expected_search_seconds(
    config: RunConfig,
    counts: Mapping[Split, int],
    variant_count: int,
    cached_share: float = 0.0,
    device: DeviceReport | None = None,
) -> float | None:
    """Return about how long a search over `variant_count` settings takes, as `expected_seconds`."""
    fast = as_fast_start(config)
    once = _on_features(fast, counts, cached_share, device)
    head = _on_features(fast, counts, 1.0, device)
    if once is None or head is None:
        return None
    return once + (variant_count - 1) * (head - _STARTING_S) + variant_count * _SAVING_S


def forecast_words(seconds: float | None) -> str:
    """Return "about 30 s on this computer", "about 25 min on this computer"; "" for None."""
    if seconds is None:
        return ""
    if seconds < 55:
        return f"about {max(5, 5 * round(seconds / 5))} s on this computer"
    minutes = max(1, round(seconds / 60))
    if minutes > 20:
        minutes = 5 * round(minutes / 5)
    if minutes < 60:
        return f"about {minutes} min on this computer"
    hours, rest = divmod(15 * round(minutes / 15), 60)
    return f"about {hours} h{f' {rest} min' if rest and hours < 5 else ''} on this computer"


def _on_features(
    config: RunConfig,
    counts: Mapping[Split, int],
    cached_share: float,
    device: DeviceReport | None,
) -> float | None:
    if device is None or device.gpus:
        return None
    total = sum(counts.values())
    looks = total + counts.get("train", 0) * config.transfer.variants
    rows = counts.get("train", 0) * (1 + config.transfer.variants)
    speed = device.cpu_cores / _REFERENCE_CORES
    return (
        _STARTING_S
        + (1 - min(max(cached_share, 0.0), 1.0)) * looks / (_FEATURES_PER_SECOND * speed)
        + config.training.epochs * rows / _HEAD_ROWS_PER_SECOND
    )


def _measured_rate(config: RunConfig, class_count: int, runs: Sequence[Run]) -> float | None:
    """Pictures a second from the newest run of this way of training at this size and precision."""
    for run in runs:
        training, before = config.training, run.config.training
        if (
            run.config.preset == config.preset
            and before.image_size == training.image_size
            and before.precision == training.precision
            and run.config.transfer.backbone == config.transfer.backbone
            and run.images_per_second > 0
        ):
            ratio = _work(run.config, len(run.class_names)), _work(config, class_count)
            return run.images_per_second * ratio[0] / ratio[1] if all(ratio) else None
    return None


def _reference_rate(
    config: RunConfig, class_count: int, device: DeviceReport | None
) -> float | None:
    if device is None or device.gpus:
        return None
    speed = device.cpu_cores / _REFERENCE_CORES
    work = _work(config, class_count)
    if not work:
        return None
    if training_preset(config.preset).footing == "fine-tuning":
        return _FINE_PICTURES_PER_SECOND * speed * 3 * _USUAL_SIZE_PX**2 / work
    is_bfloat16 = device.has_bfloat16 and config.training.precision == "auto"
    rate = _SCRATCH_BFLOAT16_PICTURES_PER_SECOND if is_bfloat16 else _SCRATCH_PICTURES_PER_SECOND
    return rate * speed * network_work(NetworkConfig(), _USUAL_SIZE_PX, 10) / work


def _work(config: RunConfig, class_count: int) -> float:
    """What one picture takes, in units that only compare runs of one way of training; 0 unknown."""
    if training_preset(config.preset).footing == "fine-tuning":
        # One pass forward, and two back through the part that is trained.
        return (1 + 2 * config.transfer.trained_share) * config.training.image_size**2
    try:
        return network_work(config.network, config.training.image_size, max(class_count, 2))
    except StudioError:
        return 0.0


def network_work(network: NetworkConfig, size_px: int, class_count: int) -> float:
    """Return about how many multiplications one picture takes: weights times places they are at.

    Raises:
        StudioError: the network does not fit the picture size.
    """
    work = 0.0
    for row in layer_table(network, size_px, class_count):
        places = 1
        for side in row.output_shape[:-1]:
            places *= side
        work += row.parameters * places
    return work
