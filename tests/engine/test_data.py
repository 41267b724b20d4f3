from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.core.catalog.augmentations import AUGMENTATION_PRESETS
from cnnstudio.core.config import AugmentationConfig
from cnnstudio.core.engine_api import LabelledPictures
from cnnstudio.engine.data import TrainingBatches, ValidationBatches, class_weights
from tests.engine.material import TRAINING, VALIDATION

NONE, TUTORIAL = AUGMENTATION_PRESETS[0].config, AUGMENTATION_PRESETS[1].config


def batches(augmentation: AugmentationConfig = NONE, seed: int = 0) -> TrainingBatches:
    return TrainingBatches(TRAINING, 3, augmentation, 16, seed)


def sums(pictures: np.ndarray) -> list[int]:
    return sorted(int(picture.astype(np.int64).sum()) for picture in pictures)


def test_an_epoch_holds_every_picture_once() -> None:
    made = batches()
    assert [made.size_of(place) for place in range(made.per_epoch)] == [12, 13, 13, 13]
    seen = np.concatenate([made.batch(step)[0] for step in range(made.per_epoch)])
    assert sums(seen) == sums(TRAINING.pictures)


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (16, [16]), (17, [8, 9]), (33, [11] * 3)])
def test_batches_are_of_one_size_but_for_a_picture(count: int, sizes: list[int]) -> None:
    data = LabelledPictures(TRAINING.pictures[:count], TRAINING.labels[:count])
    made = TrainingBatches(data, 3, NONE, 16, 0)
    assert [len(made.batch(place)[2]) for place in range(made.per_epoch)] == sizes
    assert made.smallest == min(sizes)


def test_pictures_keep_their_labels_when_shuffled() -> None:
    pictures, classes, _ = batches().batch(1)
    assert classes.sum(axis=1).tolist() == [1.0] * 13
    brightest = pictures.mean(axis=(1, 2)).argmax(axis=1)
    assert brightest.tolist() == classes.argmax(axis=1).tolist()


def test_each_epoch_has_an_order_of_its_own() -> None:
    made = batches()
    assert not np.array_equal(made.batch(0)[0], made.batch(made.per_epoch)[0])


def test_a_seed_repeats_every_batch() -> None:
    first, second = batches(TUTORIAL, seed=5), batches(TUTORIAL, seed=5)
    for step in (6, 0):
        np.testing.assert_array_equal(first.batch(step)[0], second.batch(step)[0])
    assert not np.array_equal(first.batch(0)[0], batches(TUTORIAL, seed=6).batch(0)[0])


def test_augmentation_reaches_what_the_network_sees() -> None:
    plain = next(iter(batches(NONE).dataset(range(1))))[0].numpy()
    changed = next(iter(batches(TUTORIAL).dataset(range(1))))[0].numpy()
    assert plain.dtype == changed.dtype == np.uint8
    assert all(not np.array_equal(a, b) for a, b in zip(plain, changed, strict=True))


def test_a_picture_is_augmented_differently_in_every_epoch() -> None:
    one = LabelledPictures(TRAINING.pictures[:1], TRAINING.labels[:1])
    made = TrainingBatches(one, 3, TUTORIAL, 16, 0)
    samples = [made.batch(step)[0] for step in range(3)]
    assert not np.array_equal(samples[0], samples[1])
    assert not np.array_equal(samples[1], samples[2])


@pytest.mark.parametrize("threads", [1, 3])
def test_the_dataset_gives_the_batches_in_order_whatever_the_threads(threads: int) -> None:
    made = batches(TUTORIAL)
    seen = list(made.dataset(range(2 * made.per_epoch), threads))
    assert len(seen) == 2 * made.per_epoch
    for step, (pictures, classes, weights) in enumerate(seen):
        expected = made.batch(step)
        np.testing.assert_array_equal(pictures.numpy(), expected[0])
        np.testing.assert_array_equal(classes.numpy(), expected[1])
        np.testing.assert_array_equal(weights.numpy(), expected[2])


def test_validation_pictures_are_left_as_they_are() -> None:
    made = ValidationBatches(VALIDATION, 3)
    seen = list(made.dataset())
    assert len(seen) == made.count
    pictures = np.concatenate([batch[0].numpy() for batch in seen])
    np.testing.assert_array_equal(pictures, VALIDATION.pictures)


def test_large_validation_pictures_come_in_small_batches() -> None:
    large = LabelledPictures(np.zeros((5, 1024, 1024, 3), np.uint8), np.zeros(5, np.int64))
    made = ValidationBatches(large, 2)
    assert [len(made.batch(step)[2]) for step in range(made.count)] == [2, 3]


def test_class_weights_make_classes_count_alike() -> None:
    weights = class_weights(np.array([0] * 6 + [1] * 2), 3)
    assert weights.tolist() == pytest.approx([8 / 12, 2.0, 0.0])
    labels = TRAINING.labels
    made = TrainingBatches(TRAINING, 3, NONE, 51, 0, balance_classes=True)
    assert made.batch(0)[2].mean() == pytest.approx(1.0)
    assert class_weights(labels, 3).tolist() == pytest.approx([1.0] * 3)
