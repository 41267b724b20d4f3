"""Classes are put in order one at a time."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.class_edits import move_class, place_class
from cnnstudio.core.project import ImageClass, Project, Sample

NAMES = "abcde"
PROJECT = Project(
    Path("/p"),
    tuple(ImageClass(name, name) for name in NAMES),
    tuple(Sample(f"{name}/1.jpg", name, 1, 1) for name in NAMES),
)


def order(project: Project) -> str:
    return "".join(each.name for each in project.classes)


def test_a_class_goes_up_and_down_and_stops_at_the_ends() -> None:
    assert order(move_class("c", -1)(PROJECT).project) == "acbde"
    assert order(move_class("c", 1)(PROJECT).project) == "abdce"
    assert order(move_class("a", -1)(PROJECT).project) == NAMES
    assert order(move_class("e", 9)(PROJECT).project) == NAMES


def test_a_class_goes_before_another_or_to_the_end() -> None:
    assert order(place_class("d", "a")(PROJECT).project) == "dabce"
    assert order(place_class("a", None)(PROJECT).project) == "bcdea"
    assert order(place_class("b", "e")(PROJECT).project) == "acdbe"


@given(st.sampled_from(NAMES), st.sampled_from([*NAMES, None]))
def test_the_pictures_follow_and_no_file_moves(name: str, before: str | None) -> None:
    result = place_class(name, before)(PROJECT)
    assert sorted(order(result.project)) == list(NAMES)
    assert "".join(str(each.class_name) for each in result.project.samples) == order(result.project)
    assert result.moves == ()
