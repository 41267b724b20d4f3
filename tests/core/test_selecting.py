"""A selection goes with its pictures."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.core.arranging import Arrangement
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import Sample
from cnnstudio.core.selecting import Selection, selected_again


def arrangement(paths: str) -> Arrangement:
    samples = tuple(Sample(path, None, 1, 1) for path in paths)
    return Arrangement(samples, {path: row for row, path in enumerate(paths)})


def selection(mask: str, current: int = -1) -> Selection:
    return Selection(np.array([each == "x" for each in mask]), current)


def again(
    before: str, chosen: Selection, after: str, moved: dict[str, str | None] | None = None
) -> tuple[str, int]:
    found = selected_again(
        arrangement(before), chosen, arrangement(after), moved or {}, TaskContext()
    )
    return "".join("x" if each else "." for each in found.mask), found.current


def test_it_gives_the_samples_in_order() -> None:
    chosen = selection("x.x")
    assert [each.path for each in chosen.of(arrangement("abc").samples)] == ["a", "c"]
    assert chosen.count == 2
    assert Selection().of(()) == []


def test_another_order_selects_the_same_pictures() -> None:
    assert again("abcd", selection(".xx.", 2), "dcba") == (".xx.", 1)


def test_moved_pictures_stay_selected_and_removed_ones_do_not() -> None:
    assert again("abcd", selection("xx..", 1), "cdAz", {"a": "A", "b": None}) == ("..x.", 2)


@pytest.mark.parametrize(
    ("after", "expected"), [("ad", (".x", 1)), ("a", ("x", 0)), ("", ("", -1))]
)
def test_when_all_are_gone_the_next_picture_is_selected(
    after: str, expected: tuple[str, int]
) -> None:
    assert again("abcd", selection(".xx.", 1), after, {"b": None, "c": None}) == expected


def test_without_a_selection_nothing_becomes_selected() -> None:
    assert again("abcd", selection("....", 2), "dcba") == ("....", 1)


def test_where_nothing_changed_the_selection_is_the_very_same() -> None:
    shown, chosen = arrangement("abc"), selection("x..")
    later = Arrangement(shown.samples, shown.rows)
    assert selected_again(shown, chosen, later, {}, TaskContext()) is chosen
