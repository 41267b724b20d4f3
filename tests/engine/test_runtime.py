from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.runtime import (
    Gpu,
    MachineFacts,
    Runtime,
    device_words,
    has_bfloat16,
    machine_without_gpu,
    policy_for,
    reason_without_gpu,
)

PLAIN = MachineFacts(system="Linux", cpu_cores=4)
AMPERE = Gpu("NVIDIA RTX 3060", (8, 6))
PASCAL = Gpu("NVIDIA GTX 1080", (6, 1))


def in_fresh_interpreter(program: str, *, quiet: bool = True) -> str:
    completed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    assert quiet is False or completed.stderr == ""
    return completed.stdout


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (PLAIN, "CPU, 4 cores"),
        (replace(PLAIN, cpu_cores=1), "CPU, 1 core"),
        (replace(PLAIN, gpus=(AMPERE,)), "GPU: NVIDIA RTX 3060"),
        (replace(PLAIN, gpus=(AMPERE, PASCAL)), "2 GPUs: NVIDIA RTX 3060, NVIDIA GTX 1080"),
    ],
)
def test_the_device_is_said_in_words(facts: MachineFacts, words: str) -> None:
    assert device_words(facts) == words


WITH_DRIVER = replace(PLAIN, has_nvidia_card=True, has_nvidia_driver=True)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (PLAIN, "No NVIDIA GPU was found"),
        (replace(PLAIN, system="Windows"), "WSL 2"),
        (replace(PLAIN, system="Darwin"), "macOS"),
        (replace(PLAIN, has_nvidia_card=True), "Install the NVIDIA driver"),
        (WITH_DRIVER, "built without CUDA"),
        (replace(WITH_DRIVER, tensorflow_has_cuda=True), "could not load the CUDA libraries"),
        (replace(WITH_DRIVER, hides_gpus=True), "CUDA_VISIBLE_DEVICES"),
    ],
)
def test_the_reason_without_a_gpu_says_what_to_do(facts: MachineFacts, words: str) -> None:
    assert words in reason_without_gpu(facts)


def test_with_a_gpu_no_reason_is_needed() -> None:
    assert reason_without_gpu(replace(PLAIN, gpus=(AMPERE,))) == ""


@pytest.mark.parametrize(
    ("facts", "image_size", "policy"),
    [
        (PLAIN, 224, "float32"),
        (replace(PLAIN, has_bfloat16=True), 224, "mixed_bfloat16"),
        (replace(PLAIN, has_bfloat16=True), 48, "mixed_bfloat16"),
        (replace(PLAIN, has_bfloat16=True), 32, "float32"),
        (replace(PLAIN, gpus=(AMPERE,)), 32, "mixed_float16"),
        (replace(PLAIN, gpus=(PASCAL,), has_bfloat16=True), 224, "float32"),
        (replace(PLAIN, gpus=(AMPERE, PASCAL)), 224, "float32"),
        (replace(PLAIN, gpus=(Gpu("unknown"),)), 224, "float32"),
    ],
)
def test_sixteen_bits_are_used_where_they_are_faster(
    facts: MachineFacts, image_size: int, policy: str
) -> None:
    assert policy_for(facts, "auto", image_size) == policy
    assert policy_for(facts, "float32", image_size) == "float32"


def test_pretrained_networks_are_trained_in_float32_on_a_cpu() -> None:
    with_bfloat16 = replace(PLAIN, has_bfloat16=True)
    assert policy_for(with_bfloat16, "auto", 224, is_pretrained=True) == "float32"
    on_gpu = replace(PLAIN, gpus=(AMPERE,))
    assert policy_for(on_gpu, "auto", 224, is_pretrained=True) == "mixed_float16"


@pytest.mark.parametrize(
    ("information", "expected"),
    [
        ("processor : 0\nflags : fpu avx512f avx512_bf16 sse\n", True),
        ("flags\t\t: fpu amx_bf16\n", True),
        ("model name : avx512_bf16\nflags : fpu avx512f\n", False),
        ("", False),
    ],
)
def test_bfloat16_is_read_from_what_linux_says_of_the_processor(
    information: str, expected: bool
) -> None:
    assert has_bfloat16(information) is expected


def test_this_computer_is_described(engine: KerasEngine) -> None:
    report = engine.devices()
    assert report.cpu_cores >= 1
    assert report.tensorflow_version.startswith("2.")
    assert report.keras_version.startswith("3.")
    assert bool(report.gpus) != bool(report.reason_without_gpu)
    assert report.words == device_words(
        MachineFacts("", report.cpu_cores, gpus=tuple(Gpu(name) for name in report.gpus))
    )


def test_threads_augment_where_a_gpu_is_waiting() -> None:
    assert Runtime(replace(PLAIN, cpu_cores=16)).augmenting_threads() == 1
    assert Runtime(replace(PLAIN, cpu_cores=16, gpus=(AMPERE,))).augmenting_threads() == 8


def test_the_engine_is_made_without_tensorflow() -> None:
    program = """
import sys
from cnnstudio.engine.keras_engine import KerasEngine
KerasEngine()
print(sorted({"tensorflow", "keras", "numpy.random"} & set(sys.modules)))
"""
    assert "tensorflow" not in in_fresh_interpreter(program)


def test_starting_says_nothing_on_the_terminal() -> None:
    program = """
from cnnstudio.engine.keras_engine import KerasEngine
engine = KerasEngine()
engine.prepare()
print(engine.devices().words)
"""
    assert in_fresh_interpreter(program).strip()


@pytest.mark.skipif(machine_without_gpu() is None, reason="there may be a GPU")
def test_a_computer_without_a_gpu_is_described_without_tensorflow_and_alike(
    engine: KerasEngine,
) -> None:
    program = """
import sys
from cnnstudio.engine.keras_engine import KerasEngine
print(repr(KerasEngine().devices()))
assert "tensorflow" not in sys.modules
"""
    engine.prepare()
    assert in_fresh_interpreter(program).strip() == repr(engine.devices())


@pytest.mark.slow
@pytest.mark.timeout(300)  # three trainings in a process of their own
def test_several_devices_share_a_training(tmp_path: Path) -> None:
    program = f"""
import pathlib
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from cnnstudio.engine.keras_engine import KerasEngine
from cnnstudio.engine.runtime import Runtime, start_runtime
from tests.engine.material import CLASS_NAMES, TRAINING, VALIDATION, Recorder, coloured, settings
shared = Runtime(start_runtime().facts, ("CPU:0", "CPU:1"))
print([shared.strategy(smallest).num_replicas_in_sync for smallest in (3, 4)])
engine = KerasEngine(shared)
folder = pathlib.Path({str(tmp_path)!r})
# 49 pictures: with batches of 16 one would be left over, and nothing for one of the devices.
training = coloured([0, 1, 2] * 16 + [0])
# With averages; cut off in the middle of an epoch and gone on with.
import cnnstudio.engine.checkpoint, cnnstudio.engine.callbacks
from cnnstudio.core.events import BatchEnded
cnnstudio.engine.checkpoint._SECONDS_BETWEEN_SAVES = 0
cnnstudio.engine.callbacks.EVENTS_PER_SECOND = 1e9
def cut(event, context):
    if isinstance(event, BatchEnded) and (event.epoch, event.batch) == (2, 3):
        raise KeyError
config = settings(epochs=6, average_weights=True, is_deterministic=True)
def train(name, recorder):
    place = folder / name
    return engine.train(training, VALIDATION, config, CLASS_NAMES, place / "model.keras",
                        recorder.context, place / "checkpoint")
whole = train("whole", Recorder())
try:
    train("cut", Recorder(cut))
except KeyError:
    pass
resumed = train("cut", Recorder())
far = [abs(a.loss - b.loss) + abs(a.validation_loss - b.validation_loss) + abs(a.accuracy
       - b.accuracy) for a, b in zip(whole.history, resumed.history, strict=True)]
print(max(far))
best = whole.history[whole.best_epoch - 1]
print(best.validation_accuracy)
answers = engine.predict(folder / "whole" / "model.keras", VALIDATION.pictures)
print(abs((answers.argmax(1) == VALIDATION.labels).mean() - best.validation_accuracy))
"""
    said = in_fresh_interpreter(program, quiet=False).split("\n")
    replicas, difference, accuracy, off = said[:4]
    assert replicas == "[1, 2]"
    assert float(difference) < 1e-5
    assert float(accuracy) > 0.8
    assert float(off) < 1e-6
