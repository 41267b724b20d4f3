"""What a network takes, layer by layer: memory, multiplications, blocks, and the heavy layer."""

from __future__ import annotations

from dataclasses import replace

from cnnstudio.core.catalog.training_presets import training_preset
from cnnstudio.core.config import ConvBlock, NetworkConfig
from cnnstudio.core.inside.layer_words import LAYER_WORDS, seen_words, words_of
from cnnstudio.core.inside.network_layers import (
    NetworkLayer,
    depths_of,
    grouped,
    heavy_layer,
    layers_of_table,
)
from cnnstudio.core.inside.pretrained_layers import backbone_size_px, with_kept, with_new_head
from cnnstudio.core.network import layer_table


def layers(network: NetworkConfig, size: int = 224, classes: int = 10) -> tuple[NetworkLayer, ...]:
    return layers_of_table(layer_table(network, size, classes))


def test_a_convolution_multiplies_each_of_its_weights_at_each_place() -> None:
    found = {each.name: each for each in layers(NetworkConfig())}
    assert found["conv_1"].multiplications == 3 * 3 * 3 * 32 * 222 * 222
    assert found["conv_2"].multiplications == 3 * 3 * 32 * 64 * 109 * 109
    assert found["conv_2"].memory_bytes == 109 * 109 * 64 * 4
    assert found["dense"].multiplications == 26 * 26 * 128 * 256
    assert found["classes"].multiplications == 256 * 10
    assert found["pool_1"].multiplications == found["flatten"].multiplications == 0


def test_a_convolution_without_a_bias_has_no_bias_taken_off() -> None:
    block = ConvBlock(8, padding="same", pooling="none")
    found = {each.name: each for each in layers(NetworkConfig((block,), normalises=True), 16, 2)}
    assert found["conv_1"].multiplications == 3 * 3 * 3 * 8 * 16 * 16


def test_the_first_dense_layer_of_the_classic_network_holds_nearly_all_weights() -> None:
    classic = layers(NetworkConfig())
    heavy = heavy_layer(classic)
    assert heavy is not None
    assert (heavy.name, heavy.parameters) == ("dense", 22_151_424)
    assert sum(each.parameters for each in classic) == 22_247_242
    assert heavy_layer(layers(training_preset("modern").config.network)) is None


def test_a_network_that_is_nothing_but_its_answers_is_not_warned_about() -> None:
    assert heavy_layer(layers(NetworkConfig((), dense_units=0), 8, 3)) is None


def test_a_layer_that_is_not_trained_is_not_warned_about() -> None:
    classic = [replace(each, kept=each.parameters) for each in layers(NetworkConfig())]
    assert heavy_layer(classic) is None


def test_a_backbone_gets_the_head_of_the_settings_and_keeps_what_these_say() -> None:
    backbone = [
        NetworkLayer("conv_1", "Conv2D", "", (8, 8, 4), 108, 0),
        NetworkLayer("norm_1", "BatchNormalization", "", (8, 8, 4), 16, 0),
        NetworkLayer("conv_2", "Conv2D", "", (4, 4, 4), 144, 0),
        NetworkLayer("norm_2", "BatchNormalization", "", (4, 4, 4), 16, 0),
        NetworkLayer("features", "GlobalAveragePooling2D", "", (4,), 0, 0),
    ]
    fast = training_preset("fast").config
    found = with_new_head(backbone, fast, 3)
    assert [each.name for each in found[5:]] == ["dropout", "classes"]
    assert (found[-1].parameters, found[-1].multiplications) == (4 * 3 + 3, 4 * 3)
    assert [each.name for each in found if each.is_kept] == ["conv_1", "norm_1", "conv_2", "norm_2"]
    fine = training_preset("fine").config
    half = replace(fine, transfer=replace(fine.transfer, trained_share=0.5, dropout=0.0))
    found = with_new_head(backbone, half, 3)
    assert [each.kept for each in found] == [108, 16, 0, 8, 0, 0], "mean and spread stay"
    assert backbone_size_px(half) == half.training.image_size
    for config in (training_preset("classic").config, replace(fast, preset="imported")):
        assert with_kept(backbone, config) == tuple(backbone)


def test_layers_are_grouped_by_block() -> None:
    groups = grouped(layers(NetworkConfig()))
    assert [group.title for group in groups] == ["Input", "Block 1", "Block 2", "Block 3", "Answer"]
    assert [each.name for each in groups[1].layers] == ["conv_1", "pool_1"]
    assert sum(group.parameters for group in groups) == 22_247_242
    (only,) = grouped(layers(NetworkConfig((), dense_units=0, dropout=0.0), 8, 3))
    assert len(only.layers) == 3


def test_a_residual_block_is_one_group() -> None:
    groups = grouped(layers(training_preset("modern").config.network, 64))
    assert [group.title for group in groups][1:-1] == ["Block 1", "Block 2", "Block 3", "Block 4"]


def test_blocks_of_a_backbone_are_told_from_what_is_named_alike() -> None:
    names = ["conv", "expanded_conv_project", "expanded_conv_1_expand", "expanded_conv_1_add"]
    names += ["conv_1", "classes"]
    groups = grouped([NetworkLayer(name, "Conv2D", "", (1, 1, 1), 1, 1) for name in names])
    assert [(group.title, len(group.layers)) for group in groups] == [
        ("Input", 1),
        ("Block 1", 1),
        ("Block 2", 2),
        ("Answer", 2),
    ]


def test_every_layer_of_our_networks_is_explained() -> None:
    for preset in ("classic", "modern"):
        for layer in layers(training_preset(preset).config.network):
            assert layer.kind in LAYER_WORDS
    assert words_of("Unheard").title == "Unheard"


def test_layers_with_maps_are_early_middle_and_deep_and_what_follows_is_not() -> None:
    small = layers(training_preset("classic").config.network)
    found = dict(zip((each.name for each in small), depths_of(small), strict=True))
    assert (found["conv_1"], found["conv_3"], found["pool_3"]) == ("early", "deep", "deep")
    assert {found[name] for name in ("flatten", "dense", "classes")} == {"end"}
    assert seen_words("Dense", "end").startswith("Dense layer: weighs")
    assert seen_words("Flatten", "end").startswith("All maps written out in one row")
    assert "edges" in seen_words("MaxPooling2D", "early")
