"""Which of an evaluation's pictures are shown, and what has become of them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.evaluation.browsing import (
    Browsing,
    BrowsingOrder,
    Standing,
    Whereabouts,
    browse,
    standings,
)
from cnnstudio.core.project import ImageClass, Project, Sample
from tests.core.evaluation.answers import CLASSES, Asked, evaluation_of

ROOT = Path("/pictures/colours")

asked_pictures = st.lists(
    st.builds(
        Asked,
        st.uuids().map(lambda each: f"test/{each}.png"),
        st.uuids().map(str),
        st.sampled_from(CLASSES),
        st.sampled_from(CLASSES),
        st.floats(0.5, 1.0),
    ),
    max_size=30,
)
browsings = st.builds(
    Browsing,
    st.sampled_from(["worst", "uncertain", "certain"]),
    st.none() | st.integers(0, 2),
    st.none() | st.integers(0, 2),
    st.booleans(),
)


def project(labels: dict[str, str | None], classes: tuple[str, ...] = CLASSES) -> Project:
    return Project(
        ROOT,
        tuple(ImageClass(name, name) for name in classes),
        tuple(Sample(path, label, 1, 1) for path, label in labels.items()),
    )


def became(found: tuple[Standing, ...]) -> list[tuple[Whereabouts, str, bool]]:
    return [
        (each.whereabouts, each.sample.path if each.sample else "", each.is_relabelled)
        for each in found
    ]


# Which pictures, in which order


@given(asked_pictures, browsings)
def test_exactly_those_wanted_are_shown_each_once(asked: list[Asked], browsing: Browsing) -> None:
    shown = browse(evaluation_of(asked), browsing).tolist()
    wanted = {
        row
        for row, each in enumerate(asked)
        if browsing.true in (None, CLASSES.index(each.true))
        and browsing.predicted in (None, CLASSES.index(each.predicted))
        and not (browsing.only_wrong and each.true == each.predicted)
    }
    assert len(shown) == len(set(shown))
    assert set(shown) == wanted


@given(asked_pictures)
def test_the_worst_are_wrong_and_certain_the_best_right_and_certain(asked: list[Asked]) -> None:
    evaluation = evaluation_of(asked)
    keys = []
    for row in browse(evaluation, Browsing()).tolist():
        certainty = float(evaluation.probabilities[row].max())
        is_right = bool(evaluation.is_right[row])
        keys.append((is_right, certainty if is_right else -certainty))
    assert keys == sorted(keys)


@given(asked_pictures, st.sampled_from(["uncertain", "certain"]))
def test_certainty_rises_or_falls_and_equals_keep_their_places(
    asked: list[Asked], order: BrowsingOrder
) -> None:
    evaluation = evaluation_of(asked)
    rows = browse(evaluation, Browsing(order)).tolist()
    sign = 1 if order == "uncertain" else -1
    keys = [(sign * float(evaluation.probabilities[row].max()), row) for row in rows]
    assert keys == sorted(keys)


# What has become of them


def test_a_picture_that_moved_is_found_by_its_content() -> None:
    evaluation = evaluation_of([Asked("green/1.png", "a", "green", "red")])
    now = project({"red/1.png": "red"})
    found = standings(evaluation, now, {"red/1.png": "a"})
    assert became(found) == [("here", "red/1.png", True)]
    assert found[0].can_be_edited


def test_a_copy_that_was_judged_itself_is_not_taken_for_one_that_is_gone() -> None:
    evaluation = evaluation_of(
        [Asked("red/1.png", "a", "red", "red"), Asked("red/2.png", "a", "red", "red")]
    )
    found = standings(evaluation, project({"red/2.png": "red"}), {"red/2.png": "a"})
    assert became(found) == [("gone", "", False), ("here", "red/2.png", False)]


def test_other_content_in_the_same_place_is_not_the_picture() -> None:
    evaluation = evaluation_of([Asked("red/1.png", "a", "red", "red")])
    found = standings(evaluation, project({"red/1.png": "red"}), {"red/1.png": "b"})
    assert became(found) == [("replaced", "red/1.png", False)]
    assert not found[0].can_be_edited


def test_what_was_not_looked_at_yet_waits() -> None:
    evaluation = evaluation_of([Asked("red/1.png", "a", "red", "red")])
    found = standings(evaluation, project({"red/1.png": "green"}), {})
    assert became(found) == [("unchecked", "red/1.png", False)]
    assert not found[0].can_be_edited


def test_a_run_that_kept_no_content_cannot_be_sure() -> None:
    evaluation = evaluation_of([Asked("red/1.png", "", "red", "red")])
    found = standings(evaluation, project({"red/1.png": "red"}), {"red/1.png": "a"})
    assert became(found) == [("unchecked", "red/1.png", False)]


def test_a_picture_without_a_class_now_is_relabelled() -> None:
    evaluation = evaluation_of([Asked("red/1.png", "a", "red", "red")])
    now = project({"_unlabelled/1.png": None})
    found = standings(evaluation, now, {"_unlabelled/1.png": "a"})
    assert became(found) == [("here", "_unlabelled/1.png", True)]


def test_a_renamed_class_is_no_other_label() -> None:
    evaluation = evaluation_of(
        [Asked("red/1.png", "a", "red", "red"), Asked("blue/1.png", "b", "blue", "red")]
    )
    now = project({"ruby/1.png": "ruby", "blue/1.png": "blue"}, ("blue", "green", "ruby"))
    found = standings(evaluation, now, {"ruby/1.png": "a", "blue/1.png": "b"})
    assert became(found) == [("here", "ruby/1.png", False), ("here", "blue/1.png", False)]


def test_pictures_outside_the_project_stay_outside_and_those_inside_are_known() -> None:
    evaluation = evaluation_of(
        [
            Asked("/elsewhere/red/1.png", "a", "red", "red"),
            Asked(str(ROOT / "red" / "1.png"), "a", "red", "red"),
        ]
    )
    found = standings(evaluation, project({"red/1.png": "red"}), {"red/1.png": "a"})
    assert became(found) == [("outside", "", False), ("here", "red/1.png", False)]


@given(asked_pictures, st.data())
def test_however_pictures_move_each_is_found_once_with_its_label(
    asked: list[Asked], data: st.DataObject
) -> None:
    labels: dict[str, str | None] = {}
    marks: dict[str, str] = {}
    expected: list[tuple[Whereabouts, str, bool]] = []
    for number, each in enumerate(asked):
        if data.draw(st.booleans(), label="is removed"):
            expected.append(("gone", "", False))
            continue
        label = data.draw(st.sampled_from([*CLASSES, None]), label="class now")
        stays = data.draw(st.booleans(), label="stays")
        path = each.path if stays else f"{label}/moved {number}.png"
        labels[path], marks[path] = label, each.mark
        expected.append(("here", path, label != each.true))
    found = standings(evaluation_of(asked), project(labels), marks)
    assert became(found) == expected
