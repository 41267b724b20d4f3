from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.engine_api import HeadWeights
from cnnstudio.core.errors import StudioError
from cnnstudio.engine import prediction
from cnnstudio.engine.classifier import build_classifier
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.model_file import save_model
from cnnstudio.engine.prediction import Predictor
from tests.engine.material import SIZE, VALIDATION, Trained


def test_probabilities_of_a_picture_add_up_to_one(engine: KerasEngine, trained: Trained) -> None:
    answers = engine.predict(trained.model_file, VALIDATION.pictures)
    assert answers.shape == (24, 3)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert (answers >= 0).all()


def test_one_picture_is_answered_as_it_is_among_many(engine: KerasEngine, trained: Trained) -> None:
    many = np.concatenate([VALIDATION.pictures] * 3)  # more than one batch
    answers = engine.predict(trained.model_file, many)
    for place in (0, 40, 71):
        alone = engine.predict(trained.model_file, many[place : place + 1])
        np.testing.assert_allclose(alone[0], answers[place], rtol=1e-4, atol=1e-6)


def test_no_pictures_give_no_answers(engine: KerasEngine, trained: Trained) -> None:
    none = np.empty((0, SIZE, SIZE, 3), np.uint8)
    assert engine.predict(trained.model_file, none).shape == (0, 3)


def test_the_file_answers_in_plain_keras_as_in_the_program(
    engine: KerasEngine, trained: Trained
) -> None:
    plain = keras.saving.load_model(trained.model_file)(VALIDATION.pictures).numpy()
    ours = engine.predict(trained.model_file, VALIDATION.pictures)
    np.testing.assert_allclose(ours, plain, rtol=1e-4, atol=1e-6)


def test_pictures_of_another_size_are_refused_in_words(
    engine: KerasEngine, trained: Trained
) -> None:
    with pytest.raises(StudioError, match="32x32"):
        engine.predict(trained.model_file, np.zeros((1, 40, 40, 3), np.uint8))


def test_the_last_models_stay_loaded_and_a_new_file_is_read_anew(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    load = prediction.load_model
    monkeypatch.setattr(prediction, "load_model", lambda file: read.append(file.name) or load(file))
    files = [tmp_path / name for name in ("a.keras", "b.keras", "c.keras")]
    for file in files:
        shutil.copy(trained.model_file, file)
    predictor = Predictor()
    for place in (0, 1, 0, 1, 2, 1, 0):
        predictor.predict(files[place], VALIDATION.pictures[:1])
    assert read == ["a.keras", "b.keras", "c.keras", "a.keras"]

    os.utime(files[0], ns=(1, 1))
    predictor.predict(files[0], VALIDATION.pictures[:1])
    assert read[-1] == "a.keras"
    assert len(read) == 5


def test_a_missing_file_is_said(engine: KerasEngine, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is missing"):
        engine.predict(tmp_path / "gone.keras", VALIDATION.pictures)


@pytest.mark.parametrize("damage", ["text", "cut", "no configuration", "empty layer"])
def test_a_damaged_file_is_said(
    engine: KerasEngine, trained: Trained, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "model.keras"
    whole = trained.model_file.read_bytes()
    if damage == "text":
        file.write_text("not a model")
    elif damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("metadata.json", "{}")
            if damage == "empty layer":
                archive.writestr(
                    "config.json",
                    '{"module": "keras", "class_name": "Sequential", "config": {"layers": [{}]}}',
                )
    with pytest.raises(StudioError, match="is damaged"):
        engine.predict(file, VALIDATION.pictures)


def test_a_model_with_code_in_it_is_refused_and_nothing_runs(
    engine: KerasEngine, tmp_path: Path
) -> None:
    evidence = tmp_path / "executed"
    file = tmp_path / "hostile.keras"

    def attack(pictures: object, path: str = str(evidence)) -> object:
        open(path, "w").close()  # noqa: PTH123 - the shortest code an attacker would send
        return pictures

    hostile = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            keras.layers.Lambda(attack, output_shape=(SIZE, SIZE, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    hostile.save(file)
    evidence.unlink(missing_ok=True)
    with pytest.raises(StudioError, match=r"could run code.*Lambda"):
        engine.predict(file, VALIDATION.pictures)
    assert not evidence.exists()


def test_a_file_that_names_python_objects_is_refused(
    engine: KerasEngine, trained: Trained, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.keras"
    with zipfile.ZipFile(trained.model_file) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                content = content.replace(b'"module": "keras.initializers"', b'"module": "os"')
            target.writestr(name, content)
    with pytest.raises(StudioError, match="could run code"):
        engine.predict(file, VALIDATION.pictures)


def patches(count: int) -> np.ndarray:
    """Coarse pictures of many colours: noise alone is unlike anything that a backbone has seen."""
    coarse = np.random.default_rng(3).integers(0, 256, (count, 14, 14, 3), np.uint8)
    return coarse.repeat(16, axis=1).repeat(16, axis=2)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of five classes on the bundled backbone, saved as fast start saves it."""
    random = np.random.default_rng(1)
    head = HeadWeights(
        random.normal(0, 0.3, (DEFAULT_BACKBONE.feature_length, 5)).astype(np.float32),
        np.zeros(5, np.float32),
    )
    file = tmp_path_factory.mktemp("frozen") / "model.keras"
    save_model(build_classifier(DEFAULT_BACKBONE, head, is_frozen=True), file)
    return file


def test_a_frozen_backbone_is_asked_by_its_features_and_answers_as_keras_does(
    engine: KerasEngine, frozen: Path
) -> None:
    asked: list[str] = []

    def features(pictures: np.ndarray, backbone: str) -> np.ndarray:
        asked.append(backbone)
        return engine.features(pictures, backbone)

    pictures = patches(3)
    answers = Predictor(features).predict(frozen, pictures)
    assert set(asked) == {DEFAULT_BACKBONE.key}
    plain = keras.saving.load_model(frozen).predict(pictures, verbose=0)
    np.testing.assert_allclose(answers, plain, atol=5e-3)
    assert (answers.argmax(axis=1) == plain.argmax(axis=1)).all()


@pytest.mark.slow
def test_a_backbone_that_says_it_is_frozen_and_is_not_is_asked_itself(
    engine: KerasEngine, frozen: Path, tmp_path: Path
) -> None:
    model = keras.saving.load_model(frozen)
    layer = model.get_layer("conv_stem")
    layer.set_weights([each * 1.5 for each in layer.get_weights()])
    file = tmp_path / "changed.keras"
    model.save(file)
    pictures = patches(2)
    answers = Predictor(engine.features).predict(file, pictures)
    np.testing.assert_allclose(answers, model.predict(pictures, verbose=0), atol=1e-4)


def test_weights_that_are_not_on_this_computer_do_no_harm(frozen: Path) -> None:
    def missing(pictures: np.ndarray, backbone: str) -> np.ndarray:
        raise StudioError("The weights are not on this computer.")

    pictures = patches(2)
    answers = Predictor(missing).predict(frozen, pictures)
    plain = keras.saving.load_model(frozen).predict(pictures, verbose=0)
    np.testing.assert_allclose(answers, plain, atol=1e-4)


def test_what_goes_into_the_last_layer_comes_with_the_answers(
    engine: KerasEngine, trained: Trained
) -> None:
    answers, seen = engine.predict_with_features(trained.model_file, VALIDATION.pictures)
    np.testing.assert_allclose(answers, engine.predict(trained.model_file, VALIDATION.pictures))
    kernel, bias = keras.saving.load_model(trained.model_file).layers[-1].get_weights()
    assert seen.shape == (24, len(kernel))
    scores = np.exp(seen @ kernel + bias)
    np.testing.assert_allclose(
        scores / scores.sum(axis=1, keepdims=True), answers, rtol=1e-3, atol=1e-5
    )
