"""What the training loop trains: any network that can say how it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import keras


@dataclass(frozen=True)
class Trainee:
    """A network in the form that is trained.

    `model` is not compiled and gives the values before the softmax, shape (n, classes), for uint8
    pictures. `build_saved` builds the network in the form that is saved; it is called in the dtype
    policy float32 and gets the best weights by `set_weights`, so those of both must be in the same
    order. `optimizer` is its own, for example with several learning rates, else the one that the
    settings ask for is taken. `knows_already` says that it is of use before its first step.
    """

    model: keras.Model
    build_saved: Callable[[], keras.Model]
    optimizer: Any | None = None
    knows_already: bool = False


class TraineeBuilder(Protocol):
    """Builds a trainee with fresh weights, in the current dtype policy and strategy."""

    def __call__(self, rates: Any) -> Trainee:
        """Build it; `rates` is the schedule that an optimiser of its own is to follow.

        Raises:
            StudioError: the network cannot be built.
        """
        ...
