"""How the values of a picture may go into a network that was made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.errors import StudioError

Three = tuple[float, float, float]

# What most networks were trained with that began with ImageNet in PyTorch: red, green, blue.
_MEANS: Three = (0.485, 0.456, 0.406)
_DEVIATIONS: Three = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Scaling:
    """One way: a value v, 0 to 255, goes in as `v * factor + offset`, for red, green and blue."""

    key: str
    label: str
    help: str
    factor: Three
    offset: Three


SCALINGS = (
    Scaling(
        "0..255",
        "0 to 255, as they are",
        "Networks that scale inside, such as those of CNN Studio and Keras' EfficientNet.",
        (1.0, 1.0, 1.0),
        (0.0, 0.0, 0.0),
    ),
    Scaling(
        "0..1",
        "0 to 1",
        "Divided by 255: networks from most tutorials.",
        (1 / 255, 1 / 255, 1 / 255),
        (0.0, 0.0, 0.0),
    ),
    Scaling(
        "-1..1",
        "−1 to 1",
        "Keras' MobileNet, Inception and Xception, and Teachable Machine.",
        (1 / 127.5, 1 / 127.5, 1 / 127.5),
        (-1.0, -1.0, -1.0),
    ),
    Scaling(
        "imagenet",
        "ImageNet mean and deviation",
        "Each colour minus its mean on ImageNet, divided by its deviation: networks from PyTorch.",
        (
            1 / (255 * _DEVIATIONS[0]),
            1 / (255 * _DEVIATIONS[1]),
            1 / (255 * _DEVIATIONS[2]),
        ),
        (
            -_MEANS[0] / _DEVIATIONS[0],
            -_MEANS[1] / _DEVIATIONS[1],
            -_MEANS[2] / _DEVIATIONS[2],
        ),
    ),
)


def scaling_of(key: str) -> Scaling:
    """Return the scaling of that name.

    Raises:
        StudioError: there is none.
    """
    for each in SCALINGS:
        if each.key == key:
            return each
    known = ", ".join(each.key for each in SCALINGS)
    raise StudioError(f"There is no scaling {key!r}.", f"Choose from: {known}.")
