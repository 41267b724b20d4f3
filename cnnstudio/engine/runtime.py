"""The one module that decides what is computed where: devices, memory, precision.

`start_runtime` imports TensorFlow, so call it on the engine thread. What follows from the facts it
reads (words, advice, precision) are pure functions of `MachineFacts`.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from cnnstudio.core.engine_api import DeviceReport
from cnnstudio.engine.shared_library import load_without_lock

Policy = Literal["float32", "mixed_float16", "mixed_bfloat16"]

# Below this picture size converting to and from 16 bits costs as much as it saves on a CPU:
# measured 1.9 times as fast as float32 at 64 to 224 px, 1.1 times at 28 px.
_SMALLEST_SIZE_FOR_BFLOAT16_PX = 48
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}
# Tensor cores, without which 16-bit arithmetic is no faster, came with this one.
_COMPUTE_CAPABILITY_FOR_FLOAT16 = (7, 0)
# Of glibc's malloc.h: how much more is taken, and kept, than is needed, and from which size on a
# piece of memory comes from the system and goes back to it by itself.
_M_TOP_PAD, _M_MMAP_THRESHOLD = -2, -3
_KEPT_BYTES = 16 << 20
_NVIDIA_VENDOR = "0x10de"
_CHATTER = (
    "I0000",
    "W0000",
    "WARNING: All log messages before",
    "INFO: Created TensorFlow Lite XNNPACK delegate",
    "fully_quantize: ",
)


@dataclass(frozen=True)
class Gpu:
    """A GPU that TensorFlow can use; the compute capability is None where it is not known."""

    name: str
    compute_capability: tuple[int, int] | None = None


@dataclass(frozen=True)
class MachineFacts:
    """What was found on this computer; `system` as `platform.system()` says it."""

    system: str
    cpu_cores: int
    has_bfloat16: bool = False
    gpus: tuple[Gpu, ...] = ()
    has_nvidia_card: bool = False
    has_nvidia_driver: bool = False
    hides_gpus: bool = False
    tensorflow_has_cuda: bool = False
    tensorflow_version: str = ""
    keras_version: str = ""


class Runtime:
    """Where and how this process trains.

    `training_devices` are TensorFlow's names of the devices that share the work; with fewer than
    two, TensorFlow's default device does it. `weights_folder` is that of downloaded backbones.
    """

    def __init__(self, facts: MachineFacts, training_devices: tuple[str, ...] = ()) -> None:
        self.facts = facts
        self.weights_folder: Path | None = None
        self._training_devices = training_devices

    @property
    def device_words(self) -> str:
        """The device in words, as the status strip shows it."""
        return device_words(self.facts)

    def device_report(self) -> DeviceReport:
        """Return the devices in words, with the reason when there is no GPU."""
        facts = self.facts
        return DeviceReport(
            words=self.device_words,
            gpus=tuple(gpu.name for gpu in facts.gpus),
            cpu_cores=facts.cpu_cores,
            has_bfloat16=facts.has_bfloat16,
            reason_without_gpu=reason_without_gpu(facts),
            tensorflow_version=facts.tensorflow_version,
            keras_version=facts.keras_version,
        )

    def strategy(self, smallest_batch: int) -> Any:
        """Return TensorFlow's distribution strategy: mirrored on several GPUs, else the default.

        `smallest_batch` pictures are at least in a batch. TensorFlow deals them out in equal
        portions, rounded up, and cannot calculate with none at all: each device must get some.
        """
        import tensorflow as tf

        devices = len(self._training_devices)
        if devices > 1 and smallest_batch >= devices**2:
            return tf.distribute.MirroredStrategy(self._training_devices)
        return tf.distribute.get_strategy()

    def policy(
        self,
        precision: Literal["auto", "float32"],
        image_size: int,
        *,
        is_pretrained: bool = False,
    ) -> Policy:
        """Return Keras' dtype policy for pictures of `image_size` px."""
        return policy_for(self.facts, precision, image_size, is_pretrained=is_pretrained)

    @contextlib.contextmanager
    def determinism(self, is_on: bool) -> Iterator[None]:
        """Where asked for, have TensorFlow calculate the same to the last digit every time."""
        # The public module can only switch it on, for the rest of the process.
        from tensorflow.python.framework import config

        if not is_on:
            yield
            return
        config.enable_op_determinism()
        try:
            yield
        finally:
            config.disable_op_determinism()

    def augmenting_threads(self) -> int:
        """Return how many threads augment beside the training.

        One keeps up with any CPU, which needs the other cores for the training itself.
        """
        return max(1, self.facts.cpu_cores // 2) if self.facts.gpus else 1


def start_runtime() -> Runtime:
    """Import TensorFlow (seconds, the first time) and return what it can use."""
    keep_freed_memory()
    tf = _import_tensorflow()
    # Without this TensorFlow takes all memory of a GPU, and the next program finds none.
    for device in tf.config.list_physical_devices("GPU"):
        # Refused once the device is in use, by then the setting no longer matters.
        with contextlib.suppress(RuntimeError, ValueError):
            tf.config.experimental.set_memory_growth(device, True)
    devices = tuple(device.name for device in tf.config.list_logical_devices("GPU"))
    facts = _read_tensorflow(tf, _read_machine())
    # TensorFlow's modules are hundreds of thousands of objects that stay for good. Looking through
    # them at every collection would hold up all threads, the window's too, for a third of a second.
    gc.freeze()
    return Runtime(facts, devices)


def keep_freed_memory() -> None:
    """Have the C library of Linux keep some of what is freed, for the next one who asks.

    A training frees and takes the same few megabytes at every step. Given back to the system each
    time, they come back page by page: that was half the processor time of training a head.
    """
    # Elsewhere than with glibc there is no such library, or no such setting.
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_M_TOP_PAD, _KEPT_BYTES)
        libc.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)


def machine_without_gpu() -> MachineFacts | None:
    """Return what is known of a computer on which no GPU can be used, without TensorFlow.

    None where there may be one: only TensorFlow can tell. Importing it takes seconds and 700 MB,
    which somebody who sorts pictures has no need of.
    """
    facts = _read_machine()
    has_card = facts.has_nvidia_card or facts.has_nvidia_driver
    return None if facts.system == "Linux" and has_card else facts


def device_words(facts: MachineFacts) -> str:
    """Return for example "CPU, 2 cores", "GPU: NVIDIA RTX 4070" or "2 GPUs: A, B"."""
    names = [gpu.name for gpu in facts.gpus]
    if len(names) == 1:
        return f"GPU: {names[0]}"
    if names:
        return f"{len(names)} GPUs: {', '.join(names)}"
    return f"CPU, {facts.cpu_cores} core{'s' if facts.cpu_cores != 1 else ''}"


def reason_without_gpu(facts: MachineFacts) -> str:
    """Return why the CPU is used and what to do about it; empty when there is a GPU."""
    if facts.gpus:
        return ""
    if facts.system == "Darwin":
        return "TensorFlow has no GPU support on macOS, so the CPU is used."
    if facts.system == "Windows":
        return (
            "TensorFlow has no GPU support on Windows itself. "
            "To use an NVIDIA GPU, install CNN Studio inside WSL 2."
        )
    if not facts.has_nvidia_card and not facts.has_nvidia_driver:
        return "No NVIDIA GPU was found; TensorFlow can use no other."
    if not facts.has_nvidia_driver:
        return (
            "There is an NVIDIA GPU, but its driver is not running. "
            "Install the NVIDIA driver and restart the computer."
        )
    if facts.hides_gpus:
        return "The environment variable CUDA_VISIBLE_DEVICES hides the GPU. Remove it."
    if not facts.tensorflow_has_cuda:
        return (
            "This TensorFlow was built without CUDA. Install CNN Studio with its GPU extra: "
            "pip install 'cnnstudio[gpu]'."
        )
    return (
        "TensorFlow could not load the CUDA libraries. Install them with "
        "pip install 'cnnstudio[gpu]', and update the NVIDIA driver if that does not help."
    )


def policy_for(
    facts: MachineFacts,
    precision: Literal["auto", "float32"],
    image_size: int,
    *,
    is_pretrained: bool = False,
) -> Policy:
    """Return Keras' dtype policy: 16-bit arithmetic where it is faster, unless float32 is asked.

    Pretrained networks stay in float32 on a CPU. Nearly all have depthwise convolutions, whose
    gradients TensorFlow computes slowly in 16 bits: with EfficientNet-Lite0 a step in bfloat16
    takes 1.7 times as long, and 1.1 times when all but those convolutions are in bfloat16.
    """
    if precision == "float32":
        return "float32"
    if facts.gpus:
        able = all(
            gpu.compute_capability is not None
            and gpu.compute_capability >= _COMPUTE_CAPABILITY_FOR_FLOAT16
            for gpu in facts.gpus
        )
        return "mixed_float16" if able else "float32"
    if facts.has_bfloat16 and not is_pretrained and image_size >= _SMALLEST_SIZE_FOR_BFLOAT16_PX:
        return "mixed_bfloat16"
    return "float32"


def has_bfloat16(cpu_information: str) -> bool:
    """Whether a processor calculates with bfloat16, from the text of Linux' /proc/cpuinfo."""
    for line in cpu_information.splitlines():
        if line.startswith("flags"):
            return not _BFLOAT16_FLAGS.isdisjoint(line.split())
    return False


def _read_machine() -> MachineFacts:
    system = platform.system()
    return MachineFacts(
        system=system,
        cpu_cores=_usable_cores(),
        has_bfloat16=system == "Linux" and has_bfloat16(_text_of(Path("/proc/cpuinfo"))),
        has_nvidia_card=any(
            _text_of(vendor).strip() == _NVIDIA_VENDOR
            for vendor in Path("/sys/bus/pci/devices").glob("*/vendor")
        ),
        # WSL passes the driver of Windows through and has no /proc/driver/nvidia.
        has_nvidia_driver=Path("/proc/driver/nvidia").exists()
        or Path("/usr/lib/wsl/lib/libcuda.so.1").exists(),
        hides_gpus=os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in {"", "-1"},
        tensorflow_version=_version_of("tensorflow"),
        keras_version=_version_of("keras"),
    )


def _read_tensorflow(tf: Any, facts: MachineFacts) -> MachineFacts:
    import keras

    return replace(
        facts,
        gpus=tuple(_read_gpu(tf, gpu) for gpu in tf.config.list_physical_devices("GPU")),
        tensorflow_has_cuda=bool(tf.sysconfig.get_build_info().get("is_cuda_build")),
        tensorflow_version=tf.__version__,
        keras_version=keras.__version__,
    )


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # another build of TensorFlow has another name
        return ""


def _read_gpu(tf: Any, device: Any) -> Gpu:
    details = tf.config.experimental.get_device_details(device)
    capability = details.get("compute_capability")
    name = str(details.get("device_name", "unnamed"))
    return Gpu(name, None if capability is None else (int(capability[0]), int(capability[1])))


def _usable_cores() -> int:
    # What this process may use, where the system can say so: fewer than all in a container.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _import_tensorflow() -> Any:
    # Whatever ~/.keras/keras.json says: everything here is written for this backend.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with without_chatter():
        load_without_lock()
        import tensorflow as tf
    return tf


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Drop the notes that TensorFlow's libraries write to stderr whatever the log level.

    Everything else that reaches stderr meanwhile is passed on afterwards.
    """
    try:
        stderr = os.dup(2)
    except OSError:  # a window program on Windows has no stderr
        yield
        return
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            for line in caught.read().decode(errors="replace").splitlines(keepends=True):
                if not line.startswith(_CHATTER):
                    sys.stderr.write(line)
