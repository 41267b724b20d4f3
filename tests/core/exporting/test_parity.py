"""What two lots of answers have to have in common before an export is handed over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from cnnstudio.core.catalog.export_formats import export_format
from cnnstudio.core.evaluation.caution import Caution
from cnnstudio.core.evaluation.familiarity import Familiarity
from cnnstudio.core.exporting.parity import Answered, Parity, compare

COUNT = 100
CAUTION = Caution(familiarity=Familiarity(np.ones((5, 1), np.float16), 0.5), least_probability=0.7)


def answered(first: npt.NDArray[np.floating], far: float = 0.1) -> Answered:
    """Answers with these probabilities of the first of two classes."""
    probabilities = np.stack([first, 1 - first], axis=1)
    distances = np.full(len(first), far)
    unsure = np.array([bool(each) for each in CAUTION.doubts(probabilities, distances)])
    return Answered(probabilities, distances, unsure)


def compared(key: str, here: Answered, there: Answered) -> Parity:
    true = np.zeros(COUNT, np.int64)
    return compare(here, there, true, "test", export_format(key), CAUTION)


HERE = answered(np.full(COUNT, 0.9))


@pytest.mark.parametrize(
    ("key", "gap", "is_within"),
    [("onnx", 0.0004, True), ("onnx", 0.002, False), ("tflite-float16", 0.002, True)],
)
def test_each_format_has_its_own_tolerance(key: str, gap: float, is_within: bool) -> None:
    found = compared(key, HERE, answered(np.full(COUNT, 0.9 - gap)))
    assert found.is_within is is_within
    assert found.words == f"Agrees on 100 of 100, largest difference {gap:.4f}"


@pytest.mark.parametrize(("others", "is_within"), [(2, True), (3, False)])
def test_rounded_networks_must_name_the_same_class_for_98_of_100(
    others: int, is_within: bool
) -> None:
    changed = np.full(COUNT, 0.8)
    changed[:others] = 0.2
    found = compared("tflite-int8", HERE, answered(changed))
    assert found.is_within is is_within
    assert found.agreed == COUNT - others
    assert found.accuracy_words == f"Right: 100.0 % here, {100 - others}.0 % exported"


def test_not_sure_must_be_said_alike_but_right_at_the_limit() -> None:
    at_the_limit = answered(np.full(COUNT, 0.7001)), answered(np.full(COUNT, 0.6999))
    assert compared("onnx", *at_the_limit).is_within
    far_away = replace(HERE, is_unsure=np.ones(COUNT, bool))
    found = compared("onnx", HERE, far_away)
    assert not found.is_within
    assert found.words.endswith("“not sure” is said differently of 100")


def test_either_of_two_equally_likely_classes_is_the_same_answer() -> None:
    found = compared("onnx", answered(np.full(COUNT, 0.50001)), answered(np.full(COUNT, 0.49999)))
    assert found.agreed == COUNT


def test_a_picture_that_only_the_program_can_read_stops_it() -> None:
    probabilities = HERE.probabilities.copy()
    probabilities[0] = np.nan
    found = compared("onnx", HERE, replace(HERE, probabilities=probabilities))
    assert not found.is_within
    assert found.words.endswith("1 could not be read")
    probabilities[:] = np.nan
    found = compared("onnx", HERE, replace(HERE, probabilities=probabilities))
    assert not found.is_within
