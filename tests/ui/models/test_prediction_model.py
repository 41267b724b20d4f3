"""A hundred thousand answers stay small, and are sorted and filtered at once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from cnnstudio.core.predictions import NamedBytes, PictureProblem, Prediction
from cnnstudio.ui.models.answer_rows import Doubt, PredictionRow
from cnnstudio.ui.models.prediction_model import PredictionModel
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.thumbnails import Thumbnails

CLASSES = tuple(f"class {number}" for number in range(43))
DOWN = Qt.SortOrder.DescendingOrder


@pytest.fixture
def model(qapp: QApplication) -> Iterator[PredictionModel]:
    thumbnails = Thumbnails()
    yield PredictionModel(Theme(qapp, "light"), thumbnails)
    thumbnails.close()


def row(
    name: str, likeliest: int = 0, share: float = 0.5, unsure: bool | None = None
) -> PredictionRow:
    shares = np.full(43, (1 - share) / 42)
    shares[likeliest] = share
    return PredictionRow(Path(name), Prediction(name, CLASSES, tuple(shares.tolist()), unsure))


def problem(name: str) -> PredictionRow:
    return PredictionRow(Path(name), PictureProblem(name, "the file is empty"))


def shown(model: PredictionModel, column: int = 0) -> list[str]:
    return [model.index(place, column).data() for place in range(model.rowCount())]


def fill(model: PredictionModel, *rows: PredictionRow) -> None:
    model.clear(CLASSES, CLASSES)
    model.set_colours([QColor("red")] * 43)
    model.append(rows)


def test_rows_come_back_as_they_were_given(model: PredictionModel) -> None:
    pasted = PredictionRow(NamedBytes("pasted", b"x"), row("pasted", 3).answer)
    fill(model, row("a/1.png", 2, 0.75, unsure=True), problem("a/2.png"), pasted)
    assert shown(model) == ["1.png", "2.png", "pasted"]
    assert shown(model, 1) == ["class 2 (not sure)", "the file is empty", "class 3"]
    assert shown(model, 2) == ["75 %", "", "50 %"]
    first = model.row_at(model.index(0, 0))
    assert isinstance(first.answer, Prediction)
    assert first.source == Path("a/1.png")
    assert first.answer.is_unsure
    np.testing.assert_allclose(
        first.answer.probabilities, row("", 2, 0.75).answer.probabilities, rtol=1e-6
    )  # type: ignore[union-attr]
    assert model.row_at(model.index(1, 0)).answer == PictureProblem("a/2.png", "the file is empty")
    assert model.row_at(model.index(2, 0)).source == NamedBytes("pasted", b"x")


def test_names_are_sorted_as_people_do_and_what_is_chosen_stays(model: PredictionModel) -> None:
    fill(model, row("10.png"), row("9.png"), row("B.png"), row("a.png"))
    chosen = QPersistentModelIndex(model.index(1, 0))
    model.sort(0)
    assert shown(model) == ["9.png", "10.png", "a.png", "B.png"]
    assert chosen.data() == "9.png"
    model.append([row("1.png")])
    assert shown(model)[0] == "1.png", "those that come later take their place"
    model.sort(0, DOWN)
    assert shown(model)[-1] == "1.png"
    model.sort(-1)
    assert shown(model) == ["10.png", "9.png", "B.png", "a.png", "1.png"]


def test_only_one_class_or_one_kind_of_answer_is_shown(model: PredictionModel) -> None:
    fill(model, row("a", 1, unsure=False), row("b", 2, unsure=True), problem("c"))
    model.append([row("d", 1, unsure=True)])
    model.set_filter(1, None)
    assert shown(model) == ["a", "d"]
    model.append([row("e", 1, unsure=False), row("f", 5)])
    assert shown(model) == ["a", "d", "e"]
    model.set_filter(1, Doubt.NOT_SURE)
    assert shown(model) == ["d"]
    model.set_filter(None, Doubt.PROBLEM)
    assert shown(model) == ["c"]
    assert not model.index_of(0).isValid()
    model.set_filter(None, None)
    assert shown(model) == list("abcdef")


def test_the_order_of_many_names_is_asked_for_elsewhere(model: PredictionModel) -> None:
    wanted: list[int] = []
    model.names_wanted.connect(lambda: wanted.append(1))
    fill(model, *(row(f"{number}.png") for number in reversed(range(5000))))
    model.sort(0)
    assert wanted
    names = model.names(model.rows)
    model.set_name_order(sorted(range(5000), key=names.__getitem__))
    assert shown(model)[:3] == ["0.png", "1.png", "2.png"]


def test_an_answer_takes_little_room(model: PredictionModel) -> None:
    lots = [[row(f"folder/{n:06d}.jpg", n % 43) for n in range(500)] for _ in range(4)]
    model.clear(CLASSES, CLASSES)
    tracemalloc.start()
    for number, lot in enumerate(lots):
        paths = [Path(f"folder {number}/{n:06d}.jpg") for n in range(500)]
        model.append(
            [PredictionRow(path, each.answer) for path, each in zip(paths, lot, strict=True)]
        )
        del paths
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used / 2000 < 700, "a value for each answer would take 3,000 bytes"


def test_a_hundred_thousand_answers_are_sorted_and_filtered(model: PredictionModel) -> None:
    model.clear(CLASSES, CLASSES)
    answers = [row("x", n % 43, 0.2 + n / 2000).answer for n in range(1000)]
    for start in range(0, 100_000, 1000):
        model.append(
            [
                PredictionRow(NamedBytes(f"{start + n:06d}.jpg", b""), answer)
                for n, answer in enumerate(answers)
            ]
        )
    assert model.rowCount() == 100_000
    model.sort(2, DOWN)
    assert model.index(0, 2).data() == "70 %"
    model.set_filter(7, None)
    assert model.rowCount() == sum(n % 43 == 7 for n in range(1000)) * 100
    assert {model.index(place, 1).data() for place in range(0, model.rowCount(), 50)} == {"class 7"}
    model.sort(0)
    model.set_filter(None, None)
    assert model.rowCount() == 100_000
