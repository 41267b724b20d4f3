"""What can be undone and redone."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.history import LONGEST, History, Step
from cnnstudio.core.project import Project


def step(words: str) -> Step:
    return Step(words, Project(Path("before")), Project(Path("after")), ())


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


def test_the_oldest_steps_are_forgotten_and_all_after_clearing() -> None:
    history = History()
    steps = [step(str(number)) for number in range(LONGEST + 5)]
    for each in steps:
        history.push(each)
    for each in reversed(steps[5:]):
        history.undone(each)
    assert history.undo_step is None
    history.clear()
    assert history.redo_step is None
