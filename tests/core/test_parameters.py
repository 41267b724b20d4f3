"""Settings check what they are given, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnnstudio.core.config import (
    ConvBlock,
    NetworkConfig,
    RunConfig,
    from_dict,
    parameters_of,
    to_dict,
    with_setting,
)
from cnnstudio.core.errors import StudioError


def test_settings_survive_being_written_and_read() -> None:
    config = RunConfig(network=NetworkConfig(blocks=(ConvBlock(8, 5), ConvBlock(16))))
    assert from_dict(RunConfig, to_dict(config)) == config


@pytest.mark.parametrize(
    ("path", "text", "look"),
    [
        ("epochs", "5", lambda c: c.training.epochs == 5),
        ("training.learning_rate", "0.01", lambda c: c.training.learning_rate == 0.01),
        ("network.blocks.1.filters", "48", lambda c: c.network.blocks[1].filters == 48),
        ("augmentation.horizontal_flip", "false", lambda c: not c.augmentation.horizontal_flip),
        ("resize_mode", "pad", lambda c: c.training.resize_mode == "pad"),
        ("network.blocks", '[{"filters": 4}]', lambda c: c.network.blocks == (ConvBlock(4),)),
    ],
)
def test_a_setting_is_reached_by_its_path_or_its_bare_name(
    path: str, text: str, look: Callable[[RunConfig], bool]
) -> None:
    assert look(with_setting(RunConfig(), path, text))


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("epochs", "0", "at least 1"),
        ("epochs", "2.5", "whole number"),
        ("epochs", "many", "a number"),
        ("epochs", "true", "a number"),
        ("learning_rate", "NaN", "a number"),
        ("learning_rate", "2", "at most 1"),
        ("resize_mode", "squeeze", "one of crop, pad, stretch"),
        ("balance_classes", "1", "true or false"),
        ("filters", "8", "not a setting"),
        ("network.blocks.9.filters", "8", "'9' is unknown"),
        ("training", "5", "a group of names and values"),
        ("network.blocks", "5", "a list"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(
    path: str, text: str, words: str
) -> None:
    with pytest.raises(StudioError, match=words):
        with_setting(RunConfig(), path, text)


def test_a_file_of_another_version_keeps_what_is_still_understood() -> None:
    plain = to_dict(RunConfig())
    plain["training"] |= {"epochs": 7, "batch_size": -4, "from_the_future": 1}
    config = from_dict(RunConfig, plain, tolerant=True)
    assert config.training.epochs == 7
    assert config.training.batch_size == RunConfig().training.batch_size
    with pytest.raises(StudioError):
        from_dict(RunConfig, plain)


def test_every_number_has_limits_and_every_default_is_allowed() -> None:
    groups = (type(RunConfig().training), type(RunConfig().augmentation), NetworkConfig, ConvBlock)
    for parameter in (each for group in groups for each in parameters_of(group)):
        assert parameter.checked(parameter.default) == parameter.default
        assert parameter.label
        if parameter.kind in ("int", "float"):
            assert parameter.minimum is not None
            assert parameter.maximum is not None


@pytest.mark.parametrize(
    "path", ["training.epochs.x", "network.blocks.-1.filters", "network.blocks.9.filters"]
)
def test_a_path_that_leads_nowhere_is_refused_in_words(path: str) -> None:
    with pytest.raises(StudioError, match="There is no setting"):
        with_setting(RunConfig(), path, "3")


def test_limits_are_shown_in_digits() -> None:
    with pytest.raises(StudioError, match="at most 2147483647"):
        with_setting(RunConfig(), "seed", "99999999999")
    with pytest.raises(StudioError, match="a number"):
        with_setting(RunConfig(), "epochs", "Infinity")
