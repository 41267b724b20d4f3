"""A first classifier on features, for a training that goes on from there."""

from __future__ import annotations

import numpy as np

from cnnstudio.core.engine_api import HeadWeights, LabelledFeatures
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.softmax_regression import fit_softmax_regression


def fitted_head(training: LabelledFeatures, class_count: int, context: TaskContext) -> HeadWeights:
    """Return the weights of a logistic regression, to be used on features as they are.

    The scaling of the features is folded into the weights.

    Raises:
        Cancelled: the user cancelled.
    """
    features = training.features[:, 0].astype(np.float32)
    fitted = fit_softmax_regression(features, training.labels, class_count, context)
    kernel = fitted.weights / fitted.scale[:, None]
    return HeadWeights(kernel, fitted.bias - fitted.centre @ kernel)
