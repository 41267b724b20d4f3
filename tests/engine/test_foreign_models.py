"""Models from elsewhere answer as in their own runtime, and hostile files cost a sentence."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers
from onnx import TensorProto, helper, numpy_helper

from cnnstudio.core.errors import StudioError
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.foreign.feeding import Feeding, fed, save_feeding
from cnnstudio.core.jobs import TaskContext
from cnnstudio.engine.exporters.exporter import export_network
from cnnstudio.engine.foreign import guard
from cnnstudio.engine.foreign.inspection import inspect
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.prediction import Predictor

SIZE = 16
PICTURES = np.random.default_rng(1).integers(0, 256, (5, SIZE, SIZE, 3), np.uint8)


def nested() -> keras.Model:
    """As transfer learning makes them: a model of any size inside one, and scores at the end."""
    given = keras.Input((None, None, 3))
    seen = layers.Conv2D(4, 3, activation="relu", name="conv")(given)
    body = keras.Model(given, layers.BatchNormalization()(seen), name="mobilenetv2_1.00")
    pictures = keras.Input((None, None, 3))
    values = layers.GlobalAveragePooling2D()(body(layers.RandomFlip()(pictures)))
    head = keras.Sequential([layers.Dense(4, name="conv"), layers.Dense(3)], name="head")
    return keras.Model(pictures, head(values))


def plain(size: int | None = SIZE, classes: int = 3, channels: int = 3) -> keras.Model:
    """A network with its softmax."""
    pictures = keras.Input((size, size, channels))
    seen = layers.Conv2D(4, 3, strides=2, activation="relu")(pictures)
    values = layers.GlobalAveragePooling2D()(seen)
    return keras.Model(pictures, layers.Dense(classes, activation="softmax")(values))


def lite_file(path: Path, model: keras.Model, **options: Any) -> Path:
    """A .tflite file by TensorFlow's own converter, which takes a function."""
    spec = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)
    function = tf.function(lambda values: model(values, training=False), input_signature=[spec])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    for name, value in options.items():
        setattr(converter, name, value)
    path.write_bytes(converter.convert())
    return path


def onnx_file(path: Path, domain: str = "", size: Any = SIZE, channels: int = 3) -> Path:
    """Mean colours times weights, channels first, as PyTorch would write it."""
    weights = np.random.default_rng(2).normal(size=(channels, 4)).astype(np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["m", "w"], ["y"], domain=domain),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", channels, size, size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(weights, "w")],
    )
    opsets = [helper.make_opsetid("", 13)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    helper.set_model_props(model, {"names": "{0: 'a', 1: 'b', 2: 'c', 3: 'd'}"})
    onnx.save(model, str(path))
    return path


def asked(file: Path, feeding: Feeding) -> Any:
    """What the program answers, without the process that looks at a file first."""
    return Predictor(seen={guard.file_state(file)}).predict_fed(file, feeding, PICTURES)


def softmax(rows: Any) -> Any:
    shares = np.exp(rows - rows.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def test_a_lite_model_answers_as_in_its_own_runtime(tmp_path: Path) -> None:
    file = lite_file(tmp_path / "m.tflite", plain())
    found = inspect(file)
    assert (found.size_px, found.channels, found.class_count) == (SIZE, 3, 3)
    assert found.answers == "probabilities"
    interpreter = Interpreter(model_path=str(file))
    interpreter.allocate_tensors()
    rows = []
    for picture in PICTURES:
        value = picture[None].astype(np.float32) / 127.5 - 1
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], value)
        interpreter.invoke()
        rows.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    answers = asked(file, found.feeding(scaling="-1..1"))
    np.testing.assert_allclose(answers, rows, atol=1e-6)


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs")
def test_an_8_bit_model_says_itself_how_values_go_in(tmp_path: Path) -> None:
    model = plain()

    def examples() -> Any:
        for picture in np.random.default_rng(0).random((20, 1, SIZE, SIZE, 3)):
            yield [picture.astype(np.float32)]

    file = lite_file(
        tmp_path / "m.tflite",
        model,
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=examples,
        inference_input_type=tf.uint8,
        inference_output_type=tf.uint8,
    )
    found = inspect(file)
    assert (found.scaling, found.is_certain) == ("0..1", True)
    exact = np.asarray(model(PICTURES.astype(np.float32) / 255, training=False))
    np.testing.assert_allclose(asked(file, found.feeding()), exact, atol=0.05)


def test_an_onnx_model_answers_as_in_its_own_runtime(tmp_path: Path) -> None:
    file = onnx_file(tmp_path / "m.onnx")
    found = inspect(file)
    assert (found.layout, found.answers, found.labels) == ("NCHW", "scores", ("a", "b", "c", "d"))
    assert found.scaling == "imagenet"
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    values = ((PICTURES / 255 - mean) / deviation).transpose(0, 3, 1, 2).astype(np.float32)
    (rows,) = onnxruntime.InferenceSession(str(file)).run(None, {"x": values})
    np.testing.assert_allclose(asked(file, found.feeding()), softmax(rows), atol=1e-6)


def test_pictures_go_grey_into_a_model_of_one_channel(tmp_path: Path) -> None:
    file = onnx_file(tmp_path / "grey.onnx", channels=1)
    found = inspect(file)
    assert found.channels == 1
    grey = np.rint(PICTURES @ np.array([0.299, 0.587, 0.114])) / 255
    (rows,) = onnxruntime.InferenceSession(str(file)).run(
        None, {"x": grey[:, None].astype(np.float32)}
    )
    answers = asked(file, found.feeding(scaling="0..1"))
    np.testing.assert_allclose(answers, softmax(rows), atol=1e-5)


def test_a_nested_keras_model_answers_as_it_is_and_can_be_looked_into(tmp_path: Path) -> None:
    model, file = nested(), tmp_path / "m.keras"
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.save(file)
    found = inspect(file)
    assert (found.size_px, found.answers, found.scaling) == (None, "scores", "-1..1")
    feeding = found.feeding(SIZE)
    rows = np.asarray(model(PICTURES.astype(np.float32) / 127.5 - 1, training=False))
    predictor = Predictor()
    np.testing.assert_allclose(
        predictor.predict_fed(file, feeding, PICTURES), softmax(rows), atol=1e-5
    )
    save_feeding(tmp_path, feeding)
    names = [each.name for each in predictor.inside(file).layers()]
    assert [name for name in names if name.startswith("conv")] == ["conv", "conv_2"]
    assert predictor.inside(file).feature_maps(PICTURES[0], "conv").shape == (14, 14, 4)
    assert predictor.inside(file).maximise("conv", 1, 4, 0, lambda *_: None).shape[2] == 3
    assert predictor.explain(file, PICTURES[0], 1).values.shape == (SIZE, SIZE)


def test_a_plain_list_of_layers_answers_as_it_is(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.save(tmp_path / "model.keras")
    found = inspect(tmp_path / "model.keras")
    assert (found.class_count, found.size_px) == (3, SIZE)
    save_feeding(tmp_path, found.feeding(scaling="0..255"))
    told = Predictor().predict(tmp_path / "model.keras", PICTURES)
    expected = model(PICTURES.astype(np.float32), training=False)
    np.testing.assert_allclose(told, expected, atol=1e-5)


def test_a_keras_model_for_one_number_is_one_of_two_classes(tmp_path: Path) -> None:
    pictures = keras.Input((SIZE, SIZE, 1))
    values = layers.Flatten()(layers.Conv2D(2, 3)(pictures))
    model = keras.Model(pictures, layers.Dense(1, activation="sigmoid")(values))
    model.save(tmp_path / "m.keras")
    found = inspect(tmp_path / "m.keras")
    assert (found.class_count, found.channels) == (2, 1)
    feeding = found.feeding(scaling="0..1")
    second = np.asarray(model(fed(PICTURES, feeding), training=False))
    answers = asked(tmp_path / "m.keras", feeding)
    np.testing.assert_allclose(answers, np.concatenate([1 - second, second], 1), atol=1e-6)
    save_feeding(tmp_path, feeding)
    assert Predictor().explain(tmp_path / "m.keras", PICTURES[0], 0).values.shape == (SIZE, SIZE)


def test_the_answers_of_a_model_with_two_outputs_are_found_by_name(tmp_path: Path) -> None:
    """As CNN Studio exports them, with the operations that its distance is made of."""
    pictures = keras.Input((SIZE, SIZE, 3))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(layers.Rescaling(1 / 255)(pictures)))
    near = layers.Dense(6, use_bias=False)(layers.UnitNormalization()(seen))
    distance = 1 - keras.ops.top_k(near, 5)[0][:, -1]
    answers = layers.Dense(3, activation="softmax")(seen)
    model = keras.Model(pictures, {"probabilities": answers, "distance": distance})
    model.save(tmp_path / "m.keras")
    found = inspect(tmp_path / "m.keras")
    assert (found.output_name, found.scaling, found.is_certain) == ("probabilities", "0..255", True)
    exact = np.asarray(model(PICTURES.astype(np.float32))["probabilities"])
    np.testing.assert_allclose(asked(tmp_path / "m.keras", found.feeding()), exact, atol=1e-6)


def refused(file: Path) -> str:
    with pytest.raises(StudioError) as error:
        inspect(file)
    return error.value.sentence


def test_keras_files_that_could_run_code_are_refused(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("theirs")
    class Own(layers.Layer):
        def call(self, values: Any) -> Any:
            return values

    for name, layer in (("Lambda", layers.Lambda(lambda values: values)), ("Own", Own())):
        pictures = keras.Input((SIZE, SIZE, 3))
        values = layers.GlobalAveragePooling2D()(layer(pictures))
        keras.Model(pictures, layers.Dense(2)(values)).save(tmp_path / "bad.keras")
        assert name in refused(tmp_path / "bad.keras")


def test_keras_files_that_are_unsafe_too_large_or_damaged_are_told_apart(tmp_path: Path) -> None:
    plain().save(tmp_path / "m.keras")
    good = (tmp_path / "m.keras").read_bytes()
    outside, bomb, many, torn = (tmp_path / f"{name}.keras" for name in ("o", "b", "m", "t"))
    for file in (outside, bomb, many):
        file.write_bytes(good)
    with zipfile.ZipFile(outside, "a") as archive:
        archive.writestr("../outside.txt", "x")
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.bin", bytes(1 << 20))
        archive.infolist()[-1].file_size = 5 << 30  # what it says of itself is believed
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(1000):
            archive.writestr(f"{number}", "")
    torn.write_bytes(good[: len(good) // 2])
    assert "it is unsafe" in refused(outside)
    assert "../outside.txt" in refused(outside)
    assert "too large. Unpacked it has 6 GB; up to 2 GB" in refused(bomb)
    assert "too large. Unpacked it has 1,003 files" in refused(many)
    assert "damaged" in refused(torn)


@pytest.mark.parametrize("kind", ["nested", "grey"])
def test_a_keras_model_from_elsewhere_is_exported_with_what_is_done_around_it(
    tmp_path: Path, kind: str
) -> None:
    model, feeding = nested(), Feeding(SIZE, "imagenet", answers="scores")
    if kind == "grey":
        seeing = [keras.Input((SIZE, SIZE, 1)), layers.Conv2D(4, 3), layers.Flatten()]
        model = keras.Sequential([*seeing, layers.Dense(1)])
        feeding = Feeding(SIZE, "0..1", 1, answers="one score")
    file, target = tmp_path / "model.keras", tmp_path / "out" / "exported.keras"
    target.parent.mkdir()
    model.save(file)
    save_feeding(tmp_path, feeding)
    export_network(file, target, WrittenNetwork("keras"))
    found = inspect(target)
    assert (found.size_px, found.channels, found.output_name) == (SIZE, 3, "probabilities")
    here = Predictor().predict(file, PICTURES)
    assert here.std() > 0
    answers = Predictor().predict_fed(target, found.feeding(scaling="0..255"), PICTURES)
    np.testing.assert_allclose(answers, here, atol=1e-5)


def test_onnx_files_that_need_other_files_or_code_are_refused(tmp_path: Path) -> None:
    own = onnx_file(tmp_path / "own.onnx", domain="evil.corp")
    assert "operations of its own (evil.corp)" in refused(own)
    model = onnx.load(str(onnx_file(tmp_path / "m.onnx")))
    onnx.save(
        model,
        str(tmp_path / "out.onnx"),
        save_as_external_data=True,
        location="w",
        size_threshold=0,
    )
    assert "other files" in refused(tmp_path / "out.onnx")
    (tmp_path / "torn.onnx").write_bytes((tmp_path / "m.onnx").read_bytes()[:150])
    assert "damaged" in refused(tmp_path / "torn.onnx")


def test_models_that_are_no_image_classifiers_are_refused_in_words(tmp_path: Path) -> None:
    texts = keras.Input((20,))
    keras.Model(texts, layers.Dense(2)(texts)).save(tmp_path / "text.keras")
    assert "no pictures" in refused(tmp_path / "text.keras")
    pictures = keras.Input((SIZE, SIZE, 3))
    keras.Model(pictures, layers.Conv2D(2, 3)(pictures)).save(tmp_path / "map.keras")
    assert "no image classifier" in refused(tmp_path / "map.keras")
    wide = keras.Input((SIZE, 2 * SIZE, 3))
    values = layers.GlobalAveragePooling2D()(wide)
    keras.Model(wide, layers.Dense(2)(values)).save(tmp_path / "wide.keras")
    assert "only square" in refused(tmp_path / "wide.keras")
    broken = plain()
    broken.layers[-1].set_weights([each * np.nan for each in broken.layers[-1].get_weights()])
    broken.save(tmp_path / "nan.keras")
    assert "no number" in refused(tmp_path / "nan.keras")


def test_a_damaged_lite_file_costs_a_sentence_though_it_crashes_the_interpreter(
    tmp_path: Path, engine: KerasEngine
) -> None:
    good = lite_file(tmp_path / "m.tflite", plain())
    data = bytearray(good.read_bytes())
    data[8 : len(data) // 2] = bytes(reversed(data[8 : len(data) // 2]))
    (tmp_path / "bad.tflite").write_bytes(data)
    with pytest.raises(StudioError, match=r"damaged|cannot be used"):
        engine.inspect_model(tmp_path / "bad.tflite", TaskContext())
    found = engine.inspect_model(good, TaskContext())
    assert found == replace(inspect(good), digest=guard.digest_of(good))


def test_a_process_that_dies_or_hangs_costs_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(b"x")
    for code, words in (("import os; os.abort()", "crash"), ("while True: pass", "seconds")):
        command = [sys.executable, "-c", code]
        monkeypatch.setattr(guard, "own_program", lambda *_, command=command: command)
        with pytest.raises(StudioError, match=words):
            guard.inspected(file, TaskContext(), longest_s=0.3)


def test_a_run_with_a_file_of_another_format_is_looked_at_before_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole project may come from somebody else."""
    file = onnx_file(tmp_path / "model.onnx")
    save_feeding(tmp_path, inspect(file).feeding())
    looked: list[Path] = []
    monkeypatch.setattr(
        "cnnstudio.engine.prediction.inspected", lambda path, _context: looked.append(path)
    )
    predictor = Predictor()
    for _ in range(2):
        assert predictor.predict(file, PICTURES).shape == (5, 4)
    assert looked == [file]
    with pytest.raises(StudioError, match="Grad-CAM"):
        predictor.explain(file, PICTURES[0], 0)
    with pytest.raises(StudioError, match="cannot be looked at"):
        predictor.inside(file)
    (tmp_path / "feeding.json").write_text(json.dumps({"size_px": "many"}))
    with pytest.raises(StudioError, match="Import the model again"):
        predictor.predict(file, PICTURES)
