"""Names in the order in which people expect them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.dataset.scanning import natural_key
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.natural_order import natural_text, sorted_rows

NAMES = st.text(st.sampled_from("aAbßéİ0123 9_-./\x01😀"), max_size=12)


@given(st.lists(NAMES, max_size=20))
def test_names_are_sorted_as_everywhere_else_in_the_program(names: list[str]) -> None:
    assert sorted(names, key=natural_text) == sorted(names, key=natural_key)


def test_picture_10_comes_after_picture_2() -> None:
    names = ["img 10.jpg", "IMG 2.jpg", "img 1.jpg"]
    assert sorted(names, key=natural_text) == ["img 1.jpg", "IMG 2.jpg", "img 10.jpg"]


@pytest.mark.parametrize("descending", [False, True])
def test_many_are_sorted_and_equal_ones_keep_their_places(descending: bool) -> None:
    keys = [f"{number * 7919 % 500:03d}" for number in range(20_000)]
    expected = sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)
    assert sorted_rows(keys, TaskContext(), descending=descending) == expected


def test_sorting_ends_when_it_is_no_longer_wanted() -> None:
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        sorted_rows(["2", "1"], context)


def test_nothing_is_sorted_to_nothing() -> None:
    assert sorted_rows([], TaskContext()) == []
