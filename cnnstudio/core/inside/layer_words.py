"""What each kind of layer does, in plain words, and what is seen at which depth."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.core.inside.network_layers import Depth


@dataclass(frozen=True)
class LayerWords:
    """A kind of layer: what it is called, and a paragraph that explains it."""

    title: str
    words: str


LAYER_WORDS = {
    "InputLayer": LayerWords(
        "Input", "The picture itself: three numbers from 0 to 255 for each pixel, red, green, blue."
    ),
    "Rescaling": LayerWords(
        "Scaling",
        "Brings the values of the pixels, 0 to 255, into the small range in which networks learn"
        " well. It is part of the network, so nobody can scale pictures wrongly later.",
    ),
    "Conv2D": LayerWords(
        "Convolution",
        "Slides small filters over the picture, or over the maps of the layer before. A filter is"
        " a pattern of weights; where what lies under it looks like the pattern, its map is high."
        " Every filter has one map. Because the same filter looks everywhere, a thing is found"
        " wherever it is, and few weights are enough.",
    ),
    "DepthwiseConv2D": LayerWords(
        "Depthwise convolution",
        "A convolution that looks at each map by itself, with one small filter for each. It finds"
        " how things lie in space; mixing the maps is left to the 1 × 1 convolutions around it. The"
        " two together do nearly what a full convolution does, with a fraction of the work.",
    ),
    "BatchNormalization": LayerWords(
        "Batch normalisation",
        "Brings every map to a common mean and spread, measured on the pictures of training, and"
        " then to a learned one. Training becomes quicker and steadier, as no layer has to follow"
        " the drifting values of the one before.",
    ),
    "LayerNormalization": LayerWords(
        "Layer normalisation",
        "Brings the values at every place to a common mean and spread, over all maps, and then to"
        " a learned one. It does not depend on other pictures.",
    ),
    "LayerScale": LayerWords(
        "Layer scale",
        "Multiplies each map by one learned number that begins near zero, so that a new block at"
        " first changes little of what came in.",
    ),
    "Activation": LayerWords(
        "Activation",
        "Bends the values, most often by setting all below zero to zero. Without it any number of"
        " layers would be no more than a single one: this is what lets a network put simple"
        " patterns together into complicated ones.",
    ),
    "ReLU": LayerWords(
        "ReLU activation",
        "Sets all values below zero to zero, and here also those above a limit to the limit. Only"
        " what was found goes on. Without such a bend any number of layers would be no more than"
        " a single one.",
    ),
    "MaxPooling2D": LayerWords(
        "Max pooling",
        "Keeps of each small square only the highest value. The maps become smaller, the layers"
        " after it see more of the picture at once, and it matters less where exactly a pattern"
        " lay. It has nothing to learn.",
    ),
    "AveragePooling2D": LayerWords(
        "Average pooling",
        "Keeps of each small square the mean. The maps become smaller and smoother. It has nothing"
        " to learn.",
    ),
    "GlobalAveragePooling2D": LayerWords(
        "Global average pooling",
        "Takes the mean of every map: one number for each that says how much of its pattern was"
        " found, wherever it was. It keeps the layers after it small.",
    ),
    "ZeroPadding2D": LayerWords(
        "Padding", "Adds an edge of zeros, so that the next layer can also look at the border."
    ),
    "Add": LayerWords(
        "Shortcut",
        "Adds what came into a block to what the block made of it. The block only has to learn"
        " what to change, and the gradients find a short way back: that is how networks of a"
        " hundred layers can be trained (He et al. 2015).",
    ),
    "Multiply": LayerWords(
        "Gate",
        "Multiplies maps by weights between 0 and 1 that the network has worked out from the"
        " picture: maps that matter for this picture pass, others are turned down.",
    ),
    "Reshape": LayerWords("Reshape", "Arranges the same values in another shape."),
    "Flatten": LayerWords(
        "Flatten",
        "Writes all maps out into one long row of numbers. Where something was found becomes a"
        " place in the row, so a dense layer after it needs a weight for every place of every map.",
    ),
    "Dense": LayerWords(
        "Dense",
        "Every number it gives is a weighted sum of all numbers that came in. The last one has a"
        " number for each class, and its softmax turns them into probabilities.",
    ),
    "Sequential": LayerWords(
        "Layers in a row", "A few small layers, one after the other, that belong together."
    ),
    "Dropout": LayerWords(
        "Dropout",
        "In training it switches a part of the values off at random, so that the network cannot"
        " rely on any single one. When it answers it does nothing at all.",
    ),
}
"""By the name of the Keras class. `words_of` also knows what to say of others."""

_DEPTH_WORDS: dict[Depth, str] = {
    "early": "Early layer: edges, colours, simple textures",
    "middle": "Middle layer: patterns and parts of objects",
    "deep": "Deep layer: large parts, and in a deep network whole objects",
    "end": "Numbers without a place in the picture",
}
_END_WORDS = {
    "Flatten": "All maps written out in one row, in which no number has a place any more",
    "GlobalAveragePooling2D": "How much of each pattern there is, wherever it was",
    "Dense": "Dense layer: weighs everything that was found",
    "Dropout": "Hands on what it gets: it only works during training",
}


def seen_words(kind: str, depth: Depth) -> str:
    """Return what a layer of a kind sees where it lies."""
    end = _END_WORDS.get(kind, _DEPTH_WORDS["end"])
    return end if depth == "end" else _DEPTH_WORDS[depth]


def words_of(kind: str) -> LayerWords:
    """Return the words for a kind of layer."""
    unknown = LayerWords(kind, "Works out its values from those of the layers before it.")
    return LAYER_WORDS.get(kind, unknown)
