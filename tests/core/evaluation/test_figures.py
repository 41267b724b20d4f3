"""The figures of an evaluation are those that scikit-learn gives to anybody who asks it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn.calibration
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.curves import MOST_POINTS, ClassCurves, class_curves
from cnnstudio.core.evaluation.evaluation import Evaluation
from cnnstudio.core.evaluation.figures import Figures, figures_of
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.metrics import mean_interval, wilson_interval
from tests.core.evaluation.answers import answered, random_answers

EVALUATIONS = st.builds(
    random_answers,
    st.integers(0, 10_000),
    st.integers(1, 120),
    st.integers(2, 12),
    st.floats(0, 4),
)


def figures(evaluation: Evaluation) -> Figures:
    return figures_of(evaluation)(TaskContext())


def curves(evaluation: Evaluation) -> tuple[ClassCurves, ...]:
    return class_curves(evaluation)(TaskContext())


def same(ours: float | None, theirs: float) -> bool:
    return np.isnan(theirs) if ours is None else ours == pytest.approx(theirs)


@settings(max_examples=25, deadline=None)
@given(EVALUATIONS)
def test_shares_and_averages_are_those_of_scikit_learn(evaluation: Evaluation) -> None:
    ours, true, predicted = figures(evaluation), evaluation.true, evaluation.predicted
    assert ours.accuracy == pytest.approx(reference.accuracy_score(true, predicted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of answers that are no class of these pictures
        balanced = reference.balanced_accuracy_score(true, predicted)
    assert ours.balanced_accuracy == pytest.approx(balanced)
    low, high = ours.balanced_interval
    assert 0 <= low <= ours.balanced_accuracy <= high <= 1
    for name, score in (
        ("precision", reference.precision_score),
        ("recall", reference.recall_score),
        ("f1", reference.f1_score),
    ):
        each = score(
            true,
            predicted,
            labels=range(len(ours.classes)),
            average=None,
            zero_division=np.nan,
        )
        assert all(map(same, (getattr(one, name) for one in ours.classes), each))
        macro = score(true, predicted, average="macro", zero_division=0)
        assert getattr(ours.macro, name) == pytest.approx(macro)
    labels = range(len(ours.classes))
    np.testing.assert_array_equal(
        ours.confusion, reference.confusion_matrix(true, predicted, labels=labels)
    )
    for normal, shares in (("true", ours.by_row()), ("pred", ours.by_column())):
        expected = reference.confusion_matrix(true, predicted, labels=labels, normalize=normal)
        np.testing.assert_allclose(np.nan_to_num(shares), expected)


@settings(max_examples=20, deadline=None)
@given(EVALUATIONS)
def test_the_true_class_among_the_first_is_counted_as_scikit_learn_does(
    evaluation: Evaluation,
) -> None:
    classes = len(evaluation.class_names)
    top = figures(evaluation).top
    assert [each.size for each in top] == [size for size in (2, 3, 5) if size < classes]
    for each in top:
        assert each.share == pytest.approx(
            reference.top_k_accuracy_score(
                evaluation.true, evaluation.probabilities, k=each.size, labels=range(classes)
            )
        )
        assert each.interval[0] <= each.share <= each.interval[1]


@settings(max_examples=20, deadline=None)
@given(EVALUATIONS)
def test_the_calibration_error_is_that_of_its_definition(evaluation: Evaluation) -> None:
    """Guo et al. 2017, equation 3, written out."""
    confidence = evaluation.probabilities.max(axis=1).astype(float)
    error, bins = 0.0, []
    for place in range(15):
        inside = (confidence > place / 15) & (confidence <= (place + 1) / 15)
        if inside.any():
            accuracy, mean = evaluation.is_right[inside].mean(), confidence[inside].mean()
            error += inside.sum() / len(evaluation) * abs(accuracy - mean)
            bins.append((inside.sum(), mean, accuracy))
    ours = figures(evaluation).calibration
    assert ours.error == pytest.approx(error)
    assert [(each.count, each.confidence, each.accuracy) for each in ours.bins] == [
        pytest.approx(each) for each in bins
    ]
    assert ours.confidence == pytest.approx(confidence.mean())


@settings(max_examples=12, deadline=None)
@given(EVALUATIONS)
def test_areas_are_those_of_scikit_learn(evaluation: Evaluation) -> None:
    for place, each in enumerate(curves(evaluation)):
        is_class, answers = evaluation.true == place, evaluation.probabilities[:, place]
        assert each.positives == is_class.sum()
        if is_class.all() or not is_class.any():
            assert each.roc is None
            assert each.precision_recall is None
            continue
        assert each.roc is not None
        assert each.precision_recall is not None
        assert each.roc.area == pytest.approx(reference.roc_auc_score(is_class, answers))
        assert np.trapezoid(each.roc.y, each.roc.x) == pytest.approx(each.roc.area)
        area = reference.average_precision_score(is_class, answers)
        assert each.precision_recall.area == pytest.approx(area)
        assert (np.diff(each.precision_recall.x) >= 0).all()


def test_a_curve_of_many_pictures_keeps_its_area_and_its_ends() -> None:
    evaluation = random_answers(3, 20_000, 3, skill=1.0)
    (curve, *_) = curves(evaluation)
    assert curve.roc is not None
    assert len(curve.roc.x) == MOST_POINTS
    assert (curve.roc.x[0], curve.roc.y[0], curve.roc.x[-1], curve.roc.y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(curve.roc.y, curve.roc.x) == pytest.approx(curve.roc.area, abs=1e-3)


def test_the_interval_holds_the_true_figure_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    coverages = []
    for share in (0.5, 0.7, 0.8, 0.9, 0.95, 0.99):
        for count in (15, 40, 100, 400):
            correct = random.binomial(count, share, 4_000)
            ends = np.array([wilson_interval(k, count) for k in range(count + 1)])[correct]
            coverages.append(np.mean((ends[:, 0] <= share) & (share <= ends[:, 1])))
    # Counts are whole, so that no interval can hold it exactly 95 % of the time.
    assert min(coverages) > 0.85
    assert np.mean(coverages) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(
    ("recalls", "counts"),
    [((0.95, 0.8, 0.6), (60, 30, 20)), ((0.95,) * 43, (5,) * 43), ((0.9, 0.6), (100, 10))],
)
def test_the_interval_of_the_balanced_accuracy_holds_it_as_often(
    recalls: tuple[float, ...], counts: tuple[int, ...]
) -> None:
    random = np.random.default_rng(1)
    held = []
    for _ in range(2_000):
        shares = random.binomial(counts, recalls) / np.array(counts)
        low, high = mean_interval(list(zip(shares.tolist(), counts, strict=True)))
        assert low <= shares.mean() + 1e-9
        assert shares.mean() <= high + 1e-9
        held.append(low <= np.mean(recalls) <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def test_what_has_no_pictures_has_no_figure() -> None:
    ours = figures(answered([0, 0, 1], np.eye(4)[[0, 1, 1]]))
    absent = ours.classes[2]
    assert (absent.precision, absent.recall, absent.f1) == (None, None, None)
    assert (absent.support, absent.asked) == (0, 0)
    assert absent.recall_interval == (0.0, 1.0)
    assert np.isnan(ours.by_row()[2]).all()
    assert ours.balanced_accuracy == 0.75


def test_the_worst_confusions_come_first() -> None:
    predicted = [0, 1, 1, 1, 2, 2, 0, 0]
    ours = figures(answered([0, 0, 0, 1, 1, 2, 2, 2], np.eye(3)[predicted]))
    found = [(each.true, each.predicted, each.count) for each in ours.worst_confusions()]
    assert found == [(0, 1, 2), (2, 0, 2), (1, 2, 1)]
    assert ours.worst_confusions()[0].share == pytest.approx(2 / 3)
    assert len(ours.worst_confusions(1)) == 1


@pytest.mark.parametrize("answer", [[np.nan, np.nan], [1.5, -0.5]])
def test_answers_that_are_no_probabilities_are_refused(answer: list[float]) -> None:
    with pytest.raises(StudioError, match="no probabilities"):
        figures(answered([0, 1], [answer, [0.5, 0.5]]))


def test_without_pictures_it_says_so() -> None:
    with pytest.raises(StudioError, match="no pictures"):
        curves(answered([], np.empty((0, 2))))


def test_scikit_learn_has_the_same_calibration_curve() -> None:
    evaluation = random_answers(5, 400, 6)
    confidence = evaluation.probabilities.max(axis=1).astype(float)
    shares, means = sklearn.calibration.calibration_curve(
        evaluation.is_right, confidence, n_bins=15
    )
    bins = figures(evaluation).calibration.bins
    assert [each.accuracy for each in bins] == pytest.approx(shares.tolist())
    assert [each.confidence for each in bins] == pytest.approx(means.tolist())
