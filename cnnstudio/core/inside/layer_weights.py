"""How many weights a fully connected layer and a convolution need for the same picture."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.parameters import setting

CHANNELS = 3
BYTES_A_WEIGHT = 4
"""Keras keeps each as a float32."""


@dataclass(frozen=True)
class LayerSizes:
    """Two layers that look at the same square colour picture."""

    picture: int = setting(
        224, "Picture size", minimum=8, maximum=512, step=8, unit="px", help="8 to 512 px"
    )
    neurons: int = setting(1000, "Neurons", minimum=10, maximum=3000, step=10, help="10 to 3,000")
    filters: int = setting(32, "Filters", minimum=1, maximum=256, help="1 to 256")
    kernel: int = setting(
        3, "Kernel size", minimum=1, maximum=11, step=2, unit="px", help="1 to 11 px"
    )

    @property
    def numbers(self) -> int:
        """Of how many numbers the picture consists."""
        return self.picture * self.picture * CHANNELS

    @property
    def dense_weights(self) -> int:
        """One from every number to every neuron, and a bias for each neuron."""
        return self.numbers * self.neurons + self.neurons

    @property
    def convolution_weights(self) -> int:
        """Those of a window for each filter, and its bias: whatever the size of the picture."""
        return self.kernel * self.kernel * CHANNELS * self.filters + self.filters

    @property
    def places(self) -> int:
        """At how many places a filter stands, with the padding "same"."""
        return self.picture * self.picture


def dense_words(sizes: LayerSizes) -> str:
    """Return how the weights of the fully connected layer come about."""
    return (
        "Every number is joined to every neuron:"
        f" {_product(sizes.numbers, sizes.neurons)} weights"
        f" and {sizes.neurons:,} biases."
    )


def convolution_words(sizes: LayerSizes) -> str:
    """Return how the weights of the convolution come about."""
    biases = "1 bias" if sizes.filters == 1 else f"{sizes.filters:,} biases"
    return (
        "Each filter has one weight for each number in its window:"
        f" {_product(sizes.kernel, sizes.kernel, CHANNELS, sizes.filters)} weights and {biases},"
        " however large the picture is."
    )


def fewer_words(sizes: LayerSizes) -> str:
    """Return what the difference is worth."""
    dense, convolution = sizes.dense_weights, sizes.convolution_weights
    if convolution < dense:
        times = dense / convolution
        shown = f"{times:,.0f}" if times >= 10 else f"{times:.1f}"
        return (
            f"Fewer weights: the fully connected layer has {shown} times as many, and each of them"
            " has to be learned from pictures and kept in memory."
        )
    return (
        "Here the convolution has no fewer weights: the picture is small or the filters are many."
        " With the picture's size only the fully connected layer grows."
    )


def anywhere_words(sizes: LayerSizes) -> str:
    """Return why a convolution finds a pattern at every place."""
    return (
        "The same pattern found anywhere: the same weights are used at all"
        f" {sizes.places:,} places. A fully connected layer has other weights for every"
        " place and must learn the pattern at each."
    )


def _product(*factors: int) -> str:
    # No line ends within it.
    return "\u00a0×\u00a0".join(f"{factor:,}" for factor in factors)
