"""What the engine writes is read by each format's own runtime, and answers as the engine does."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from cnnstudio.core.catalog.export_formats import EXPORT_FORMATS, export_format
from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.familiarity import distances_to, prototypes_of
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.exporters.exporter import export_network
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.model_file import save_model
from tests.engine.material import SIZE, TRAINING, VALIDATION, Trained

TEXTS = {"model.json": json.dumps({"name": "Käfer"}, ensure_ascii=False), "labels.txt": "Käfer\n"}
CHEAP = ("keras", "tflite", "onnx")
TOLERANCES = {"tflite-float16": 0.01, "tflite-dynamic": 0.05, "tflite-int8": 0.05}
PICTURES = VALIDATION.pictures.astype(np.float32)

Answers = dict[str, npt.NDArray[np.float32]]


@pytest.fixture(scope="module")
def prototypes(engine: KerasEngine, trained: Trained) -> npt.NDArray[np.float16]:
    _, seen = engine.predict_with_features(trained.model_file, TRAINING.pictures)
    return prototypes_of(seen)


@pytest.fixture(scope="module")
def written(
    engine: KerasEngine,
    trained: Trained,
    prototypes: npt.NDArray[np.float16],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """The cheap formats, written once, with the folder of each."""
    folder = tmp_path_factory.mktemp("exports")
    return {key: write(engine, trained, prototypes, folder, key) for key in CHEAP}


def write(
    engine: KerasEngine,
    trained: Trained,
    prototypes: npt.NDArray[np.float16] | None,
    folder: Path,
    key: str,
) -> Path:
    row = export_format(key)
    target = folder / key / row.file_name
    target.parent.mkdir()
    wanted = WrittenNetwork(
        row.form,
        prototypes if row.tells_distance else None,
        TRAINING.pictures if row.needs_calibration else None,
        TEXTS,
    )
    export_network(trained.model_file, target, wanted)
    assert [each.name for each in target.parent.iterdir()] == [target.name]
    return target


def asked(key: str, path: Path) -> Answers:
    """What the format's own runtime says to the pictures, one by one."""
    if key == "keras":
        ask: Any = keras.saving.load_model(path, safe_mode=True).predict_on_batch
    elif key == "saved-model":
        network = tf.saved_model.load(str(path))
        serve = network.signatures["serving_default"]
        ask = lambda picture: {k: v.numpy() for k, v in serve(pictures=picture).items()}  # noqa: E731
    elif key == "onnx":
        session = onnxruntime.InferenceSession(str(path))
        names = [each.name for each in session.get_outputs()]
        ask = lambda picture: dict(  # noqa: E731
            zip(names, session.run(names, {"pictures": picture}), strict=True)
        )
    else:
        runner = Interpreter(str(path)).get_signature_runner()
        ask = lambda picture: runner(pictures=picture)  # noqa: E731
    rows = [ask(picture[None]) for picture in PICTURES]
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def enclosed(key: str, path: Path) -> dict[str, str]:
    if key == "onnx":
        return {each.key: each.value for each in onnx.load(str(path)).metadata_props}
    if key == "saved-model":
        extra = path / "assets.extra"
        return {each.name: each.read_text(encoding="utf-8") for each in extra.iterdir()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in TEXTS}


def check(
    engine: KerasEngine,
    trained: Trained,
    prototypes: npt.NDArray[np.float16],
    key: str,
    path: Path,
) -> None:
    row = export_format(key)
    here, seen = engine.predict_with_features(trained.model_file, VALIDATION.pictures)
    there = asked(key, path)
    tolerance = TOLERANCES.get(key, 1e-5)
    np.testing.assert_allclose(there["probabilities"], here, rtol=0, atol=tolerance)
    if row.tells_distance:
        known = distances_to(prototypes, seen)
        np.testing.assert_allclose(there["distance"], known, rtol=0, atol=tolerance)
    else:
        assert "distance" not in there
    assert enclosed(key, path) == TEXTS


@pytest.mark.parametrize("key", CHEAP)
def test_its_own_runtime_says_what_the_engine_says(
    engine: KerasEngine,
    trained: Trained,
    prototypes: npt.NDArray[np.float16],
    written: dict[str, Path],
    key: str,
) -> None:
    check(engine, trained, prototypes, key, written[key])


@pytest.mark.slow
@pytest.mark.parametrize("key", [each.key for each in EXPORT_FORMATS if each.key not in CHEAP])
def test_so_do_the_other_runtimes(
    engine: KerasEngine,
    trained: Trained,
    prototypes: npt.NDArray[np.float16],
    tmp_path: Path,
    key: str,
) -> None:
    check(engine, trained, prototypes, key, write(engine, trained, prototypes, tmp_path, key))


@pytest.mark.slow
def test_writing_says_nothing_and_leaves_nothing_among_the_temporary_files(
    engine: KerasEngine,
    trained: Trained,
    prototypes: npt.NDArray[np.float16],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    for row in EXPORT_FORMATS:
        write(engine, trained, prototypes, tmp_path, row.key)
    # TensorFlow's own, which it removes at the end of the process.
    left = [each for each in scratch.iterdir() if not each.name.startswith("__autograph")]
    assert left == []
    assert capfd.readouterr() == ("", "")


def test_prototypes_of_another_network_are_refused_in_words(
    engine: KerasEngine, trained: Trained, tmp_path: Path
) -> None:
    wanted = WrittenNetwork("onnx", np.ones((9, 3), np.float16))
    with pytest.raises(StudioError, match="does not fit its network"):
        export_network(trained.model_file, tmp_path / "model.onnx", wanted)


@pytest.mark.slow
def test_the_engine_writes_it_in_a_process_of_its_own(
    engine: KerasEngine,
    trained: Trained,
    prototypes: npt.NDArray[np.float16],
    tmp_path: Path,
) -> None:
    row = export_format("tflite-int8")
    wanted = WrittenNetwork(row.form, None, TRAINING.pictures, TEXTS)
    target = tmp_path / row.key / row.file_name
    target.parent.mkdir()
    engine.export(trained.model_file, target, wanted, TaskContext())
    check(engine, trained, prototypes, row.key, target)


def test_a_network_that_cannot_be_converted_is_said_in_one_sentence(
    engine: KerasEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = keras.Input((SIZE, SIZE, 3), name="pictures")
    answers = keras.layers.Dense(2)(keras.layers.Flatten()(pictures))
    save_model(keras.Model(pictures, answers), tmp_path / "model.keras")

    def fail(*_: object, **__: object) -> None:
        raise ValueError("no such operation:\nmany lines")

    monkeypatch.setattr(keras.Model, "export", fail)
    with pytest.raises(StudioError, match="could not be converted: no such operation"):
        export_network(tmp_path / "model.keras", tmp_path / "m.onnx", WrittenNetwork("onnx"))
