"""What is said of one picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest

from cnnstudio.core.arranging import Knowledge, Problem
from cnnstudio.core.config import ResizeMode, RunConfig, TrainingConfig
from cnnstudio.core.project import ImageClass, Project, Sample
from cnnstudio.ui.problem_words import badge_word, problem_words
from cnnstudio.ui.sample_words import file_size, network_words, sample_facts, sample_problems

NOW = datetime(2024, 5, 4, 12, 0, tzinfo=timezone(timedelta(hours=2)))
CHANGED_NS = int(datetime(2024, 5, 3, 16, 2, tzinfo=UTC).timestamp()) * 10**9
PROJECT = Project(Path("/p"), (ImageClass("a", "Apples"),))


def test_class_size_date_and_part_are_told() -> None:
    sample = Sample("test/a/1.jpg", "a", 2_400_000, CHANGED_NS, "test")
    knowledge = Knowledge(sizes={"test/a/1.jpg": (4032, 3024)})
    assert sample_facts(PROJECT, sample, knowledge, NOW) == [
        "Apples",
        "4032 x 3024 pixels",
        "2.4 MB",
        "yesterday 18:02",
        "test part",
    ]


def test_what_is_not_known_is_left_out() -> None:
    sample = Sample("_unlabelled/1.jpg", None, 1, CHANGED_NS)
    assert sample_facts(PROJECT, sample, Knowledge(), NOW) == [
        "without a class",
        "1 byte",
        "yesterday 18:02",
    ]
    assert sample_problems(sample, Knowledge()) == ""


def test_every_problem_of_a_picture_is_told_the_gravest_first() -> None:
    sample = Sample("a/1.jpg", "a", 1, CHANGED_NS)
    problems = (Problem("unreadable", "the file is empty"), Problem("near twins"))
    assert sample_problems(sample, Knowledge(problems={"a/1.jpg": problems})) == (
        "Cannot be read: the file is empty; Another picture looks nearly the same"
    )


def test_a_kind_of_problem_without_words_is_told_by_its_name() -> None:
    assert badge_word("upside down") == "upside down"
    assert problem_words(Problem("upside down")) == "Upside down"


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "2 KB"), (999_499, "999 KB"), (999_500, "1.0 MB")],
)
def test_sizes_of_files_have_the_unit_that_suits_them(size_bytes: int, words: str) -> None:
    assert file_size(size_bytes) == words


@pytest.mark.parametrize("mode", get_args(ResizeMode))
def test_what_becomes_of_the_edges_is_told_in_every_mode(mode: ResizeMode) -> None:
    training = TrainingConfig(image_size=96, resize_mode=mode)
    words = network_words(Project(Path("/p"), config=RunConfig(training=training)))
    assert words.startswith("96 x 96 pixels. ")
    assert "cut off" in words
