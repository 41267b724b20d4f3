"""What two runs differ in, and whether one is shown to be better."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.comparing import RunComparison, compare_runs, load_comparison
from cnnstudio.core.config import ConvBlock, NetworkConfig
from cnnstudio.core.evidence import compare_answers, mcnemar
from cnnstudio.core.project import Split
from cnnstudio.core.runs import PredictionRecord, Run, SampleRecord, write_run


def a_run(
    name: str = "First", preset: str = "classic", classes: tuple[str, ...] = ("cat", "dog")
) -> Run:
    return Run(
        folder=Path("nowhere"),
        name=name,
        created=datetime(2026, 5, 3, 18, 2, tzinfo=UTC),
        config=training_preset(preset).config,
        class_names=classes,
        class_titles=tuple(each.capitalize() for each in classes),
        status="finished",
        best_epoch=7,
        epochs=8,
        validation_accuracy=0.9,
        test_accuracy=0.85,
        images_per_second=100.0,
        seconds=100.0,
        device="CPU, 2 cores",
        precision="float32",
        counts={"train": 70, "validation": 15, "test": 15},
        versions={"keras": "3.15.0"},
    )


def samples(numbers: range, class_name: str = "cat", split: Split = "train") -> list[SampleRecord]:
    return [
        SampleRecord(f"{class_name}/{each}.jpg", class_name, split, f"mark {each}")
        for each in numbers
    ]


def rows(comparison: RunComparison) -> dict[str, tuple[str, str]]:
    found = comparison.settings + comparison.network + comparison.classes + comparison.circumstances
    return {each.label: (each.first, each.second) for each in found}


def compared(first: Run, second: Run) -> dict[str, tuple[str, str]]:
    return rows(compare_runs(first, second, [], []))


def test_only_settings_that_differ_are_listed_in_words_with_units() -> None:
    first = a_run()
    training = replace(
        first.config.training, learning_rate=0.00003, optimizer="adamw", image_size=96, patience=1
    )
    second = replace(a_run("Second"), config=replace(first.config, training=training))
    assert compared(first, second) == {
        "Patience": ("8 epochs", "1 epoch"),
        "Learning rate": ("0.001", "0.00003"),
        "Optimiser": ("Adam", "AdamW"),
        "Picture size": ("224 px", "96 px"),
    }
    assert compared(first, replace(a_run("Second"), name="Second")) == {}


def test_a_setting_that_does_not_matter_for_the_way_of_training_is_no_difference() -> None:
    first = a_run(preset="fast")
    # Fast start builds no network of its own, and without variants it augments nothing.
    config = replace(
        first.config,
        network=NetworkConfig(dense_units=64),
        augmentation=replace(first.config.augmentation, rotation=90),
        transfer=replace(first.config.transfer, trained_share=0.5, variants=0),
    )
    first = replace(first, config=replace(first.config, transfer=config.transfer))
    assert compared(first, replace(a_run("Second"), config=config)) == {}


def test_other_ways_of_training_are_told_apart_by_what_both_have() -> None:
    found = compared(a_run(), a_run("Second", "fast"))
    assert found["Way of training"] == ("From scratch", "Fast start")
    assert found["Backbone"] == ("–", "EfficientNet-Lite0")
    assert "Filters" not in found
    assert "Augmented variants" not in found


def test_a_changed_block_of_the_network_is_named_by_its_place() -> None:
    first = a_run()
    network = replace(
        first.config.network,
        blocks=(ConvBlock(32), ConvBlock(48, kernel_size=5), ConvBlock(128), ConvBlock(128)),
    )
    found = compared(first, replace(a_run("Second"), config=replace(first.config, network=network)))
    assert found["Blocks"] == ("3", "4")
    assert found["Block 2, filters"] == ("64", "48")
    assert found["Block 2, kernel"] == ("3", "5")
    assert "Block 4, filters" not in found


def test_pictures_are_followed_by_content_through_classes_and_parts() -> None:
    before = samples(range(20)) + samples(range(20, 40), "dog", "test")
    after = [
        *samples(range(2, 16)),  # two are removed
        *samples(range(16, 20), "dog"),  # four have another class
        *samples(range(20, 35), "dog", "test"),
        *samples(range(35, 40), "dog", "validation"),  # five are in another part
        *samples(range(100, 131)),  # and 31 are new
    ]
    changes = compare_runs(a_run(), a_run("Second"), before, after).pictures
    assert changes.words == "+31 pictures, 4 re-labelled, 2 removed, 5 in another part"
    assert changes.examples == ("dog/16.jpg", "dog/17.jpg", "dog/18.jpg", "dog/19.jpg")


def test_a_renamed_class_is_no_relabelling() -> None:
    before = samples(range(20)) + samples(range(20, 40), "dog")
    after = samples(range(20), "kitten") + samples(range(20, 40), "dog")
    comparison = compare_runs(a_run(), a_run("Second", classes=("kitten", "dog")), before, after)
    assert comparison.pictures.words == "The same pictures in the same parts"
    assert rows(comparison) == {"Class": ("Cat", "Kitten")}


def test_a_run_without_its_list_of_pictures_does_not_look_like_one_without_pictures() -> None:
    changes = compare_runs(a_run(), a_run("Second"), [], samples(range(20))).pictures
    assert changes.words == "It is not known which pictures one of them was made from."
    assert (changes.added, changes.removed) == (0, 0)


def test_runs_of_one_name_are_told_apart() -> None:
    later = replace(a_run(), created=datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
    comparison = compare_runs(a_run(), later, [], [])
    assert comparison.first == "First (2026-05-03 18:02)"
    assert comparison.second == "First (2026-05-04 09:30)"
    same = compare_runs(a_run(), a_run(), [], [])
    assert same.first != same.second


def answers(right: range, of: range) -> dict[int, bool | None]:
    return {each: each in right for each in of}


def test_a_difference_that_luck_explains_shows_nothing() -> None:
    evidence = compare_answers(
        ("A", "B"), answers(range(46), range(55)), answers(range(49), range(55))
    )
    assert (evidence.only_first, evidence.only_second) == (0, 3)
    assert not evidence.is_clear
    assert evidence.words == (
        "On the same 55 test pictures, B is right about 3 that A gets wrong, and wrong about 0 that"
        " A gets right. Mere luck does that about 25 times in 100: this does not show that it is"
        " better."
    )


def test_as_many_each_way_is_said_to_be_equal() -> None:
    first = {number: number != 1 for number in range(10)}
    second = {number: number != 2 for number in range(10)}
    evidence = compare_answers(("A", "B"), first, second)
    assert evidence.words == (
        "On the same 10 test pictures, each is right about 1 that the other gets wrong: they do"
        " equally well on these."
    )


def test_a_difference_that_luck_does_not_explain_is_one() -> None:
    evidence = compare_answers(
        ("A", "B"), answers(range(30), range(55)), answers(range(5, 55), range(55))
    )
    assert (evidence.only_first, evidence.only_second) == (5, 25)
    assert evidence.is_clear
    assert evidence.words.endswith(
        "Mere luck does that less than once in 100 times: B is better on such pictures."
    )


def test_other_test_pictures_make_accuracies_incomparable() -> None:
    evidence = compare_answers(
        ("A", "B"), answers(range(50), range(55)), answers(range(50), range(12, 67))
    )
    assert evidence.words.startswith(
        "Measured on other test pictures: 12 of 55 differ, so the two accuracies cannot be"
        " compared as they stand. On the 43 that both share, both are right and wrong about the"
        " same ones."
    )


def test_no_test_pictures_no_verdict() -> None:
    assert compare_answers(("A", "B"), {}, answers(range(3), range(5))).chance is None
    alone = compare_answers(
        ("A", "B"), answers(range(3), range(5)), answers(range(3), range(8, 12))
    )
    assert alone.chance is None
    assert "5 of 5 differ" in alone.words


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_chance_is_that_of_the_binomial_test(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert math.isclose(mcnemar(first, second), expected, rel_tol=1e-9)


@pytest.mark.slow
def test_ten_thousand_pictures_are_compared_at_once() -> None:
    assert mcnemar(4000, 4200) == pytest.approx(0.028, abs=0.001)


def test_written_runs_are_compared_by_the_answers_they_kept(tmp_path: Path) -> None:
    runs = []
    for name, wrong in (("one", 0), ("two", 8)):
        folder = tmp_path / name
        folder.mkdir()
        run = replace(a_run(name), folder=folder)
        tested = samples(range(20), "cat", "test")
        told = [
            PredictionRecord(
                each.path,
                "test",
                "cat",
                np.array([0.2, 0.8] if place < wrong else [0.9, 0.1], np.float32),
            )
            for place, each in enumerate(tested)
        ]
        write_run(run, folder, tested, told)
        runs.append(run)
    comparison = load_comparison(*runs)
    assert comparison.test.shared == 20
    assert comparison.test.only_first == 8
    assert "one is right about 8 that two gets wrong" in comparison.verdict
    (runs[0].folder / "predictions.csv").unlink()
    assert "not kept" in load_comparison(*runs).verdict


def test_what_luck_does_every_time_is_not_counted_in_hundreds() -> None:
    evidence = compare_answers(
        ("A", "B"), answers(range(46), range(55)), answers(range(47), range(55))
    )
    assert "Mere luck does that every time: this does not" in evidence.words
