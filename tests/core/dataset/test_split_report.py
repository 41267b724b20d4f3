"""The window says what keeping look-alikes on one side has changed."""

from __future__ import annotations

import json

import pytest

from cnnstudio.core.dataset.look_alikes import LookAlikes, Reason
from cnnstudio.core.dataset.split_report import SplitReport, report_split
from cnnstudio.core.dataset.splitting import split_samples
from cnnstudio.core.project import Split
from cnnstudio.core.storage.split_book import SplitBook


def reported(
    marks: list[str],
    groups: list[int],
    pins: list[Split | None] | None = None,
    book: SplitBook | None = None,
    divided: tuple[int, ...] = (),
    reason: Reason = "series",
) -> tuple[SplitReport, SplitBook]:
    labels = [group % 2 for group in groups]
    before, pins = book or SplitBook(), pins or [None] * len(marks)
    splits, after = split_samples(marks, labels, pins, before, 0, 0.15, 0.15, groups)
    alike = LookAlikes(tuple(groups), {reason: len(marks)}, divided)
    report = report_split(
        marks, labels, pins, splits, before, after, alike, ["cats", "dogs", "other"]
    )
    return report, after


def test_frames_dealt_one_by_one_would_have_been_tested_on_what_was_learned() -> None:
    marks = [f"frame {n}" for n in range(200)]
    report, _ = reported(marks, [n // 10 for n in range(200)], reason="taken together")
    assert (report.groups, report.pictures, report.straddling) == (20, 200, {})
    assert report.spared == 60
    assert report.sentence == (
        "200 pictures look alike in 20 groups, such as frames of one video. Each group is kept on"
        " one side; dealt one by one, 60 of them would have been tested on look-alikes that were"
        " learned."
    )
    assert report.warnings == []


def test_where_nothing_looks_alike_nothing_is_said() -> None:
    report, _ = reported([f"p{n}" for n in range(40)], list(range(40)))
    assert (report.sentence, report.warnings, report.spared) == ("", [], 0)


def test_copies_count_as_look_alikes() -> None:
    marks = [f"p{n // 4}" for n in range(160)]
    report, _ = reported(marks, [n // 4 for n in range(160)], reason="copies")
    assert report.groups == 40
    assert 20 <= report.spared <= 60
    assert "such as copies" in report.sentence


def test_a_split_of_folders_stays_with_a_warning_that_counts() -> None:
    marks = [f"p{n}" for n in range(60)]
    pins: list[Split | None] = [["train", "validation", "test"][n % 3] for n in range(60)]  # type: ignore[list-item]
    groups = list(range(60))
    groups[2] = groups[5] = groups[0] = 0
    report, _ = reported(marks, groups, pins)
    assert report.straddling == {"test": 2}
    assert report.warnings == [
        "2 test pictures look like training pictures: the figures may be too good. They stay where"
        " your folders put them."
    ]
    assert report.spared == 0


def test_pictures_that_come_to_their_look_alikes_are_counted() -> None:
    marks = [f"p{n}" for n in range(80)]
    before, book = reported(marks, list(range(80)))
    assert before.moved == 0
    tested = next(place for place, mark in enumerate(marks) if book.sides[mark] == "test")
    learned = next(
        place
        for place, mark in enumerate(marks)
        if book.sides[mark] == "train" and place % 2 == tested % 2
    )
    groups = list(range(80))
    groups[tested] = learned
    report, _ = reported(marks, groups, book=book)
    assert report.moved == 1
    assert report.warnings == [
        "1 picture moved to the side of look-alikes: compare the figures with those of earlier runs"
        " with care."
    ]


def test_classes_that_had_to_be_divided_are_named() -> None:
    report, _ = reported([f"p{n}" for n in range(40)], list(range(40)), divided=(0, 2))
    assert "like frames of one video: cats, other." in report.warnings[0]


def test_a_report_is_read_as_it_was_written() -> None:
    report, _ = reported([f"p{n}" for n in range(40)], [n // 4 for n in range(40)], divided=(1,))
    again = SplitReport.from_dict(json.loads(json.dumps(report.to_dict())))
    assert again.sentence == report.sentence
    assert again.warnings == report.warnings
    with pytest.raises(ValueError, match="no report"):
        SplitReport.from_dict({"groups": 3})
