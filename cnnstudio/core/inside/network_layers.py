"""The layers of a network as people look at them: shapes, weights, memory, multiplications.

Those of a trained network are read from its model by the engine; those of a network that is still
being designed follow from `core.network.layer_table`, or with a backbone from `pretrained_layers`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cnnstudio.core.network import LayerRow

HEAVY_SHARE = 0.9
"""A layer with more of all weights than that is worth a warning."""

Depth = Literal["early", "middle", "deep", "end"]
"""Where a layer lies; "end" is after the last maps, where numbers have no place any more."""

_BYTES_PER_VALUE = 4
# Blocks as EfficientNet-Lite and `keras.applications` name them, and as `core.network` does, whose
# names also occur outside of the blocks of the others.
_BLOCKS = (
    re.compile(
        r"(.*stage_\d+_block_\d+|conv\d+_block\d+|blocks?_\d+|block\d+[a-z]|expanded_conv(?:_\d+)?)_"
    ),
    re.compile(r"(?:conv|norm|act|pool|add)_(\d+)(?:[ab]|_around)?$"),
)


@dataclass(frozen=True)
class NetworkLayer:
    """One layer, and what it takes for one picture.

    `kind` is the name of its Keras class, `detail` says its settings in a few words, "" for none.
    `output_shape` is that for one picture, (height, width, channels) or (values,).
    `multiplications` are those of convolutions and dense layers, each with an addition; what the
    other kinds take is little beside them and not counted. Of its `parameters`, those that came
    with a pretrained network and are not trained here are `kept`.
    """

    name: str
    kind: str
    detail: str
    output_shape: tuple[int, ...]
    parameters: int
    multiplications: int
    kept: int = 0

    @property
    def memory_bytes(self) -> int:
        """What its output takes for one picture, in 32 bits a value."""
        return math.prod(self.output_shape) * _BYTES_PER_VALUE

    @property
    def is_kept(self) -> bool:
        """Whether it has weights and all of them are kept."""
        return 0 < self.parameters == self.kept

    @property
    def channels(self) -> int:
        """How many maps it gives; for a layer without places, how many values."""
        return self.output_shape[-1]


@dataclass(frozen=True)
class LayerGroup:
    """Layers that belong together, such as a block."""

    title: str
    layers: tuple[NetworkLayer, ...]

    @property
    def parameters(self) -> int:
        """The weights of all of them."""
        return sum(each.parameters for each in self.layers)

    @property
    def kept(self) -> int:
        """Those of them that are not trained here."""
        return sum(each.kept for each in self.layers)

    @property
    def memory_bytes(self) -> int:
        """The outputs of all of them, for one picture."""
        return sum(each.memory_bytes for each in self.layers)

    @property
    def multiplications(self) -> int:
        """The multiplications of all of them, for one picture."""
        return sum(each.multiplications for each in self.layers)


def multiplications(kernel_weights: int, output_shape: Sequence[int]) -> int:
    """Return how many multiplications a convolution or a dense layer takes for one picture.

    Each weight of its kernel, biases left out, is multiplied once at each place of its output: for
    a convolution that is k x k x channels in x channels out x height x width.
    """
    return kernel_weights * math.prod(output_shape[:-1])


def layers_of_table(rows: Sequence[LayerRow]) -> tuple[NetworkLayer, ...]:
    """Return the layers of a network that is not built yet."""
    return tuple(
        NetworkLayer(
            row.name,
            row.kind,
            row.detail,
            row.output_shape,
            row.parameters,
            multiplications(_kernel_weights(row), row.output_shape),
        )
        for row in rows
    )


def grouped(layers: Sequence[NetworkLayer]) -> tuple[LayerGroup, ...]:
    """Return the layers by block, numbered from 1, with what comes before and after the blocks.

    A network without blocks is one group.
    """
    named = next(
        (each for each in _BLOCKS if any(each.match(layer.name) for layer in layers)), _BLOCKS[0]
    )
    blocks: dict[str, list[NetworkLayer]] = {}
    before: list[NetworkLayer] = []
    after: list[NetworkLayer] = []
    for layer in layers:
        found = named.match(layer.name)
        if found:
            # Keras sorts the ways around a block as it likes: a block need not be in one piece.
            blocks.setdefault(found[1], []).append(layer)
        else:
            (after if blocks else before).append(layer)
    if not blocks:
        return (LayerGroup("Layers", tuple(before)),)
    groups = [("Input", before)]
    groups += [(f"Block {number}", block) for number, block in enumerate(blocks.values(), 1)]
    groups += [("Answer", after)]
    return tuple(LayerGroup(title, tuple(members)) for title, members in groups if members)


def heavy_layer(layers: Sequence[NetworkLayer]) -> NetworkLayer | None:
    """Return the layer that holds over nine tenths of all weights, None where none does.

    The layer with the answers is none: in a network without others it has to hold all. Nor is one
    that is kept, which learns nothing by heart.
    """
    total = sum(each.parameters for each in layers)
    for layer in layers[:-1]:
        if layer.parameters > HEAVY_SHARE * total and not layer.is_kept:
            return layer
    return None


def depths_of(layers: Sequence[NetworkLayer]) -> tuple[Depth, ...]:
    """Return where each layer lies: those with maps by thirds, then those after the last map."""
    with_maps = [place for place, each in enumerate(layers) if len(each.output_shape) == 3]
    count = with_maps[-1] + 1 if with_maps else 0
    return tuple(_depth(place, count) for place in range(len(layers)))


def _depth(place: int, count: int) -> Depth:
    if place >= count:
        return "end"
    if 3 * place < count:
        return "early"
    return "middle" if 3 * place < 2 * count else "deep"


def _kernel_weights(row: LayerRow) -> int:
    if row.kind == "Conv2D":
        return row.parameters - (row.output_shape[-1] if row.arguments.get("use_bias") else 0)
    return row.parameters - row.output_shape[-1] if row.kind == "Dense" else 0
