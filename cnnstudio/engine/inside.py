"""What the layers of a loaded network see, and pictures made to excite them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers

from cnnstudio.core.catalog.backbones import Backbone
from cnnstudio.core.engine_api import FirstFilters, Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.inside.network_layers import NetworkLayer, multiplications
from cnnstudio.engine.backbones import untrained_backbone
from cnnstudio.engine.feeding_graph import FeedingGraph
from cnnstudio.engine.traced_gradients import traced_gradients_forgotten

_COLOURS = 3
# Every backbone can be built for pictures of that size.
_SMALLEST_FOR_ALL_PX = 32
# Activation maximisation: the input begins as grey with a little noise. A step moves the pixels by
# a few of their 256 values; the network sees the picture shifted by up to a 28th of its side.
_GREY = 127.5
_NOISE = 8.0
_STEP = 6.0
_JITTER_SHARE = 1 / 28
_STEPS_BETWEEN_LOOKS = 4


class Inside:
    """Looks into one network in memory; nothing of it is changed."""

    def __init__(self, model: keras.Model, graph: FeedingGraph | None = None) -> None:
        self._model = model
        self._looking: tuple[str, keras.Model] | None = None
        self._graph = graph or FeedingGraph()
        self._picture_shape = (*model.input_shape[1:3], _COLOURS)
        self._ascending: tuple[str, Any] | None = None
        self._peaking: tuple[str, Any] | None = None

    def layers(self) -> tuple[NetworkLayer, ...]:
        """Return all layers but the input, in Keras' order."""
        return _layers(self._model)

    def feature_maps(self, picture: Pictures, layer: str) -> npt.NDArray[np.float32]:
        """Return the output of a layer for a picture (size, size, 3): (height, width, channels).

        A layer without places gives (1, 1, values).

        Raises:
            StudioError: there is no such layer.
        """
        if self._looking is None or self._looking[0] != layer:
            self._looking = layer, keras.Model(self._model.input, self._layer(layer).output)
        given = self._looking[1](self._graph.fed(picture[None]), training=False)
        values: npt.NDArray[np.float32] = _float(given).numpy()[0]
        return values if values.ndim == 3 else values.reshape(1, 1, -1)

    def channel_peaks(self, pictures: Pictures, layer: str) -> npt.NDArray[np.float32]:
        """Return the highest value of each channel, shape (n, channels), for pictures.

        Raises:
            StudioError: there is no such layer.
        """
        peaks: npt.NDArray[np.float32] = self._peaks(layer)(pictures).numpy()
        return peaks

    def first_filters(self) -> FirstFilters | None:
        """Return the filters of the first convolution; None where none looks at the colours."""
        return first_filters(self._model)

    def maximise(
        self,
        layer: str,
        channel: int,
        steps: int,
        seed: int,
        grew: Callable[[int, Pictures], None],
    ) -> Pictures:
        """Return a picture, shape (size, size, 3), made by gradient ascent to excite a channel.

        `grew` is called every few steps with their number and the picture so far; whatever it
        raises ends the work.

        Raises:
            StudioError: there is no such layer.
        """
        ascent = self._ascent(layer)
        random = np.random.default_rng((seed, channel))
        size = int(self._model.input_shape[1])
        pixels = random.normal(_GREY, _NOISE, (size, size, _COLOURS)).astype(np.float32)
        smoothing = _smoothing(size)
        reach = max(1, round(size * _JITTER_SHARE))
        for step in range(1, steps + 1):
            shift = random.integers(-reach, reach + 1, 2)
            shifted = np.roll(pixels, shift, axis=(0, 1))
            gradient = ascent(shifted[None], tf.constant(channel, tf.int32)).numpy()[0]
            gradient = _smoothed(np.roll(gradient, -shift, axis=(0, 1)), smoothing)
            spread = float(gradient.std())
            if spread > 0:
                # Steps become smaller, so that the picture settles.
                pixels += _STEP * (1 - 0.75 * step / steps) * gradient / spread
                pixels = pixels.clip(0, 255)
            if step % _STEPS_BETWEEN_LOOKS == 0 or step == steps:
                grew(step, _rounded(pixels))
        return _rounded(pixels)

    def _layer(self, name: str) -> Any:
        try:
            return self._model.get_layer(name)
        except ValueError as error:
            raise StudioError(f"This network has no layer {name}.") from error

    def _peaks(self, name: str) -> Any:
        """Return what gives the peaks of a layer, traced; the last one is kept."""
        if self._peaking is None or self._peaking[0] != name:
            looking = keras.Model(self._model.input, self._layer(name).output)

            def peaks(pictures: Any) -> Any:
                values = _float(looking(self._graph.fed(pictures), training=False))
                return tf.reduce_max(values, axis=list(range(1, len(values.shape) - 1)))

            signature = [tf.TensorSpec((None, *self._picture_shape), tf.uint8)]
            traced = tf.function(peaks, input_signature=signature, autograph=False)
            with traced_gradients_forgotten():
                traced.get_concrete_function()
            self._peaking = name, traced
        return self._peaking[1]

    def _ascent(self, name: str) -> Any:
        """Return the traced gradient of a channel's peaks by the pixels; the last one is kept."""
        if self._ascending is None or self._ascending[0] != name:
            layer = self._layer(name)
            into = keras.Model(self._model.input, layer.input)

            def ascent(pixels: Any, channel: Any) -> Any:
                with tf.GradientTape(watch_accessed_variables=False) as tape:
                    tape.watch(pixels)
                    given = into(self._graph.fed(pixels), training=False)
                    values = _float(_before_activation(layer, given))
                    score = _soft_peak(tf.gather(values, channel, axis=-1))
                return tape.gradient(score, pixels)

            signature = [
                tf.TensorSpec((1, *self._picture_shape), tf.float32),
                tf.TensorSpec((), tf.int32),
            ]
            traced = tf.function(ascent, input_signature=signature, autograph=False)
            with traced_gradients_forgotten():
                traced.get_concrete_function()
            self._ascending = name, traced
        return self._ascending[1]


def backbone_layers(backbone: Backbone, size_px: int) -> tuple[NetworkLayer, ...]:
    """Return the layers of a backbone for pictures of a size; its weights are not needed for that.

    Raises:
        StudioError: it cannot take pictures as small as that.
    """
    try:
        model = untrained_backbone(replace(backbone, input_size_px=size_px))
    except ValueError as error:
        raise StudioError(
            f"{backbone.label} cannot take pictures of {size_px} px.",
            f"Choose a picture size of {_SMALLEST_FOR_ALL_PX} px or more in Train.",
        ) from error
    return _layers(model)


def first_filters(model: keras.Model) -> FirstFilters | None:
    """Return the filters of a network's first convolution, if it looks at the colours.

    Where that is one of several layers in a row, they go by the name of the row.
    """
    for layer in model.layers:
        within = layer.layers if isinstance(layer, keras.Sequential) else [layer]
        for each in within:
            if isinstance(each, layers.Conv2D) and not isinstance(each, layers.DepthwiseConv2D):
                kernel = np.asarray(each.kernel, np.float32)
                is_seen = kernel.shape[2] == _COLOURS
                return FirstFilters(str(layer.name), kernel) if is_seen else None
    return None


def _before_activation(layer: Any, given: Any) -> Any:
    """What a layer makes of what it is given, without the bend at its end.

    Below a ReLU there is no slope to climb, and raising one class by a softmax may only lower the
    others.
    """
    if isinstance(layer, layers.Activation | layers.ReLU):
        return given
    if isinstance(layer, layers.Dense):
        values = keras.ops.matmul(_float(given), layer.kernel)
    elif isinstance(layer, layers.Conv2D) and not isinstance(layer, layers.DepthwiseConv2D):
        values = layer.convolution_op(_float(given), layer.kernel)
    else:
        return layer(given, training=False)
    return values if layer.bias is None else values + layer.bias


def _soft_peak(values: Any) -> Any:
    """A maximum that all high places have a share in.

    The mean over all places would ask a first filter for nothing but one even colour.
    """
    width = tf.stop_gradient(tf.maximum(tf.math.reduce_std(values), 1e-3))
    return width * tf.reduce_logsumexp(values / width)


def _float(values: Any) -> Any:
    """In 32 bits, also where a network works with 16."""
    return tf.cast(values, tf.float32)


def _smoothing(size: int) -> npt.NDArray[np.float32]:
    """How much of each frequency a gradient keeps: coarse patterns grow before fine ones."""
    down, across = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]
    frequency = np.sqrt(down**2 + across**2)
    kept: npt.NDArray[np.float32] = (1 / np.maximum(frequency, 4 / size)).astype(np.float32)
    return kept


def _smoothed(
    gradient: npt.NDArray[np.float32], smoothing: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    spectrum = np.fft.rfft2(gradient, axes=(0, 1)) * smoothing[..., None]
    smooth: npt.NDArray[np.float32] = np.fft.irfft2(
        spectrum, s=gradient.shape[:2], axes=(0, 1)
    ).astype(np.float32)
    return smooth


def _rounded(pixels: npt.NDArray[np.float32]) -> Pictures:
    rounded: Pictures = pixels.round().astype(np.uint8)
    return rounded


def _layers(model: keras.Model) -> tuple[NetworkLayer, ...]:
    return tuple(
        NetworkLayer(
            str(layer.name),
            type(layer).__name__,
            _detail(layer),
            _output_shape(layer),
            int(layer.count_params()),
            _multiplications(layer),
        )
        for layer in model.layers
        if not isinstance(layer, layers.InputLayer)
    )


def _output_shape(layer: Any) -> tuple[int, ...]:
    return tuple(int(side) for side in layer.output.shape[1:])


def _multiplications(layer: Any) -> int:
    if isinstance(layer, keras.Sequential):
        return sum(_multiplications(each) for each in layer.layers)
    if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D | layers.Dense):
        return multiplications(math.prod(layer.kernel.shape), _output_shape(layer))
    return 0


def _detail(layer: Any) -> str:
    """The settings of a layer in a few words."""
    parts: list[str] = []
    if isinstance(layer, layers.DepthwiseConv2D):
        parts.append(f"a filter {_sides(layer.kernel_size)} for each map")
    elif isinstance(layer, layers.Conv2D):
        filters = "1 filter" if layer.filters == 1 else f"{layer.filters} filters"
        parts.append(f"{filters} {_sides(layer.kernel_size)}")
    elif isinstance(layer, layers.Dense):
        parts.append("1 value" if layer.units == 1 else f"{layer.units} values")
    elif isinstance(layer, layers.MaxPooling2D | layers.AveragePooling2D):
        parts.append(_sides(layer.pool_size))
    elif isinstance(layer, layers.Dropout):
        parts.append(f"{layer.rate:.0%}")
    elif isinstance(layer, layers.ReLU) and layer.max_value is not None:
        parts.append(f"up to {layer.max_value:g}")
    if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
        if max(layer.strides) > 1:
            parts.append(f"stride {max(layer.strides)}")
        if layer.padding == "same":
            parts.append("same size" if max(layer.strides) == 1 else "padded")
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if activation != "linear":
        parts.append(activation)
    return ", ".join(parts)


def _sides(sides: tuple[int, ...]) -> str:
    return " × ".join(str(each) for each in sides)
