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

    picture: int = setting(224, "Picture size", minimum=8, maximum=512, step=8, unit="px")
    neurons: int = setting(1000, "Neurons", minimum=10, maximum=3000, step=10)
    filters: int = setting(32, "Filters", minimum=1, maximum=256)
    kernel: int = setting(3, "Kernel size", minimum=1, maximum=11, step=2, unit="px")

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


def megabytes(weights: int) -> float:
    """Return how much memory weights take, in MB of a million bytes."""
    return weights * BYTES_A_WEIGHT / 1_000_000
