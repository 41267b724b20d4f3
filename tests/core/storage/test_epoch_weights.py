"""What is kept of a network after each epoch, and that it stays small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.core.storage import epoch_weights
from cnnstudio.core.storage.epoch_weights import (
    EpochWeights,
    epoch_file,
    epochs_to_keep,
    forget_epochs,
    kept_epochs,
    known_values,
    read_epoch,
    thin_out,
    write_epoch,
)

WEIGHTS = EpochWeights({0: np.full((3, 4), 1e6), 2: np.full(4, 1e-9)}, 40)


def test_what_is_kept_is_read_back_in_half_the_precision(tmp_path: Path) -> None:
    assert kept_epochs(tmp_path) == ()
    write_epoch(tmp_path, 3, WEIGHTS)
    found = read_epoch(epoch_file(tmp_path, 3))
    assert (found.known, sorted(found.arrays)) == (40, [0, 2])
    assert found.arrays[0][0, 0] == np.finfo(np.float16).max, "not infinite"
    assert found.arrays[2][0] == np.float32(1e-9), "not nothing"
    assert known_values(epoch_file(tmp_path, 3)) == 40


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04"])
def test_a_damaged_epoch_says_so(tmp_path: Path, content: bytes) -> None:
    write_epoch(tmp_path, 0, WEIGHTS)
    epoch_file(tmp_path, 0).write_bytes(content)
    assert known_values(epoch_file(tmp_path, 0)) == 0
    with pytest.raises(StudioError, match="missing or damaged"):
        read_epoch(epoch_file(tmp_path, 0))


def test_of_many_epochs_some_well_spread_ones_stay_with_the_first_the_best_and_the_last() -> None:
    assert sorted(epochs_to_keep(5, 3, 9)) == [0, 1, 2, 3, 4, 5]
    assert sorted(epochs_to_keep(11, 7, 9)) == [0, 2, 4, 6, 7, 8, 10, 11]
    assert sorted(epochs_to_keep(1000, 999, 4)) == [0, 512, 999, 1000]
    assert len(epochs_to_keep(1, 1, 4)) == 2


def test_a_long_training_keeps_within_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_epoch(tmp_path, 0, WEIGHTS)
    size = epoch_file(tmp_path, 0).stat().st_size
    monkeypatch.setattr(epoch_weights, "MOST_BYTES", 6 * size)
    for epoch in range(1, 21):
        write_epoch(tmp_path, epoch, WEIGHTS)
        thin_out(tmp_path, min(epoch, 13), size)
        assert sum(each.stat().st_size for each in (tmp_path / "epochs").iterdir()) <= 6 * size
    assert kept_epochs(tmp_path) == (0, 8, 13, 16, 20)
    forget_epochs(tmp_path, after=13)
    assert kept_epochs(tmp_path) == (0, 8, 13)
    forget_epochs(tmp_path)
    assert kept_epochs(tmp_path) == ()
