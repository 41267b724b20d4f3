"""What a training is to do: the settings of a project, copied into each of its runs.

Start at `RunConfig`. Every value is frozen; change one with `dataclasses.replace`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cnnstudio.core.catalog.backbones import BACKBONES, DEFAULT_BACKBONE
from cnnstudio.core.parameters import (
    Parameter,
    from_dict,
    parameters_of,
    setting,
    to_dict,
    with_setting,
)

__all__ = [
    "TUTORIAL_AUGMENTATION",
    "AugmentationConfig",
    "ConvBlock",
    "FillMode",
    "NetworkConfig",
    "Parameter",
    "ResizeMode",
    "RunConfig",
    "TrainingConfig",
    "TransferConfig",
    "from_dict",
    "parameters_of",
    "setting",
    "to_dict",
    "with_setting",
]

FillMode = Literal["nearest", "reflect", "wrap", "constant"]
ResizeMode = Literal["crop", "pad", "stretch"]


@dataclass(frozen=True)
class AugmentationConfig:
    """Random changes of training pictures; the default changes nothing."""

    rotation: float = setting(
        0.0,
        "Rotation",
        minimum=0,
        maximum=180,
        step=1,
        unit="°",
        help="Turned by up to this angle, either way.",
    )
    width_shift: float = setting(
        0.0,
        "Width shift",
        minimum=0,
        maximum=1,
        step=0.01,
        scale="percent",
        help="Moved left or right by up to this share of the width.",
    )
    height_shift: float = setting(
        0.0,
        "Height shift",
        minimum=0,
        maximum=1,
        step=0.01,
        scale="percent",
        help="Moved up or down by up to this share of the height.",
    )
    zoom: float = setting(
        0.0,
        "Zoom",
        minimum=0,
        maximum=0.9,
        step=0.01,
        scale="percent",
        help="Made larger or smaller by up to this share.",
    )
    shear: float = setting(
        0.0,
        "Shear",
        minimum=0,
        maximum=1,
        step=0.01,
        scale="percent",
        help="Slanted: the top moves sideways by up to this share of the height.",
    )
    brightness: float = setting(
        0.0,
        "Brightness",
        minimum=0,
        maximum=1,
        step=0.01,
        scale="percent",
        help="Made lighter or darker by up to this share of full white.",
    )
    contrast: float = setting(
        0.0,
        "Contrast",
        minimum=0,
        maximum=1,
        step=0.01,
        scale="percent",
        help="Contrast raised or lowered by up to this share.",
    )
    horizontal_flip: bool = setting(
        False, "Horizontal flip", help="Half of the samples are mirrored left to right."
    )
    vertical_flip: bool = setting(
        False, "Vertical flip", help="Half of the samples are mirrored top to bottom."
    )
    fill_mode: FillMode = setting(
        "nearest",
        "Fill empty edges with",
        choices=(
            ("nearest", "the nearest pixel"),
            ("reflect", "a mirror image"),
            ("wrap", "the opposite side"),
            ("constant", "black"),
        ),
        help="What is shown where a moved picture leaves an empty edge.",
    )


@dataclass(frozen=True)
class ConvBlock:
    """Convolutions, followed by their pooling: one, or two with a shortcut around them.

    A residual block ("Deep residual learning", He et al. 2015) always keeps its convolutions'
    "same" padding: what goes around them must fit what comes out of them.
    """

    filters: int = setting(32, "Filters", minimum=1, maximum=2048)
    kernel_size: int = setting(3, "Kernel", minimum=1, maximum=15)
    stride: int = setting(1, "Stride", minimum=1, maximum=8)
    padding: Literal["valid", "same"] = setting(
        "valid", "Padding", choices=(("valid", "none"), ("same", "same"))
    )
    activation: Literal["relu", "elu", "gelu", "tanh", "sigmoid", "linear"] = setting(
        "relu",
        "Activation",
        choices=(
            ("relu", "relu"),
            ("elu", "elu"),
            ("gelu", "gelu"),
            ("tanh", "tanh"),
            ("sigmoid", "sigmoid"),
            ("linear", "none"),
        ),
    )
    pooling: Literal["max", "average", "none"] = setting(
        "max", "Pooling", choices=(("max", "max"), ("average", "average"), ("none", "none"))
    )
    pool_size: int = setting(
        2, "Size", minimum=1, maximum=8, help="Side of the squares that pooling makes one value."
    )
    kind: Literal["plain", "residual"] = setting(
        "plain",
        "Kind",
        choices=(("plain", "plain"), ("residual", "residual")),
        help="Plain is one convolution; residual is two, whose result is added to what came in.",
    )


@dataclass(frozen=True)
class NetworkConfig:
    """A convolutional network: blocks, their summary, one dense layer, dropout, softmax.

    The default is the field's standard first network (22,247,242 parameters at 224x224x3 and
    10 classes).
    """

    blocks: tuple[ConvBlock, ...] = (ConvBlock(32), ConvBlock(64), ConvBlock(128))
    normalises: bool = setting(
        False,
        "Normalise after convolutions",
        help="Batch normalisation brings what each filter gives to a common scale: the network"
        " learns faster, and from larger steps.",
    )
    summary: Literal["flatten", "average"] = setting(
        "flatten",
        "After the last block",
        choices=(
            ("flatten", "every place counts by itself"),
            ("average", "the mean over all places"),
        ),
        help="The mean needs far fewer weights, so that it learns more from few pictures; every"
        " place by itself tells where in the picture something is.",
    )
    dense_units: int = setting(
        256, "Dense units", minimum=0, maximum=8192, help="0 leaves the dense layer out."
    )
    dropout: float = setting(
        0.5,
        "Dropout",
        minimum=0,
        maximum=0.95,
        step=0.05,
        scale="percent",
        help="Share of what the last layer gets, switched off at random in training.",
    )


@dataclass(frozen=True)
class TrainingConfig:
    """How the network is trained and on which part of the pictures."""

    epochs: int = setting(
        20, "Epochs", minimum=1, maximum=1000, help="How often every picture is seen."
    )
    batch_size: int = setting(
        32, "Batch size", minimum=1, maximum=1024, help="Pictures in one step of learning."
    )
    learning_rate: float = setting(
        0.001,
        "Learning rate",
        minimum=1e-6,
        maximum=1,
        step=0.0001,
        scale="log",
        help="How far each step moves the weights.",
    )
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = setting(
        "adam",
        "Optimiser",
        choices=(
            ("adam", "Adam"),
            ("adamw", "AdamW"),
            ("sgd", "SGD with momentum"),
            ("rmsprop", "RMSprop"),
        ),
    )
    image_size: int = setting(
        224,
        "Picture size",
        minimum=8,
        maximum=1024,
        unit="px",
        help="Every picture is brought to this width and height for the network.",
    )
    resize_mode: ResizeMode = setting(
        "crop",
        "Fit pictures by",
        choices=(
            ("crop", "cropping to the centre"),
            ("pad", "padding the short side"),
            ("stretch", "stretching"),
        ),
    )
    seed: int = setting(
        0,
        "Seed",
        minimum=0,
        maximum=2**31 - 1,
        help="The same seed repeats the same split, first weights and augmented samples.",
    )
    validation_share: float = setting(
        0.15,
        "Validation share",
        minimum=0.02,
        maximum=0.45,
        step=0.01,
        scale="percent",
        help="Pictures that choose the best epoch.",
    )
    test_share: float = setting(
        0.15,
        "Test share",
        minimum=0.0,
        maximum=0.45,
        step=0.01,
        scale="percent",
        help="Pictures kept apart for the final figure.",
    )
    balance_classes: bool = setting(
        True,
        "Balance classes",
        help="Pictures of small classes count more, so that no class is neglected.",
    )
    patience: int = setting(
        8,
        "Patience",
        minimum=0,
        maximum=1000,
        unit="epochs",
        help="Stops by itself when that many epochs brought nothing better; 0 never does.",
    )
    schedule: Literal["constant", "cosine"] = setting(
        "constant",
        "Learning rate over time",
        choices=(("constant", "stays the same"), ("cosine", "falls smoothly to nothing")),
        help="Smaller steps towards the end settle what was learned.",
    )
    warmup_epochs: float = setting(
        0.0,
        "Warm-up",
        minimum=0,
        maximum=50,
        step=0.5,
        unit="epochs",
        help="The learning rate rises from nothing for so long, which keeps the first steps calm.",
    )
    weight_decay: float = setting(
        0.004,
        "Weight decay",
        minimum=0,
        maximum=0.5,
        step=0.001,
        scale="log",
        help="AdamW shrinks weights by this much a step, times the learning rate.",
    )
    label_smoothing: float = setting(
        0.0,
        "Label smoothing",
        minimum=0,
        maximum=0.5,
        step=0.01,
        scale="percent",
        help="How much doubt is mixed into every label, so that the network is not too sure.",
    )
    average_weights: bool = setting(
        False,
        "Average the weights",
        help="What is kept is the mean of the weights over the last steps, which is steadier.",
    )
    is_deterministic: bool = setting(
        False,
        "Repeat exactly",
        help="The same seed gives the same curve to the last digit; somewhat slower.",
    )
    write_tensorboard: bool = setting(
        False,
        "TensorBoard files",
        help="Writes the curves as event files into the run's folder, for TensorBoard.",
    )
    precision: Literal["auto", "float32"] = setting(
        "auto",
        "Precision",
        choices=(("auto", "automatic"), ("float32", "float32")),
        help="Automatic uses 16-bit numbers where this computer is faster with them.",
    )


@dataclass(frozen=True)
class TransferConfig:
    """How a pretrained network, the backbone, is put to use; the presets from scratch use none."""

    backbone: str = setting(
        DEFAULT_BACKBONE.key,
        "Backbone",
        choices=tuple((each.key, each.label) for each in BACKBONES),
        help="The network that already knows pictures.",
    )
    variants: int = setting(
        0,
        "Augmented variants",
        minimum=0,
        maximum=8,
        help="Fast start looks at each training picture this many times more, augmented.",
    )
    trained_share: float = setting(
        1.0,
        "Trained part",
        minimum=0.05,
        maximum=1,
        step=0.05,
        scale="percent",
        help="Fine-tuning changes this share of the backbone's layers, the last ones.",
    )
    earlier_rate: float = setting(
        1.0,
        "Learning rate of early layers",
        minimum=0.01,
        maximum=1,
        step=0.01,
        scale="percent",
        help="Share of the learning rate that the first trained layer gets; later ones get more.",
    )
    dropout: float = setting(
        0.2,
        "Dropout",
        minimum=0,
        maximum=0.95,
        step=0.05,
        scale="percent",
        help="Share of the features switched off at random in training.",
    )

    def kept_layers(self, count: int) -> int:
        """Return how many of a backbone's `count` layers with weights fine-tuning leaves alone.

        It is the first ones; the last one is always trained.
        """
        return count - max(1, round(self.trained_share * count))


TUTORIAL_AUGMENTATION = AugmentationConfig(
    rotation=20, width_shift=0.2, height_shift=0.2, horizontal_flip=True
)
"""The standard first choice, and that of every new project."""


@dataclass(frozen=True)
class RunConfig:
    """All that decides what a run does, apart from the pictures."""

    preset: str = "classic"
    network: NetworkConfig = field(default_factory=NetworkConfig)
    augmentation: AugmentationConfig = TUTORIAL_AUGMENTATION
    training: TrainingConfig = field(default_factory=TrainingConfig)
    transfer: TransferConfig = field(default_factory=TransferConfig)
