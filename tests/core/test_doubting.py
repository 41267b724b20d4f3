"""Confident learning: which labels are doubted, and in which order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.doubting import confident_joint, find_doubts

Labels = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]


@st.composite
def labelled_answers(draw: st.DrawFn) -> tuple[Labels, Probabilities]:
    """Labels and the answers of a model that is often, but not always, of their opinion."""
    seed, count, size = (
        draw(st.integers(0, 10_000)),
        draw(st.integers(1, 60)),
        draw(st.integers(2, 6)),
    )
    random = np.random.default_rng(seed)
    labels = random.integers(0, size, count)
    scores = random.normal(0, draw(st.sampled_from([0.1, 1.0, 5.0])), (count, size))
    scores[np.arange(count), labels] += draw(st.sampled_from([0.0, 1.0, 4.0]))
    weights = np.exp(scores)
    return labels, weights / weights.sum(axis=1, keepdims=True)


def certain_answers(labels: list[int], size: int, certainty: float = 0.9) -> Probabilities:
    """Answers that give each label a certainty, and the others what is left."""
    answers = np.full((len(labels), size), (1 - certainty) / (size - 1))
    answers[np.arange(len(labels)), labels] = certainty
    return answers


def test_the_pictures_in_the_wrong_class_are_the_ones_doubted() -> None:
    really = [0] * 10 + [1] * 10 + [2] * 10
    labels = np.array(really)
    labels[[3, 14]] = 2, 0
    doubts = find_doubts(labels, certain_answers(really, 3))
    assert sorted(doubts.places) == [3, 14]
    assert dict(zip(doubts.places, doubts.suggested, strict=True)) == {3: 0, 14: 1}
    assert dict(zip(doubts.places, doubts.given, strict=True)) == {3: 2, 14: 0}


def test_labels_that_the_model_shares_are_not_doubted() -> None:
    labels = [0, 1, 2] * 10
    assert len(find_doubts(np.array(labels), certain_answers(labels, 3)).places) == 0


def test_nothing_to_look_at_gives_no_doubts() -> None:
    assert len(find_doubts(np.empty(0, np.int64), np.empty((0, 3))).places) == 0


def test_a_model_that_is_never_sure_of_a_class_is_not_held_to_the_same_certainty() -> None:
    """Thresholds are per class: 0.6 is much for a class that usually gets 0.5."""
    really = np.array([0] * 20 + [1] * 20)
    answers = np.where(really[:, None] == 0, [[0.95, 0.05]], [[0.45, 0.55]])
    answers[0] = 0.4, 0.6  # labelled 0, and as sure to be a 1 as any 1 is
    doubts = find_doubts(really, answers)
    assert doubts.places.tolist() == [0]


def test_the_joint_counts_as_in_the_paper() -> None:
    # Thresholds: 0.6 for class 0, 0.7 for class 1.
    labels = np.array([0, 0, 0, 1, 1])
    answers = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.3, 0.7], [0.3, 0.7]])
    assert confident_joint(labels, answers).tolist() == [[2, 1], [0, 2]]


def test_a_picture_that_reaches_several_thresholds_counts_for_the_most_probable_class() -> None:
    labels = np.array([0, 1, 2, 2])
    answers = np.array([[0.4, 0.3, 0.3], [0.3, 0.5, 0.2], [0.05, 0.05, 0.9], [0.42, 0.53, 0.05]])
    assert confident_joint(labels, answers).tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]


@given(labelled_answers())
def test_the_joint_divides_the_pictures_of_each_label(
    material: tuple[Labels, Probabilities],
) -> None:
    labels, answers = material
    joint = confident_joint(labels, answers)
    assert (joint >= 0).all()
    assert joint.sum(axis=1).tolist() == np.bincount(labels, minlength=answers.shape[1]).tolist()


@given(labelled_answers())
def test_doubts_differ_from_the_label_and_the_most_doubtful_come_first(
    material: tuple[Labels, Probabilities],
) -> None:
    labels, answers = material
    doubts = find_doubts(labels, answers)
    assert len(set(doubts.places)) == len(doubts.places)
    assert (doubts.given == labels[doubts.places]).all()
    assert (doubts.suggested == answers[doubts.places].argmax(axis=1)).all()
    assert (doubts.suggested != doubts.given).all()
    assert doubts.self_confidence == pytest.approx(answers[doubts.places, doubts.given])
    assert (np.diff(doubts.self_confidence) >= 0).all()


@given(labelled_answers(), st.randoms(use_true_random=False))
def test_the_order_of_pictures_and_classes_does_not_matter(
    material: tuple[Labels, Probabilities], random: np.random.RandomState
) -> None:
    labels, answers = material
    order = list(range(len(labels)))
    random.shuffle(order)
    doubts = find_doubts(labels, answers)
    shuffled = find_doubts(labels[order], answers[order])
    assert {order[place] for place in shuffled.places} == set(doubts.places)
