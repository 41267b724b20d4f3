"""Output shapes and parameter counts of a network, without building it.

Plain arithmetic (the formulas are those of Keras' Conv2D, pooling and Dense layers), so the layer
table follows every change at once. `engine/network.py` builds the same layers; a test holds the two
together.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.config import ConvBlock, NetworkConfig
from cnnstudio.core.errors import StudioError

CHANNELS = 3
MAXIMUM_PARAMETERS = 400_000_000


@dataclass(frozen=True)
class LayerRow:
    """One layer: its name and kind, what it gives out (without the batch), its weights.

    `block` is the place of the convolution block it belongs to, counted from 0, or None.
    """

    name: str
    kind: str
    detail: str
    output_shape: tuple[int, ...]
    parameters: int
    block: int | None = None


def layer_table(network: NetworkConfig, image_size: int, class_count: int) -> list[LayerRow]:
    """Return the layers in order, for square pictures of `image_size` px with 3 channels.

    Raises:
        StudioError: a picture becomes too small for a layer, or the network too large to train.
    """
    side, channels = image_size, CHANNELS
    rows = [LayerRow("scale", "Rescaling", "1/255", (side, side, channels), 0)]
    for place, block in enumerate(network.blocks):
        name = f"conv_{place + 1}"
        side = _convolved(side, block, place)
        parameters = (block.kernel_size**2 * channels + 1) * block.filters
        channels = block.filters
        detail = f"{block.filters} filters {block.kernel_size}x{block.kernel_size}"
        if block.stride > 1:
            detail += f", stride {block.stride}"
        if block.padding == "same":
            detail += ", same size"
        detail += f", {block.activation}"
        rows.append(LayerRow(name, "Conv2D", detail, (side, side, channels), parameters, place))
        if block.pooling != "none":
            if side < block.pool_size:
                raise _too_small(side, f"after convolution {place + 1}", "remove its pooling")
            side //= block.pool_size
            kind = "MaxPooling2D" if block.pooling == "max" else "AveragePooling2D"
            pool = f"{block.pool_size}x{block.pool_size}"
            rows.append(LayerRow(f"pool_{place + 1}", kind, pool, (side, side, channels), 0, place))
    width = side * side * channels
    rows.append(LayerRow("flatten", "Flatten", "", (width,), 0))
    if network.dense_units:
        parameters = (width + 1) * network.dense_units
        width = network.dense_units
        rows.append(LayerRow("dense", "Dense", f"{width} units, relu", (width,), parameters))
    if network.dropout:
        rows.append(LayerRow("dropout", "Dropout", f"{network.dropout:.0%}", (width,), 0))
    parameters = (width + 1) * class_count
    rows.append(
        LayerRow("classes", "Dense", f"{class_count} classes, softmax", (class_count,), parameters)
    )
    total = parameter_count(rows)
    if total > MAXIMUM_PARAMETERS:
        raise StudioError(
            f"This network has {total:,} weights; more than {MAXIMUM_PARAMETERS:,} cannot be"
            " trained on an ordinary computer.",
            "Add a pooling, or take fewer filters or dense units.",
        )
    return rows


def parameter_count(rows: list[LayerRow]) -> int:
    """Return the number of weights of all layers together."""
    return sum(row.parameters for row in rows)


def _convolved(side: int, block: ConvBlock, place: int) -> int:
    if block.padding == "same":
        return -(-side // block.stride)
    if side < block.kernel_size:
        where = f"after block {place}" if place else "at the start"
        raise _too_small(
            side, where, "remove a pooling" if place else "take larger pictures or a smaller kernel"
        )
    return (side - block.kernel_size) // block.stride + 1


def _too_small(side: int, where: str, advice: str) -> StudioError:
    return StudioError(f"The picture is only {side}x{side} {where}: {advice}.")
