"""Whether two tiny pictures show the same picture, or only the same kind of thing.

A copy that was saved again, made smaller, brightened or cut a little is the same picture but for
its light, its place and its size. Those six numbers (gain, offset, shift and zoom in x and y) are
fitted by least squares on the picture's gradients, the step of Lucas and Kanade ("An iterative
image registration technique", 1981), taken twice. What remains must be next to nothing, and not
only on the whole: two screens with other text, or two tiles under the same lamp, agree on the
whole. So each part that has structure of its own must agree, and there must be enough of those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnstudio.core.dataset.health.measuring import COLOUR_PX, GREY_PX
from cnnstudio.core.dataset.opencv import opencv

Numbers = NDArray[np.float32]

# Found on 3,068 photos of clothes, of which many show other garments on the same bed: unlike pairs
# reach 0.985 on the whole or 0.92 in their parts, never both; copies saved again, halved or cut by
# 2 % on each side have at least 0.994 and 0.97 in 99 of 100 cases.
_SAME = 0.985
_SAME_IN_PARTS = 0.95
# Few pixels, or little to see: other digits and other lines of writing reach 0.995 and 0.988.
_SURELY_SAME = 0.996
_SURELY_SAME_IN_PARTS = 0.99
_SMALL_PX = 48
_PARTS_PER_SIDE = 5
_FEWEST_PARTS = 8
_FEWEST_PARTS_AT_ALL = 2
_STRUCTURE = 3.0  # grey levels; below it a part holds hardly more than noise and shading
_WORST_PARTS = 0.1  # this share of the parts may disagree: a stamp, a reflection
_FARTHEST = 0.05  # of a side: what is cut off further is another picture
_GAINS = (0.7, 1.45)  # more is another picture in the same light, not the same one brightened
_OFFSET = 45.0  # grey levels
_COLOURS_DIFFER = 16.0  # levels: the same shirt in another colour
_COLOURED_SHARE = 0.9  # of the colours must agree
_STEPS = 2
_CORNER = GREY_PX * GREY_PX


@dataclass(frozen=True)
class _Fit:
    """Both pictures without their rims, the first as the fit makes it; (n, 30, 30)."""

    fitted: Numbers
    wanted: Numbers
    is_near: NDArray[np.bool_]


def same_pictures(
    first: NDArray[np.uint8], second: NDArray[np.uint8], smallest_px: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return for each pair whether it is the same picture; shape (n,).

    Args:
        first: tiny pictures of `measuring`, (n, pixels).
        second: those that they are compared with.
        smallest_px: the shortest side that either picture of a pair has.
    """
    fit = _fit(_greys(first), _greys(second))
    whole = _share_explained(fit)
    parts, agreement = _agreement_of_parts(fit)
    differences = np.abs(_colours(first) - _colours(second))
    colours = np.quantile(differences, _COLOURED_SHARE, axis=1)
    same = (parts >= _FEWEST_PARTS) & (smallest_px >= _SMALL_PX)
    same &= (whole >= _SAME) & (agreement >= _SAME_IN_PARTS)
    surely = (parts >= _FEWEST_PARTS_AT_ALL) & (whole >= _SURELY_SAME)
    surely &= agreement >= _SURELY_SAME_IN_PARTS
    near: NDArray[np.bool_] = fit.is_near & (colours <= _COLOURS_DIFFER) & (same | surely)
    return near


def correlations(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Numbers:
    """Return how the greys of each pair go together, -1 to 1: a first look that costs little."""
    one, other = (each[:, :_CORNER].astype(np.float32) for each in (first, second))
    one -= one.mean(axis=1, keepdims=True)
    other -= other.mean(axis=1, keepdims=True)
    product = np.einsum("np,np->n", one, other)
    size = np.einsum("np,np->n", one, one) * np.einsum("np,np->n", other, other)
    result: Numbers = product / np.sqrt(np.maximum(size, 1e-6))
    return result


def _greys(tiny: NDArray[np.uint8]) -> Numbers:
    return tiny[:, :_CORNER].astype(np.float32).reshape(-1, GREY_PX, GREY_PX)


def _colours(tiny: NDArray[np.uint8]) -> Numbers:
    return tiny[:, _CORNER : _CORNER + 2 * COLOUR_PX**2].astype(np.float32)


def _fit(first: Numbers, second: Numbers) -> _Fit:
    """Bring the first of each pair to the second by light, shift and zoom."""
    y, x = np.mgrid[0:GREY_PX, 0:GREY_PX].astype(np.float32)
    middle = (GREY_PX - 1) / 2
    across, down = (x - middle) / middle, (y - middle) / middle
    inner = (slice(None), slice(1, -1), slice(1, -1))
    wanted = second[inner].reshape(len(second), -1)
    moved = first
    way = np.zeros((len(first), 4), np.float32)
    for step in range(_STEPS):
        if step:
            moved = _moved(first, x, y, across, down, way)
        along_x, along_y = np.zeros_like(moved), np.zeros_like(moved)
        along_x[:, :, 1:-1] = (moved[:, :, 2:] - moved[:, :, :-2]) / 2
        along_y[:, 1:-1] = (moved[:, 2:] - moved[:, :-2]) / 2
        explained_by = (
            *(moved, np.ones_like(moved)),
            *(along_x, along_y, across * along_x, down * along_y),
        )
        terms = np.stack([term[inner].reshape(len(first), -1) for term in explained_by], axis=1)
        numbers = _least_squares(terms, wanted)
        gain = np.where(np.abs(numbers[:, :1]) < _GAINS[0] / 2, 1.0, numbers[:, :1])
        way += np.clip(numbers[:, 2:] / gain, -2, 2)
    fitted = np.einsum("ntp,nt->np", terms, numbers)
    is_near = _is_near(numbers[:, 0], way) & (
        np.abs(first.mean(axis=(1, 2)) - second.mean(axis=(1, 2))) <= _OFFSET
    )
    shape = (len(first), GREY_PX - 2, GREY_PX - 2)
    return _Fit(fitted.reshape(shape), wanted.reshape(shape), is_near)


def _is_near(gain: Numbers, way: Numbers) -> NDArray[np.bool_]:
    farthest = np.maximum(
        np.abs(way[:, 0]) + np.abs(way[:, 2]), np.abs(way[:, 1]) + np.abs(way[:, 3])
    )
    near: NDArray[np.bool_] = (
        (gain >= _GAINS[0]) & (gain <= _GAINS[1]) & (farthest <= _FARTHEST * GREY_PX)
    )
    return near


def _least_squares(terms: Numbers, wanted: Numbers) -> Numbers:
    """The numbers with which the terms, (n, 6, pixels), come nearest to what is wanted."""
    products = np.einsum("nip,njp->nij", terms, terms, optimize=True).astype(np.float64)
    # A flat picture has no gradients: a little weight keeps its numbers small instead of infinite.
    size = np.trace(products, axis1=1, axis2=2)[:, None, None]
    products += np.eye(products.shape[1]) * 1e-6 * np.maximum(size, 1.0)
    sides = np.einsum("nip,np->ni", terms, wanted).astype(np.float64)
    numbers: Numbers = np.linalg.solve(products, sides[..., None])[..., 0].astype(np.float32)
    return numbers


def _moved(
    pictures: Numbers, x: Numbers, y: Numbers, across: Numbers, down: Numbers, way: Numbers
) -> Numbers:
    cv2 = opencv()
    moved = np.empty_like(pictures)
    for place, (right, below, wider, taller) in enumerate(way):
        moved[place] = cv2.remap(
            pictures[place],
            x + right + wider * across,
            y + below + taller * down,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return moved


def _share_explained(fit: _Fit) -> Numbers:
    rest = ((fit.fitted - fit.wanted) ** 2).sum(axis=(1, 2))
    spread = fit.wanted - fit.wanted.mean(axis=(1, 2), keepdims=True)
    explained: Numbers = 1 - rest / np.maximum((spread**2).sum(axis=(1, 2)), 1e-6)
    return explained


def _agreement_of_parts(fit: _Fit) -> tuple[NDArray[np.int64], Numbers]:
    """How many parts have structure, and how well all but the worst of them go together."""
    one, other = _parts(fit.fitted), _parts(fit.wanted)
    spread_one, spread_other = (np.sqrt((each**2).mean(axis=2)) for each in (one, other))
    together = (one * other).mean(axis=2) / np.maximum(spread_one * spread_other, 1e-6)
    has_structure = np.maximum(spread_one, spread_other) >= _STRUCTURE
    count = has_structure.sum(axis=1)
    # Sorted with the parts without structure at the end, so that they are never the worst ones.
    ranked = np.sort(np.where(has_structure, together, 2.0), axis=1)
    place = np.minimum((count * _WORST_PARTS).astype(np.int64), np.maximum(count - 1, 0))
    return count, ranked[np.arange(len(ranked)), place].astype(np.float32)


def _parts(pictures: Numbers) -> Numbers:
    """(n, parts, pixels): the picture in squares, each without its own mean and slope.

    Shading by the lamp is a slope in each square, and the same in all pictures under that lamp.
    """
    count, side = _PARTS_PER_SIDE, (GREY_PX - 2) // _PARTS_PER_SIDE
    squares = pictures.reshape(-1, count, side, count, side).transpose(0, 1, 3, 2, 4)
    pixels = squares.reshape(-1, count * count, side * side)
    y, x = np.mgrid[0:side, 0:side]
    slopes, _ = np.linalg.qr(np.stack([np.ones(side * side), x.ravel(), y.ravel()], axis=1))
    flat: Numbers = (pixels - (pixels @ slopes) @ slopes.T).astype(np.float32)
    return flat
