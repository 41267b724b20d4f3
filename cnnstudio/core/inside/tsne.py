"""t-SNE in two dimensions: neighbours stay together (van der Maaten and Hinton 2008).

openTSNE computes it (Poličar and others 2024): its time grows with the number of points and no
faster (Linderman and others 2019), and between two iterations it can be cancelled, or looked at.
That of scikit-learn takes a minute and more for 250 iterations on 10,000 points, in one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock

Places = npt.NDArray[np.float32]
"""Where points are, shape (n, 2), in no unit."""

PERPLEXITY = 30
EARLY, LATER = 250, 500
"""Iterations with attraction exaggerated, and without."""

_BETWEEN_LOOKS = 10
_EXACT_UP_TO = 1000  # points, of which all pairs are compared


def tsne(
    points: npt.NDArray[np.floating],
    context: TaskContext,
    look: Callable[[Places], None] | None = None,
) -> Places:
    """Return places in a plane, shape (n, 2); the same for the same points.

    Args:
        points: shape (n, k), n at least 4; the first two columns should be the largest principal
            components, where the places begin.
        context: progress and cancelling, noticed every 10 iterations.
        look: is given the places as often.

    Raises:
        Cancelled: the user cancelled.
    """
    from openTSNE import TSNE  # with scikit-learn's neighbours it takes a second to import

    clock = ProgressClock("Arranging the map", EARLY + LATER, context)
    done = 0

    def after_some(_iteration: int, _error: float, places: Any) -> None:
        nonlocal done
        done += _BETWEEN_LOOKS
        context.checkpoint()
        clock.report(min(done, EARLY + LATER))
        if look is not None:
            look(np.array(places, np.float32))

    count = len(points)
    begin = points[:, :2].astype(np.float64)
    begin *= 1e-4 / max(float(begin[:, 0].std()), 1e-12)
    few = count <= _EXACT_UP_TO
    found = TSNE(
        perplexity=min(PERPLEXITY, (count - 1) / 3),
        early_exaggeration_iter=EARLY,
        n_iter=LATER,
        initialization=begin,
        neighbors="exact" if few else "annoy",
        negative_gradient_method="bh" if few else "fft",
        callbacks=after_some,
        callbacks_every_iters=_BETWEEN_LOOKS,
        n_jobs=1,  # the window needs a core meanwhile
        random_state=0,
    ).fit(points.astype(np.float64))
    return np.array(found, np.float32)
