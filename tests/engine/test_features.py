"""What the pretrained network sees, whatever computes it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.engine import features
from cnnstudio.engine.backbones import build_backbone
from cnnstudio.engine.features import FeatureExtractor, Features
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.runtime import MachineFacts, Runtime, machine_without_gpu

CPU = MachineFacts("Linux", 2)


def pictures(count: int) -> Pictures:
    """Smooth random pictures: noise alone is unlike anything that the network has seen."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (count, 7, 7, 3))
    return np.kron(coarse, np.ones((1, 32, 32, 1))).astype(np.uint8)


@pytest.fixture(scope="module")
def cache(kept_networks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of its own, with the network that was converted for all tests."""
    FeatureExtractor(DEFAULT_BACKBONE, CPU, kept_networks)
    folder = tmp_path_factory.mktemp("cache")
    (kept,) = kept_networks.glob(f"{DEFAULT_BACKBONE.feature_kind}-*")
    shutil.copy(kept, folder)
    return folder


@pytest.fixture(scope="module")
def extractor(cache: Path) -> FeatureExtractor:
    return FeatureExtractor(DEFAULT_BACKBONE, CPU, cache)


@pytest.fixture(scope="module")
def expected() -> Features:
    return build_backbone(DEFAULT_BACKBONE).predict(pictures(5), verbose=0)


def test_litert_sees_what_keras_sees(extractor: FeatureExtractor, expected: Features) -> None:
    found = extractor.features(pictures(5))
    assert found.dtype == np.float32
    assert found.shape == (5, 1280)
    assert found.std() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_any_number_of_pictures_is_answered_in_order(
    extractor: FeatureExtractor, expected: Features, count: int
) -> None:
    found = extractor.features(pictures(5)[:count])
    assert found.shape == (count, 1280)
    np.testing.assert_allclose(found, expected[:count], atol=1e-3)


def test_without_litert_tensorflow_sees_the_same(
    monkeypatch: pytest.MonkeyPatch, expected: Features, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    extractor = FeatureExtractor(DEFAULT_BACKBONE, CPU, tmp_path)
    many = np.concatenate([pictures(5)] * 7)  # more than one batch
    np.testing.assert_allclose(extractor.features(many)[30:], expected, atol=1e-3)
    assert list(tmp_path.iterdir()) == []


def test_the_converted_network_is_kept_and_what_others_made_is_removed(
    extractor: FeatureExtractor,
    expected: Features,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (kept,) = cache.iterdir()
    (tmp_path / kept.name).write_bytes(kept.read_bytes())
    monkeypatch.setattr(features, "_convert", lambda *_, **__: pytest.fail("converted again"))
    found = FeatureExtractor(DEFAULT_BACKBONE, CPU, tmp_path).features(pictures(5))
    np.testing.assert_allclose(found, expected, atol=1e-3)

    of_another_version = tmp_path / f"{DEFAULT_BACKBONE.feature_kind}-1-2.0-3.0-1.0"
    (tmp_path / kept.name).rename(of_another_version)
    content = kept.read_bytes()[32:]
    monkeypatch.setattr(features, "_convert", lambda *_, **__: content)
    FeatureExtractor(DEFAULT_BACKBONE, CPU, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


@pytest.mark.parametrize("damage", ["cut", "wrong bit", "empty"])
def test_a_damaged_cache_is_made_anew(
    extractor: FeatureExtractor,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
) -> None:
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    damaged = {"cut": whole[:-100], "wrong bit": whole[:-1] + b"\x7f", "empty": b""}[damage]
    (tmp_path / kept.name).write_bytes(damaged)
    monkeypatch.setattr(features, "_convert", lambda *_, **__: whole[32:])
    FeatureExtractor(DEFAULT_BACKBONE, CPU, tmp_path)
    assert (tmp_path / kept.name).read_bytes() == whole


def test_a_cache_that_cannot_be_written_does_no_harm(
    extractor: FeatureExtractor, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = cache.iterdir()
    content = kept.read_bytes()[32:]
    monkeypatch.setattr(features, "_convert", lambda *_, **__: content)
    (tmp_path / "file").write_text("in the way")
    found = FeatureExtractor(DEFAULT_BACKBONE, CPU, tmp_path / "file").features(pictures(2))
    assert found.shape == (2, 1280)


def test_pictures_of_another_size_are_refused_in_words(extractor: FeatureExtractor) -> None:
    with pytest.raises(StudioError, match=r"224x224 px.*\(40, 40, 3\)"):
        extractor.features(np.zeros((1, 40, 40, 3), np.uint8))


def test_the_engine_gives_what_it_says(cache: Path, extractor: FeatureExtractor) -> None:
    engine = KerasEngine(Runtime(CPU), cache)
    kind = engine.feature_kind()
    assert kind.name == "efficientnet-lite0-224"
    found = engine.features(pictures(2))
    assert found.shape == (2, kind.length)
    np.testing.assert_array_equal(found, extractor.features(pictures(2)))


@pytest.mark.skipif(machine_without_gpu() is None, reason="there may be a GPU")
def test_with_what_is_kept_tensorflow_is_not_imported_and_nothing_is_said(
    cache: Path, extractor: FeatureExtractor
) -> None:
    program = f"""
import pathlib, sys
import numpy as np
from cnnstudio.engine.keras_engine import KerasEngine
engine = KerasEngine(cache_folder=pathlib.Path({str(cache)!r}))
print(engine.features(np.zeros((3, 224, 224, 3), np.uint8)).shape)
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    completed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (completed.stdout, completed.stderr) == ("(3, 1280)\n", "")
