"""All parts of a Keras model that are known to be harmless, by the module that they come from.

Keras' own safe mode refuses known dangerous layers; a list of what is allowed also refuses those
that nobody has thought of yet. Not in it: whatever takes code or another program's model (Lambda,
TFSMLayer, JaxLayer, TorchModuleWrapper), operations that take functions (Map, Scan, Cond,
WhileLoop), layers that read a file whose path the model names (StringLookup, TextVectorization),
and all classes that are registered by programs.
"""

from __future__ import annotations

from typing import Any

_LAYERS = """
    InputLayer Rescaling Normalization Resizing CenterCrop
    RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness
    RandomCrop RandomShear RandomColorJitter RandomHue RandomSaturation
    RandomSharpness RandomGrayscale RandomErasing RandomGaussianBlur GaussianNoise GaussianDropout
    Conv1D Conv2D Conv2DTranspose DepthwiseConv2D SeparableConv2D Dense EinsumDense Embedding
    BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization
    SpectralNormalization
    MaxPooling2D AveragePooling2D GlobalAveragePooling2D GlobalMaxPooling2D AdaptiveAveragePooling2D
    AdaptiveMaxPooling2D GlobalAveragePooling1D GlobalMaxPooling1D AveragePooling1D MaxPooling1D
    Flatten Reshape Permute RepeatVector ZeroPadding2D Cropping2D UpSampling2D
    Activation ReLU LeakyReLU PReLU ELU Softmax
    Dropout SpatialDropout2D AlphaDropout ActivityRegularization Identity
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    Attention AdditiveAttention MultiHeadAttention TimeDistributed
"""
_INITIALIZERS = """
    Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal VarianceScaling GlorotNormal
    GlorotUniform HeNormal HeUniform LecunNormal LecunUniform Orthogonal OrthogonalInitializer
    Identity IdentityInitializer
"""
_NUMPY = """
    Absolute Add All Any Amax Amin Argmax Argmin Average Clip Concatenate Cos Divide Dot Einsum
    Equal Exp ExpandDims Flip Full GetItem Greater GreaterEqual Less LessEqual Log Log1p Logaddexp
    Matmul Max Maximum Mean Min Minimum Moveaxis Multiply Negative OnesLike Pad Power Prod Ravel
    Reciprocal Repeat Reshape Roll Rot90 Round Sign Sin Split Sqrt Square Squeeze Stack Std Subtract
    Sum Swapaxes Take TakeAlongAxis Tanh Tensordot Tile Transpose TrueDivide Var Where ZerosLike
"""
_NN = """
    AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm Celu Conv DepthwiseConv
    DotProductAttention Elu Gelu Glu HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu
    LogSigmoid LogSoftmax MaxPool Normalize OneHot RMSNorm Relu Relu6 Selu SeparableConv Sigmoid
    Silu SoftShrink Softmax Softplus Softsign SparsePlus SparseSigmoid Sparsemax TanhShrink
    Threshold
"""

_KNOWN: dict[str, frozenset[str]] = {
    module: frozenset(names.split())
    for module, names in {
        "keras": "Sequential Model DTypePolicy",
        "keras.models": "Sequential Model",
        "keras.dtype_policies": "DTypePolicy",
        "keras.layers": _LAYERS,
        "keras.initializers": _INITIALIZERS,
        "keras.regularizers": "L1 L2 L1L2 OrthogonalRegularizer",
        "keras.constraints": "MaxNorm NonNeg UnitNorm MinMaxNorm",
        "keras.src.models.functional": "Functional",
        "keras.src.models.sequential": "Sequential",
        "keras.src.applications.convnext": "LayerScale",
        "keras.src.ops.numpy": _NUMPY,
        "keras.src.ops.nn": _NN,
        "keras.src.ops.math": "Erf Logsumexp Rsqrt TopK",
        "keras.src.ops.linalg": "Norm",
        "keras.src.ops.core": "Cast Slice StopGradient",
        "keras.src.ops.image": "Resize RGBToGrayscale",
    }.items()
}

# Not how a model computes: an operation's call may carry these in its arguments.
_TENSOR = "__keras_tensor__"
_PLAIN = {"__tuple__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__", "__bytes__"}


def unknown_parts(part: Any) -> set[str]:
    """Return the names of all parts of a Keras configuration that are not known to be harmless."""
    unknown: set[str] = set()
    if isinstance(part, dict):
        if "class_name" in part or "module" in part:
            name, module = part.get("class_name"), part.get("module")
            is_plain = module is None and (name == _TENSOR or name in _PLAIN)
            if not is_plain and str(name) not in _KNOWN.get(str(module), ()):
                unknown.add(str(name))
        for value in part.values():
            unknown |= unknown_parts(value)
    elif isinstance(part, list):
        for value in part:
            unknown |= unknown_parts(value)
    return unknown
