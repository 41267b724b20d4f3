"""Recognising moved pictures."""

from __future__ import annotations

from pathlib import Path

from cnnstudio.core.project import Project, Sample
from cnnstudio.ui.models.moved_samples import moved_paths


def project(*samples: tuple[str, int, int]) -> Project:
    return Project(
        Path("/p"), (), tuple(Sample(path, None, size, time) for path, size, time in samples)
    )


def test_a_picture_is_found_in_its_new_folder() -> None:
    before = project(("a/1.jpg", 10, 1), ("a/2.jpg", 10, 2))
    after = project(("b/1.jpg", 10, 1), ("a/2.jpg", 10, 2))
    assert moved_paths(before, after) == {"a/1.jpg": "b/1.jpg"}


def test_a_picture_that_got_another_name_on_the_way_is_found() -> None:
    before = project(("a/1.jpg", 10, 1), ("b/1.jpg", 99, 9))
    after = project(("b/1 (2).jpg", 10, 1), ("b/1.jpg", 99, 9))
    assert moved_paths(before, after) == {"a/1.jpg": "b/1 (2).jpg"}


def test_pictures_alike_in_size_and_time_are_told_apart_by_name() -> None:
    before = project(("a/1.jpg", 10, 1), ("a/2.jpg", 10, 1))
    after = project(("b/2.jpg", 10, 1), ("b/1.jpg", 10, 1))
    assert moved_paths(before, after) == {"a/1.jpg": "b/1.jpg", "a/2.jpg": "b/2.jpg"}


def test_where_that_is_not_certain_nothing_is_claimed() -> None:
    before = project(("a/1.jpg", 10, 1))
    after = project(("b/3.jpg", 10, 1), ("b/4.jpg", 10, 1))
    assert moved_paths(before, after) == {"a/1.jpg": None}


def test_a_removed_picture_has_no_new_place() -> None:
    assert moved_paths(project(("a/1.jpg", 10, 1)), project()) == {"a/1.jpg": None}
