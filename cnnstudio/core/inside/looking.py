"""Looking at one picture, and at the first filters, through the layers of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.inside.epochs import SeenEpochs, weights_at
from cnnstudio.core.inside.maps import ShownMaps, filter_pictures, strongest_first
from cnnstudio.core.runs import Run

MOST_MAPS = 256


@dataclass(frozen=True, eq=False)
class ShownFilters:
    """The filters of the first convolution as pictures, shape (n, k, k, 3).

    `fresh` are those that the training began with, None where these were not kept; `moved` is how
    far it has brought them, as a share of their length.
    """

    layer: str
    trained: Pictures
    fresh: Pictures | None = None
    moved: float = 0.0


def look_at_layer(
    engine: Engine,
    run: Run,
    file: Path,
    layer: str,
    epoch: int | None = None,
    channels: Sequence[int] = (),
    *,
    are_shares: bool = False,
) -> ShownMaps:
    """Return the strongest channels of a layer for a picture, as it was at an epoch that was kept.

    Where `channels` are named, it is those: a channel stays where it is while epochs change. Values
    that `are_shares` are drawn from 0 to 1.

    Raises:
        StudioError: the picture cannot be read, or the engine refuses.
    """
    settings = run.config.training
    picture = read_array(file, settings.image_size, settings.resize_mode)
    maps = engine.feature_maps(run.model_file, picture, layer, weights_at(run, epoch))
    return strongest_first(picture, maps, MOST_MAPS, channels, are_shares=are_shares)


def look_at_filters(
    engine: Engine, run: Run, seen: SeenEpochs, epoch: int | None = None
) -> ShownFilters | None:
    """Return the first filters of a run; None where its first layer looks at no colours.

    Args:
        engine: what computes.
        run: whose.
        seen: what `seen_epochs` said of the run.
        epoch: one of those; None for the network as it was kept.

    Raises:
        StudioError: the engine refuses.
    """
    then = engine.first_filters(run.model_file, weights_at(run, epoch))
    if then is None:
        return None
    pictures = filter_pictures(then.values)
    if 0 not in seen.epochs:
        return ShownFilters(then.layer, pictures)
    began = engine.first_filters(run.model_file, weights_at(run, 0))
    assert began is not None, "a network has no other layers at another epoch"
    way = float(np.linalg.norm(then.values - began.values))
    moved = way / max(float(np.linalg.norm(began.values)), 1e-9)
    return ShownFilters(then.layer, pictures, filter_pictures(began.values), moved)
