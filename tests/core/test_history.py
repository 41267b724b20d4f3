"""What can be undone and redone."""

from __future__ import annotations

import pytest

from cnnstudio.core.changes import Change
from cnnstudio.core.history import History, Step


def step(words: str) -> Step:
    return Step(words, Change((), (), (), (), frozenset(), frozenset()), ())


def test_steps_go_back_and_forth_in_order() -> None:
    history = History()
    one, two = step("one"), step("two")
    history.push(one)
    history.push(two)
    assert (history.undo_words, history.redo_words) == ("two", None)
    history.undone(two)
    history.undone(one)
    assert (history.undo_words, history.redo_words) == (None, "one")
    history.redone(one)
    assert (history.undo_words, history.redo_words) == ("one", "two")


def test_a_new_step_ends_what_could_be_redone() -> None:
    history = History()
    one = step("one")
    history.push(one)
    history.undone(one)
    history.push(step("other"))
    assert (history.undo_words, history.redo_step) == ("other", None)


def test_only_the_next_step_can_be_taken() -> None:
    history = History()
    one, two = step("one"), step("two")
    history.push(one)
    history.push(two)
    with pytest.raises(ValueError, match="last step"):
        history.undone(one)
    with pytest.raises(ValueError, match="made again"):
        history.redone(one)


def test_every_step_of_a_long_day_can_be_taken_back_and_is_named() -> None:
    history = History()
    steps = [step(str(number)) for number in range(5000)]
    for each in steps:
        history.push(each)
    assert [each.words for each in history.done()[:2]] == ["4999", "4998"]
    for each in reversed(steps):
        history.undone(each)
    assert history.undo_step is None
    assert [each.words for each in history.taken_back()[:2]] == ["0", "1"]
