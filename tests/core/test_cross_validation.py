"""Answers by models that did not learn the picture they are asked about."""

from __future__ import annotations

import warnings
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from cnnstudio.core.cross_validation import FOLDS, deal_to_folds, out_of_fold_probabilities
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.softmax_regression import Features, fit_softmax_regression


def clouds(labels: np.ndarray, length: int = 12, seed: int = 0, noise: float = 1.0) -> Features:
    """Features that lie around a place of their class's own."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 2, (int(labels.max()) + 1, length))
    return (centres[labels] + random.normal(0, noise, (len(labels), length))).astype(np.float32)


def names(count: int) -> list[str]:
    return [f"picture {number}" for number in range(count)]


def test_the_regression_is_that_of_scikit_learn() -> None:
    labels = np.arange(240) % 4
    features, asked = clouds(labels, noise=3), clouds(labels, seed=1, noise=3)
    features[:, 5] = 7  # says nothing, and cannot be scaled
    asked[:, 5] = 7
    ours = fit_softmax_regression(features, labels, 4, TaskContext(), inverse_penalty=0.1)
    scaler = StandardScaler().fit(features)
    theirs = LogisticRegression(C=0.1, tol=1e-6, max_iter=1000)
    theirs.fit(scaler.transform(features), labels)
    expected = theirs.predict_proba(scaler.transform(asked))
    np.testing.assert_allclose(ours.probabilities(asked), expected, atol=0.01)


def test_few_pictures_with_long_features_are_regressed_as_by_scikit_learn() -> None:
    labels = np.arange(40) % 4
    features = clouds(labels, length=300, noise=9)
    asked = clouds(labels, length=300, seed=1, noise=9)
    ours = fit_softmax_regression(features, labels, 4, TaskContext())
    scaler = StandardScaler().fit(features)
    theirs = LogisticRegression(C=0.01, tol=1e-6, max_iter=1000)
    theirs.fit(scaler.transform(features), labels)
    assert ours.weights.shape == (300, 4)
    expected = theirs.predict_proba(scaler.transform(asked))
    np.testing.assert_allclose(ours.probabilities(asked), expected, atol=0.01)


def test_the_regression_can_be_cancelled_in_the_middle() -> None:
    class Impatient(TaskContext):
        steps = 0

        def checkpoint(self) -> None:
            self.steps += 1
            if self.steps == 3:
                self.cancel()
            super().checkpoint()

    labels = np.arange(90) % 3
    context = Impatient()
    with pytest.raises(Cancelled):
        fit_softmax_regression(clouds(labels, noise=3), labels, 3, context)
    assert context.steps == 3


def test_classes_that_lie_apart_are_told_apart_without_having_learned_the_picture() -> None:
    labels = np.arange(100) % 5
    answers = out_of_fold_probabilities(clouds(labels), labels, names(100), 5, TaskContext())
    np.testing.assert_allclose(answers.sum(axis=1), 1)
    assert (answers.argmax(axis=1) == labels).mean() > 0.95


def test_no_answer_comes_from_a_model_that_learned_the_picture() -> None:
    """With noise for features a model that has learned a picture knows it, and others cannot."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 2, 200)
    features = random.normal(size=(100, 300)).astype(np.float32)
    features, labels = np.concatenate([features] * 2), np.concatenate([labels[:100]] * 2)
    copies = [*names(100), *names(100)]
    answers = out_of_fold_probabilities(features, labels, copies, 2, TaskContext())
    assert (answers.argmax(axis=1) == labels).mean() < 0.65
    leaking = out_of_fold_probabilities(features, labels, names(200), 2, TaskContext())
    assert (leaking.argmax(axis=1) == labels).mean() > 0.8


def test_the_same_pictures_give_the_same_answers() -> None:
    labels = np.arange(60) % 3
    first, second = (
        out_of_fold_probabilities(clouds(labels, noise=4), labels, names(60), 3, TaskContext())
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("counts", [(2, 2), (2, 40), (3, 1, 5), (1, 1)])
def test_tiny_classes_are_answered_without_a_warning(counts: tuple[int, ...]) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers = out_of_fold_probabilities(
            clouds(labels), labels, names(len(labels)), len(counts), TaskContext()
        )
    np.testing.assert_allclose(answers.sum(axis=1), 1)


def test_progress_counts_the_folds() -> None:
    labels = np.arange(60) % 3
    events: list[Progress] = []
    context = TaskContext(events.append)
    out_of_fold_probabilities(clouds(labels), labels, names(60), 3, context)
    assert (events[-1].done, events[-1].total) == (FOLDS, FOLDS)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1, max_size=80))
def test_copies_never_straddle_folds_and_classes_are_dealt_evenly(
    pictures: list[tuple[int, int]],
) -> None:
    # The copies of a picture have its class here.
    labels = np.array([content % 4 for _, content in pictures])
    marks = [str(content) for _, content in pictures]
    folds = deal_to_folds(labels, marks)
    fold_of: dict[str, set[int]] = defaultdict(set)
    per_class: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for label, mark, fold in zip(labels, marks, folds, strict=True):
        fold_of[mark].add(fold)
        per_class[label][fold].add(mark)
    assert all(len(each) == 1 for each in fold_of.values())
    for dealt in per_class.values():
        sizes = [len(dealt.get(fold, ())) for fold in range(FOLDS)]
        assert max(sizes) - min(sizes) <= 1
