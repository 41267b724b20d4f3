"""`cnnstudio summary`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal


def test_the_classic_network_has_the_parameters_of_the_tutorial(terminal: Terminal) -> None:
    ran = terminal("summary", "--preset", "classic", "--size", 224, "--classes", 10)
    assert ran.code == 0
    assert "22,247,242 parameters" in ran.out
    assert "26 x 26 x 128" in ran.out


def test_each_layer_is_a_json_line_and_the_last_line_has_the_total(terminal: Terminal) -> None:
    ran = terminal("summary", "--json")
    *layers, last = ran.lines
    assert {line["event"] for line in layers} == {"layer"}
    assert layers[1] == {
        "event": "layer",
        "name": "conv_1",
        "kind": "Conv2D",
        "detail": "32 filters 3 × 3, relu",
        "output_shape": [222, 222, 32],
        "parameters": 896,
        "takes": [],
    }
    assert last["event"] == "finished"
    assert last["parameters"] == 22_247_242 == sum(line["parameters"] for line in layers)


def test_settings_change_the_table(terminal: Terminal) -> None:
    last = terminal(
        "summary", "--set", "dense_units=128", "--set", "network.blocks.0.filters=16", "--json"
    ).last
    assert 0 < last["parameters"] < 22_247_242


def test_the_size_can_be_given_as_a_setting_and_the_option_wins(terminal: Terminal) -> None:
    assert terminal("summary", "--set", "image_size=64", "--json").last["image_size"] == 64
    ran = terminal("summary", "--set", "image_size=64", "--size", 96, "--json")
    assert ran.last["image_size"] == 96


def test_sizes_that_cannot_work_are_explained_and_nothing_is_listed(terminal: Terminal) -> None:
    ran = terminal("summary", "--size", 16, "--json")
    assert ran.code == 1
    assert "remove a pooling" in ran.err
    assert [line["event"] for line in ran.lines] == ["failed"]
    assert "remove a pooling" in ran.last["reason"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "epochs"], "KEY=VALUE"),
        (["--set", "=3"], "KEY=VALUE"),
        (["--set", "speed=3"], "speed"),
        (["--set", "epochs=many"], "Epochs"),
        (["--set", "epochs=0"], "at least 1"),
        (["--set", "network.blocks.7.filters=3"], "network.blocks.7.filters"),
        (["--size", "huge"], "--size"),
        (["--size", "5000"], "at most 1024"),
        (["--classes", "0"], "--classes"),
        (["--preset", "newest"], "modern"),
        (["--colour"], "--colour"),
    ],
)
def test_an_option_that_cannot_be_understood_is_a_usage_error(
    terminal: Terminal, arguments: list[str], words: str
) -> None:
    ran = terminal("summary", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert words in ran.err
    assert "Traceback" not in ran.err
