"""Which pictures pass the filter of the Images step."""

from __future__ import annotations

from pathlib import Path

from cnnstudio.core.project import ImageClass, Project, Sample
from cnnstudio.ui.models.sample_filter import SampleFilter

PROJECT = Project(
    Path("/p"),
    (ImageClass("a", "a"), ImageClass("b", "b")),
    (
        Sample("a/Cat 1.jpg", "a", 1, 1),
        Sample("a/dog.jpg", "a", 1, 2),
        Sample("b/cat 2.jpg", "b", 1, 3),
        Sample("_unlabelled/E\N{COMBINING ACUTE ACCENT}te.jpg", None, 1, 4),
    ),
)


def names(chosen: SampleFilter, problems: tuple[str, ...] = ()) -> list[str]:
    return [sample.file_name for sample in chosen.apply(PROJECT, problems)]


def test_without_a_choice_all_pass() -> None:
    assert len(names(SampleFilter())) == 4


def test_a_class_and_without_a_class() -> None:
    assert names(SampleFilter(every_class=False, class_name="a")) == ["Cat 1.jpg", "dog.jpg"]
    assert len(names(SampleFilter(every_class=False))) == 1


def test_part_of_a_name_in_any_case_with_spaces_around() -> None:
    assert names(SampleFilter(name_part=" CAT ")) == ["Cat 1.jpg", "cat 2.jpg"]


def test_an_accent_is_found_however_the_file_system_writes_it() -> None:
    assert len(names(SampleFilter(name_part="éte"))) == 1


def test_only_problems_of_a_class() -> None:
    chosen = SampleFilter(every_class=False, class_name="a", only_problems=True)
    assert names(chosen, ("a/dog.jpg", "b/cat 2.jpg")) == ["dog.jpg"]
