"""Looking at one picture, and at the first filters, through the layers of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.engine_api import Engine, Pictures
from cnnstudio.core.inside.maps import ShownMaps, filter_pictures, strongest_first
from cnnstudio.core.runs import Run

MOST_MAPS = 256


@dataclass(frozen=True, eq=False)
class ShownFilters:
    """The filters of the first convolution as pictures, shape (n, k, k, 3).

    `fresh` are those that the training of a network from scratch began with, None otherwise;
    `moved` is how far it has brought them, as a share of their length.
    """

    layer: str
    trained: Pictures
    fresh: Pictures | None = None
    moved: float = 0.0


def look_at_layer(engine: Engine, run: Run, file: Path, layer: str) -> ShownMaps:
    """Return the strongest channels of a layer for a picture.

    Raises:
        StudioError: the picture cannot be read, or the engine refuses.
    """
    settings = run.config.training
    picture = read_array(file, settings.image_size, settings.resize_mode)
    return strongest_first(picture, engine.feature_maps(run.model_file, picture, layer), MOST_MAPS)


def look_at_filters(engine: Engine, run: Run) -> ShownFilters | None:
    """Return the first filters of a run; None where its first layer looks at no colours.

    Raises:
        StudioError: the engine refuses.
    """
    trained = engine.first_filters(run.model_file)
    if trained is None:
        return None
    pictures = filter_pictures(trained.values)
    if training_preset(run.config.preset).footing == "scratch":
        began = engine.fresh_filters(run.config, len(run.class_names))
        if began is not None and began.values.shape == trained.values.shape:
            way = float(np.linalg.norm(trained.values - began.values))
            moved = way / max(float(np.linalg.norm(began.values)), 1e-9)
            return ShownFilters(trained.layer, pictures, filter_pictures(began.values), moved)
    return ShownFilters(trained.layer, pictures)
