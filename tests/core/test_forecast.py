"""How long a training will take, before it starts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import DeviceReport
from cnnstudio.core.forecast import expected_search_seconds, expected_seconds, forecast_words
from cnnstudio.core.project import Split
from cnnstudio.core.runs import Run
from tests.core.test_comparing import a_run

COUNTS: dict[Split, int] = {"train": 3068, "validation": 341, "test": 372}
LAPTOP = DeviceReport("CPU, 2 cores", (), 2, False, "No GPU was found.", "2.21.0", "3.15.0")
GPU = replace(LAPTOP, words="GPU: NVIDIA RTX 4070", gpus=("RTX 4070",))


def seconds(preset: str, device: DeviceReport | None = LAPTOP, **more: object) -> float | None:
    return expected_seconds(training_preset(preset).config, COUNTS, 10, device=device, **more)  # type: ignore[arg-type]


def measured(preset: str, images_per_second: float) -> Run:
    return replace(a_run(preset=preset), images_per_second=images_per_second)


def test_the_tutorial_takes_about_as_long_as_it_did_on_two_cores() -> None:
    # 33 minutes were measured with the tutorial's own script, which augments more slowly.
    took = seconds("classic")
    assert took is not None
    assert 18 * 60 < took < 33 * 60


def test_fast_start_takes_less_than_a_minute_and_much_less_with_known_features() -> None:
    first, again = seconds("fast"), seconds("fast", cached_share=1.0)
    assert first is not None
    assert again is not None
    assert again < first < 60
    assert first - again > 20


def test_a_search_takes_a_little_more_for_every_variant() -> None:
    config = training_preset("fast").config
    few, many = (expected_search_seconds(config, COUNTS, count, 1.0, LAPTOP) for count in (2, 12))
    assert few is not None
    assert many is not None
    assert few < many < 90
    assert expected_search_seconds(config, COUNTS, 12, 1.0, GPU) is None


def test_more_cores_make_it_quicker() -> None:
    eight = replace(LAPTOP, cpu_cores=8)
    for preset in ("fast", "fine", "classic"):
        slow, quick = seconds(preset), seconds(preset, eight)
        assert slow is not None
        assert quick is not None
        assert quick < slow


@pytest.mark.parametrize("device", [GPU, None])
def test_nothing_is_said_of_a_computer_nothing_is_known_of(device: DeviceReport | None) -> None:
    assert [seconds(preset, device) for preset in ("fast", "fine", "classic")] == [None] * 3


def test_what_was_measured_here_goes_before_what_was_measured_elsewhere() -> None:
    slow = seconds("classic", runs=[measured("classic", 10)])
    assert slow is not None
    assert slow == pytest.approx(20 * 3068 / 10, rel=0.1)
    # Of another way of training, or on another device, it says nothing.
    assert seconds("classic", runs=[measured("fine", 10)]) == seconds("classic")
    assert seconds("classic", GPU, runs=[measured("classic", 10)]) is None


def test_a_smaller_network_is_expected_to_be_quicker_than_the_one_that_was_measured() -> None:
    config = training_preset("classic").config
    halved = tuple(replace(block, filters=block.filters // 2) for block in config.network.blocks)
    smaller = replace(config, network=replace(config.network, blocks=halved))
    runs = [measured("classic", 40)]
    before = expected_seconds(config, COUNTS, 10, runs=runs)
    after = expected_seconds(smaller, COUNTS, 10, runs=runs)
    assert before is not None
    assert after is not None
    assert before / 5 < after < before / 2


def test_a_network_that_cannot_be_built_has_no_forecast() -> None:
    config = training_preset("classic").config
    tiny = replace(config, training=replace(config.training, image_size=8))
    assert expected_seconds(tiny, COUNTS, 10, device=LAPTOP) is None


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (None, ""),
        (3, "about 5 s on this computer"),
        (31, "about 30 s on this computer"),
        (57, "about 1 min on this computer"),
        (400, "about 7 min on this computer"),
        (1520, "about 25 min on this computer"),
        (3600, "about 1 h on this computer"),
        (5000, "about 1 h 30 min on this computer"),
        (90_000, "about 25 h on this computer"),
    ],
)
def test_a_forecast_is_told_no_more_exactly_than_it_is(length: float | None, words: str) -> None:
    assert forecast_words(length) == words


@given(st.floats(0, 1e7))
def test_every_forecast_reads_as_a_length_of_time(length: float) -> None:
    words = forecast_words(length)
    assert words.startswith("about ")
    assert "about 0" not in words
    assert " 60 min" not in words


def test_no_pictures_take_no_more_than_the_start() -> None:
    none: dict[Split, int] = {"train": 0, "validation": 0, "test": 0}
    took = expected_seconds(RunConfig(), none, 0, device=LAPTOP)
    assert took is not None
    assert took < 15
