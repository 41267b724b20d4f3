"""Which pictures are shown, and in which order."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.arranging import (
    Arrangement,
    Knowledge,
    OrderKey,
    Problem,
    SampleFilter,
    SampleOrder,
    arrange,
    problems_by_path,
)
from cnnstudio.core.dataset.scanning import in_project_order, natural_key
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.project import SPLITS, ImageClass, Project, Sample

CLASSES = (ImageClass("b", "b"), ImageClass("a", "a", is_switched_on=False))
FIRST = date(2024, 3, 1)
KINDS = ("unreadable", "dark", "blurred")


def noon_ns(days: int) -> int:
    noon = datetime.combine(FIRST, datetime.min.time()) + timedelta(days=days, hours=12)
    return int(noon.timestamp()) * 1_000_000_000


def project_of(*samples: Sample) -> Project:
    return Project(Path("/p"), CLASSES, in_project_order((), CLASSES, samples))


def names(
    project: Project,
    wanted: SampleFilter = SampleFilter(),  # noqa: B008 - frozen
    order: SampleOrder = SampleOrder(),  # noqa: B008 - frozen
    knowledge: Knowledge = Knowledge(),  # noqa: B008 - nobody changes it
) -> list[str]:
    arrangement = arrange(project, wanted, order, knowledge, TaskContext())
    assert list(arrangement.rows) == [sample.path for sample in arrangement.samples]
    assert list(arrangement.rows.values()) == list(range(len(arrangement.samples)))
    return [sample.file_name for sample in arrangement.samples]


PROJECT = project_of(
    Sample("a/Cat 10.jpg", "a", 400, noon_ns(0)),
    Sample("a/dog.jpg", "a", 300, noon_ns(1), "test"),
    Sample("b/cat 2.jpg", "b", 200, noon_ns(2)),
    Sample("_unlabelled/E\N{COMBINING ACUTE ACCENT}te.jpg", None, 100, noon_ns(3)),
)
ETE = "E\N{COMBINING ACUTE ACCENT}te.jpg"


def test_without_a_wish_the_project_is_shown_in_its_own_order() -> None:
    assert names(PROJECT) == ["cat 2.jpg", "Cat 10.jpg", "dog.jpg", ETE]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (SampleFilter(frozenset({"a"})), ["Cat 10.jpg", "dog.jpg"]),
        (SampleFilter(frozenset({None, "b"})), ["cat 2.jpg", ETE]),
        (SampleFilter(frozenset()), []),
        (SampleFilter(name_part=" CAT "), ["cat 2.jpg", "Cat 10.jpg"]),
        (SampleFilter(name_part="éte"), [ETE]),
        (SampleFilter(split="test"), ["dog.jpg"]),
        (SampleFilter(split="train"), ["cat 2.jpg"]),
        (SampleFilter(only_problems=True), ["cat 2.jpg", "Cat 10.jpg"]),
        (SampleFilter(problem_kinds=frozenset({"dark"})), ["cat 2.jpg"]),
        (SampleFilter(first_day=FIRST + timedelta(days=2)), ["cat 2.jpg", ETE]),
        (SampleFilter(last_day=FIRST), ["Cat 10.jpg"]),
        (SampleFilter(batch="from the phone"), ["Cat 10.jpg"]),
        (SampleFilter(only_switched_off=True), ["Cat 10.jpg", "dog.jpg"]),
        (SampleFilter(frozenset({"a"}), name_part="cat", only_problems=True), ["Cat 10.jpg"]),
    ],
)
def test_pictures_are_found_by_what_is_known_of_them(
    wanted: SampleFilter, expected: list[str]
) -> None:
    knowledge = Knowledge(
        problems={
            "b/cat 2.jpg": (Problem("blurred", ""), Problem("dark", "", 1)),
            "a/Cat 10.jpg": (Problem("blurred", ""),),
        },
        splits={"b/cat 2.jpg": "train", "a/dog.jpg": "train"},
        batches={"a/Cat 10.jpg": "from the phone"},
    )
    assert names(PROJECT, wanted, knowledge=knowledge) == expected


@pytest.mark.parametrize(
    ("key", "up", "down"),
    [
        (
            "class",
            ["cat 2.jpg", "Cat 10.jpg", "dog.jpg", ETE],
            ["Cat 10.jpg", "dog.jpg", "cat 2.jpg", ETE],
        ),
        (
            "name",
            ["cat 2.jpg", "Cat 10.jpg", "dog.jpg", ETE],
            [ETE, "dog.jpg", "Cat 10.jpg", "cat 2.jpg"],
        ),
        (
            "date",
            ["Cat 10.jpg", "dog.jpg", "cat 2.jpg", ETE],
            [ETE, "cat 2.jpg", "dog.jpg", "Cat 10.jpg"],
        ),
        (
            "size",
            ["dog.jpg", "cat 2.jpg", ETE, "Cat 10.jpg"],
            ["cat 2.jpg", "dog.jpg", "Cat 10.jpg", ETE],
        ),
        (
            "problem",
            [ETE, "cat 2.jpg", "Cat 10.jpg", "dog.jpg"],
            ["cat 2.jpg", ETE, "Cat 10.jpg", "dog.jpg"],
        ),
    ],
)
def test_pictures_are_sorted_both_ways(key: OrderKey, up: list[str], down: list[str]) -> None:
    knowledge = Knowledge(
        sizes={"a/dog.jpg": (10, 10), "b/cat 2.jpg": (20, 10)},
        problems={
            "b/cat 2.jpg": (Problem("dark", "", 1),),
            f"_unlabelled/{ETE}": (Problem("unreadable", "", 0),),
        },
    )
    assert names(PROJECT, order=SampleOrder(key), knowledge=knowledge) == up
    assert names(PROJECT, order=SampleOrder(key, descending=True), knowledge=knowledge) == down


SAMPLES = st.lists(
    st.builds(
        lambda name, label, size, day, split: Sample(
            f"{label or '_unlabelled'}/{name}", label, size, noon_ns(day), split
        ),
        st.text(st.sampled_from("aB0129é ."), min_size=1, max_size=6),
        st.sampled_from(["a", "b", None]),
        st.integers(0, 3),
        st.integers(0, 4),
        st.sampled_from([None, *SPLITS]),
    ),
    max_size=25,
    unique_by=lambda sample: sample.path,
)
DAYS = st.one_of(st.none(), st.integers(0, 4).map(lambda days: FIRST + timedelta(days=days)))
FILTERS = st.builds(
    SampleFilter,
    class_names=st.none() | st.frozensets(st.sampled_from(["a", "b", None])),
    split=st.sampled_from([None, *SPLITS]),
    only_problems=st.booleans(),
    problem_kinds=st.frozensets(st.sampled_from(KINDS), max_size=2),
    name_part=st.sampled_from(["", "a", "É", "1"]),
    first_day=DAYS,
    last_day=DAYS,
    batch=st.sampled_from([None, "one"]),
    only_switched_off=st.booleans(),
)
ORDERS = st.builds(SampleOrder, st.sampled_from(get_args(OrderKey)), st.booleans())


@given(SAMPLES, FILTERS, ORDERS, st.data())
def test_any_wish_gives_what_a_plain_search_and_sort_gives(
    samples: list[Sample], wanted: SampleFilter, order: SampleOrder, data: st.DataObject
) -> None:
    project = project_of(*samples)
    paths = [sample.path for sample in samples]
    some = st.sampled_from(paths) if paths else st.nothing()
    kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=2).map(
        lambda chosen: tuple(Problem(kind, "", KINDS.index(kind)) for kind in chosen)
    )
    knowledge = Knowledge(
        data.draw(st.dictionaries(some, st.tuples(st.integers(1, 3), st.integers(1, 3)))),
        data.draw(st.dictionaries(some, kinds)),
        data.draw(st.dictionaries(some, st.sampled_from(SPLITS))),
        data.draw(st.dictionaries(some, st.sampled_from(["one", "two"]))),
    )
    expected = [s.file_name for s in project.samples if passes(s, wanted, knowledge)]
    kept = [s for s in project.samples if passes(s, wanted, knowledge)]
    at_end = [s for s in kept if is_at_the_end(s, order, knowledge)]
    first = [s for s in kept if s not in at_end]
    for part in (first, at_end):
        part.sort(key=lambda s: key_of(s, order, knowledge), reverse=order.descending)
    expected = [sample.file_name for sample in first + at_end]
    assert names(project, wanted, order, knowledge) == expected


def passes(sample: Sample, wanted: SampleFilter, knowledge: Knowledge) -> bool:
    kinds = {each.kind for each in knowledge.problems.get(sample.path, ())}
    day = datetime.fromtimestamp(sample.modified_ns / 1e9).date()
    name = unicodedata.normalize("NFC", sample.file_name).casefold()
    split = sample.pinned_split or knowledge.splits.get(sample.path)
    return (
        (wanted.class_names is None or sample.class_name in wanted.class_names)
        and wanted.split in (None, split)
        and (not wanted.only_problems or bool(kinds))
        and (not wanted.problem_kinds or bool(kinds & wanted.problem_kinds))
        and wanted.name_part.casefold() in name
        and (wanted.first_day is None or day >= wanted.first_day)
        and (wanted.last_day is None or day <= wanted.last_day)
        and wanted.batch in (None, knowledge.batches.get(sample.path))
        and (not wanted.only_switched_off or sample.class_name == "a")
    )


def is_at_the_end(sample: Sample, order: SampleOrder, knowledge: Knowledge) -> bool:
    if order.key == "size":
        return sample.path not in knowledge.sizes
    if order.key == "problem":
        return sample.path not in knowledge.problems
    return order.key == "class" and sample.class_name is None


def key_of(sample: Sample, order: SampleOrder, knowledge: Knowledge) -> object:
    width, height = knowledge.sizes.get(sample.path, (0, 0))
    problems = knowledge.problems.get(sample.path)
    keys = {
        "class": sample.class_name == "a",
        "name": natural_key(sample.file_name),
        "date": sample.modified_ns,
        "size": (width * height, sample.size_bytes),
        "problem": problems[0].rank if problems else 0,
    }
    return keys[order.key]


def test_what_is_shown_already_keeps_its_rows() -> None:
    shown = arrange(PROJECT, SampleFilter(), SampleOrder(), Knowledge(), TaskContext())
    for order, is_same in ((SampleOrder(), True), (SampleOrder("date"), False)):
        again = arrange(PROJECT, SampleFilter(), order, Knowledge(), TaskContext(), shown)
        assert (again.rows is shown.rows) == is_same


def test_a_newer_wish_ends_an_older_one() -> None:
    context = TaskContext()
    context.cancel()
    with pytest.raises(Cancelled):
        arrange(PROJECT, SampleFilter(), SampleOrder(), Knowledge(), context)
    assert Arrangement().samples == ()


@dataclass(frozen=True)
class Finding:
    kind: str
    paths: tuple[str, ...]
    notes: tuple[str, ...] = ()


def test_findings_are_told_picture_by_picture_the_gravest_first() -> None:
    problems = problems_by_path(
        [
            Finding("unreadable", ("1", "2"), ("empty", "cut off")),
            Finding("near twins", ("2", "3")),
            Finding("unreadable", ("4",)),
        ]
    )
    assert problems == {
        "1": (Problem("unreadable", "empty", 0),),
        "2": (Problem("unreadable", "cut off", 0), Problem("near twins", "", 1)),
        "3": (Problem("near twins", "", 1),),
        "4": (Problem("unreadable"),),
    }
