"""Small sets: an accuracy by models that learned neither the picture nor a look-alike."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core.cross_checking import (
    FOLDS,
    CrossCheck,
    cross_check,
    deal_groups,
    is_small,
)
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.events import EpochEnded, Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.softmax_regression import Features, fit_softmax_regression

LENGTH = 8


def drawn(
    seed: int, group_count: int, size: int, class_count: int = 2, spread: float = 1.3
) -> tuple[Features, np.ndarray, np.ndarray]:
    """Groups of pictures around places of their own, which lie around the place of their class."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(5).normal(0, 1, (class_count, LENGTH))
    label_of = np.arange(group_count) % class_count
    places = centres[label_of] + random.normal(0, spread, (group_count, LENGTH))
    groups = np.repeat(np.arange(group_count), size)
    noise = random.normal(0, 0.3, (len(groups), LENGTH)) if size > 1 else 0.0
    return (places[groups] + noise).astype(np.float32), label_of[groups], groups


def checked(
    features: Features, labels: np.ndarray, groups: np.ndarray, seed: int = 0
) -> CrossCheck:
    found = cross_check(features, labels, groups.tolist(), labels.max() + 1, seed, TaskContext())
    assert found is not None
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=40))
def test_groups_come_whole_into_folds_and_classes_are_spread(made: list[tuple[int, int]]) -> None:
    labels = np.repeat([label for label, _ in made], [size for _, size in made])
    groups = np.repeat(np.arange(len(made)), [size for _, size in made])
    folds = deal_groups(labels, groups, np.random.default_rng(0))
    for group in range(len(made)):
        assert len(set(folds[groups == group])) == 1
    for label in set(labels.tolist()):
        of_class = np.bincount(folds[labels == label], minlength=FOLDS)
        largest = max(size for each, size in made if each == label)
        assert of_class.max() - of_class.min() <= largest


def test_look_alikes_in_two_folds_would_promise_more() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(24), 15)
    labels = groups % 2
    # The places of groups say nothing about their class: there is nothing to learn but by heart.
    features = random.normal(0, 1, (24, 64))[groups] + random.normal(0, 0.3, (360, 64))
    honest = checked(features.astype(np.float32), labels, groups)
    by_picture = checked(features.astype(np.float32), labels, np.arange(360))
    assert by_picture.accuracy > 0.95
    assert honest.accuracy < 0.7
    assert honest.low < 0.5
    assert honest.high - honest.low > 0.3


def test_the_same_pictures_and_seed_give_the_same_answer() -> None:
    set_ = drawn(3, 40, 2)
    assert checked(*set_) == checked(*set_)
    assert checked(*set_, seed=1) != checked(*set_)


def test_when_all_is_right_the_interval_still_is_one() -> None:
    found = checked(*drawn(0, 20, 5, spread=0.0))
    assert found.accuracy == 1.0
    assert found.low == pytest.approx(0.839, abs=0.001)  # Wilson, 20 of 20
    assert found.high == 1.0
    assert found.sentence == (
        "5-fold cross-validation, repeated 4 times: 100 % right, somewhere between 84 % and 100 %."
    )


def test_a_class_that_is_one_group_is_left_out() -> None:
    features, labels, groups = drawn(0, 12, 4, spread=0.2)
    labels = np.where(groups == 0, 2, labels)
    found = checked(features, labels, groups)
    assert found.pictures == 44
    assert found.recalls[2] is None
    only_one = cross_check(features, np.zeros_like(labels), groups.tolist(), 2, 0, TaskContext())
    assert only_one is None


def test_it_tells_how_far_it_is_and_can_be_cancelled() -> None:
    events: list[object] = []
    context = TaskContext(events.append)
    features, labels, groups = drawn(0, 12, 2)
    cross_check(features, labels, groups.tolist(), 2, 0, context)
    assert isinstance(events[-1], Progress)
    assert (events[-1].done, events[-1].total) == (20, 20)
    context.cancel()
    with pytest.raises(Cancelled):
        cross_check(features, labels, groups.tolist(), 2, 0, context)


def test_a_stop_leaves_it_out_at_once() -> None:
    context = TaskContext()
    context.report(EpochEnded(1, 1, 0.5, 1, 0.5, 1, 1, True))  # there is something to keep
    features, labels, groups = drawn(0, 12, 2)
    assert cross_check(features, labels, groups.tolist(), 2, 0, context) is not None
    context.stop()
    assert cross_check(features, labels, groups.tolist(), 2, 0, context) is None


def test_it_is_read_as_it_was_written() -> None:
    found = checked(*drawn(0, 12, 2))
    assert CrossCheck.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    with pytest.raises(ValueError, match="no cross-check"):
        CrossCheck.from_dict({"accuracy": 0.5})


def test_a_set_is_small_by_its_test_part_or_as_a_whole() -> None:
    assert is_small(300, 60)
    assert is_small(1000, 49)
    assert not is_small(3781, 372)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("group_count", "size", "class_count"), [(60, 1, 3), (200, 1, 3), (24, 8, 2), (40, 5, 2)]
)
def test_the_interval_holds_the_truth_nineteen_times_of_twenty(
    group_count: int, size: int, class_count: int
) -> None:
    truth_asked, truth_labels, _ = drawn(10**6, 4000, 1, class_count)
    hits = 0
    rounds = 100
    for seed in range(rounds):
        features, labels, groups = drawn(seed, group_count, size, class_count)
        found = checked(features, labels, groups)
        model = fit_softmax_regression(features, labels, class_count, TaskContext())
        answers = model.probabilities(truth_asked).argmax(axis=1)
        hits += found.low <= (answers == truth_labels).mean() <= found.high
    # Of 100 with 95 expected, fewer than 88 come once in 200.
    assert hits >= 88
