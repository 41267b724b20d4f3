"""Which epochs of a run can be looked at, and of which of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.inside.network_layers import NetworkLayer
from cnnstudio.core.runs import Run
from cnnstudio.core.storage.epoch_weights import epoch_file, kept_epochs, known_values

NEVER_TRAINED = (
    "The pretrained network is not trained by Fast start: its layers see the same before and after."
)
TRAINED_ELSEWHERE = "This model was trained elsewhere: only how it is now is known."
NOTHING_KEPT = "Of this run no epochs were kept: its layers are shown as they are in the end."


@dataclass(frozen=True)
class SeenEpochs:
    """Epochs that were kept, rising, 0 for before the training; `why` says why there are none.

    `known` is how many values of the network, in their order, they tell.
    """

    epochs: tuple[int, ...] = ()
    known: int = 0
    why: str = ""

    def layers_of(self, layers: Sequence[NetworkLayer]) -> frozenset[str]:
        """Return the names of those that are known by epoch, of all the layers of a network."""
        names, values = [], 0
        for layer in layers:
            values += layer.parameters
            if values > self.known:
                break
            names.append(layer.name)
        return frozenset(names)


def seen_epochs(run: Run) -> SeenEpochs:
    """Return which epochs of a run can be looked at; reads a few bytes from the disk."""
    if run.is_imported:
        return SeenEpochs(why=TRAINED_ELSEWHERE)
    if training_preset(run.config.preset).footing == "features":
        return SeenEpochs(why=NEVER_TRAINED)
    epochs = kept_epochs(run.folder)
    known = known_values(epoch_file(run.folder, epochs[0])) if epochs else 0
    return SeenEpochs(epochs, known) if known else SeenEpochs(why=NOTHING_KEPT)


def weights_at(run: Run, epoch: int | None) -> Path | None:
    """Return the file of an epoch; None for the network as it was kept in the end."""
    return None if epoch is None else epoch_file(run.folder, epoch)
