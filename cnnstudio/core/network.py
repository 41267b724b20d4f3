"""Layers, output shapes and parameter counts of a network, without building it.

Plain arithmetic (the formulas are those of Keras' layers), so the layer table follows every change
at once. `engine/network.py` builds what stands in the rows; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cnnstudio.core.config import ConvBlock, NetworkConfig
from cnnstudio.core.errors import StudioError

CHANNELS = 3
MAXIMUM_PARAMETERS = 400_000_000

# Keras' own momentum of 0.99 needs some hundred steps before the mean and spread it has gathered
# are those of the pictures; a small set has had twenty epochs by then, all of them misjudged.
_NORMALISATION_MOMENTUM = 0.9


@dataclass(frozen=True)
class LayerRow:
    """One layer: its name and kind, what it gives out (without the batch), its weights.

    `block` is the place of the convolution block it belongs to, counted from 0, or None. `takes`
    names the layers whose output it takes in; none are named where that is the row above.
    `arguments` are those of the Keras layer that `kind` names.
    """

    name: str
    kind: str
    detail: str
    output_shape: tuple[int, ...]
    parameters: int
    block: int | None = None
    takes: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)


def layer_table(network: NetworkConfig, image_size: int, class_count: int) -> list[LayerRow]:
    """Return the layers in order, for square pictures of `image_size` px with 3 channels.

    Raises:
        StudioError: a picture becomes too small for a layer, or the network too large to train.
    """
    rows = _Rows(image_size, network.normalises)
    rows.add("scale", "Rescaling", "1/255", scale=1 / 255)
    for place, block in enumerate(network.blocks):
        rows.block = place
        if block.kind == "residual":
            _add_residual(rows, block)
        else:
            rows.add_convolution(f"{rows.number}", block, block.activation)
        _add_pooling(rows, block)
    rows.block = None
    if network.summary == "average":
        rows.shape = rows.shape[-1:]
        rows.add("average", "GlobalAveragePooling2D", "")
    else:
        side, _, channels = rows.shape
        rows.shape = (side * side * channels,)
        rows.add("flatten", "Flatten", "")
    if network.dense_units:
        rows.add_dense("dense", network.dense_units, "units", "relu")
    if network.dropout:
        rows.add("dropout", "Dropout", f"{network.dropout:.0%}", rate=network.dropout)
    rows.add_dense("classes", class_count, "classes", "softmax")
    total = parameter_count(rows.rows)
    if total > MAXIMUM_PARAMETERS:
        raise StudioError(
            f"This network has {total:,} weights; more than {MAXIMUM_PARAMETERS:,} cannot be"
            " trained on an ordinary computer.",
            "Add a pooling, or take fewer filters or dense units.",
        )
    return rows.rows


def parameter_count(rows: list[LayerRow]) -> int:
    """Return the number of weights of all layers together."""
    return sum(row.parameters for row in rows)


class _Rows:
    """The rows so far, and the shape that the last of them gives out."""

    def __init__(self, image_size: int, normalises: bool) -> None:
        self.rows: list[LayerRow] = []
        self.shape: tuple[int, ...] = (image_size, image_size, CHANNELS)
        self.block: int | None = None
        self.normalises = normalises

    @property
    def last(self) -> str:
        """The name of the last row."""
        return self.rows[-1].name

    @property
    def number(self) -> int:
        """The number of the running block, counted from 1."""
        return (self.block or 0) + 1

    def add(
        self,
        name: str,
        kind: str,
        detail: str,
        parameters: int = 0,
        takes: tuple[str, ...] = (),
        **arguments: Any,
    ) -> None:
        """Add a row that gives out the shape as it is now."""
        self.rows.append(
            LayerRow(name, kind, detail, self.shape, parameters, self.block, takes, arguments)
        )

    def add_dense(self, name: str, units: int, words: str, activation: str) -> None:
        """Add a dense layer."""
        parameters = (self.shape[0] + 1) * units
        self.shape = (units,)
        detail = f"{units} {words}, {activation}"
        self.add(name, "Dense", detail, parameters, units=units, activation=activation)

    def add_convolution(
        self, name: str, block: ConvBlock, activation: str, takes: tuple[str, ...] = ()
    ) -> None:
        """Add the convolution of a block, with its normalisation."""
        side, _, channels = self.shape
        side = _convolved(side, block, self.number)
        self.shape = (side, side, block.filters)
        weights = block.kernel_size**2 * channels * block.filters
        size = f"{block.kernel_size} × {block.kernel_size}"
        detail = f"{block.filters} {'filter' if block.filters == 1 else 'filters'} {size}"
        if block.stride > 1:
            detail += f", stride {block.stride}"
        if block.padding == "same":
            detail += ", same size"
        if not self.normalises:
            detail += f", {activation}"
        self.add(
            f"conv_{name}",
            "Conv2D",
            detail,
            # Normalisation takes the mean away: a bias would be lost in it.
            weights + (0 if self.normalises else block.filters),
            takes,
            filters=block.filters,
            kernel_size=block.kernel_size,
            strides=block.stride,
            padding=block.padding,
            use_bias=not self.normalises,
            activation="linear" if self.normalises else activation,
        )
        if self.normalises:
            self.add(
                f"norm_{name}",
                "BatchNormalization",
                "mean and spread of each filter",
                4 * block.filters,
                momentum=_NORMALISATION_MOMENTUM,
            )
            self.add_activation(name, activation)

    def add_activation(self, name: str, activation: str) -> None:
        """Add an activation where there is one."""
        if activation != "linear":
            self.add(f"act_{name}", "Activation", activation, activation=activation)


def _add_residual(rows: _Rows, block: ConvBlock) -> None:
    number, given, given_shape = rows.number, rows.last, rows.shape
    first = replace(block, padding="same")
    rows.add_convolution(f"{number}a", first, block.activation)
    rows.add_convolution(f"{number}b", replace(first, stride=1), "linear")
    result, shape = rows.last, rows.shape
    if given_shape != shape:
        rows.shape = given_shape
        around = replace(first, kernel_size=1)
        rows.add_convolution(f"{number}_around", around, "linear", (given,))
        given = rows.last
    rows.add(f"add_{number}", "Add", "what came in", takes=(result, given))
    rows.add_activation(f"{number}", block.activation)


def _add_pooling(rows: _Rows, block: ConvBlock) -> None:
    if block.pooling == "none":
        return
    side, _, channels = rows.shape
    if side < block.pool_size:
        raise _too_small(side, f"after convolution {rows.number}", "remove its pooling")
    side //= block.pool_size
    rows.shape = (side, side, channels)
    kind = "MaxPooling2D" if block.pooling == "max" else "AveragePooling2D"
    pool = f"{block.pool_size} × {block.pool_size}"
    rows.add(f"pool_{rows.number}", kind, pool, pool_size=block.pool_size)


def _convolved(side: int, block: ConvBlock, number: int) -> int:
    if block.padding == "same":
        return -(-side // block.stride)
    if side < block.kernel_size:
        where = f"after block {number - 1}" if number > 1 else "at the start"
        advice = "remove a pooling" if number > 1 else "take larger pictures or a smaller kernel"
        raise _too_small(side, where, advice)
    return (side - block.kernel_size) // block.stride + 1


def _too_small(side: int, where: str, advice: str) -> StudioError:
    return StudioError(f"The picture is only {side} × {side} {where}: {advice}.")
