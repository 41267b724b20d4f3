"""A look at a model file, in a process that may crash: what goes in, what comes out.

`main` is that process. It writes one line of JSON, either what was found or why it was refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.core.catalog.scalings import SCALINGS
from cnnstudio.core.errors import StudioError
from cnnstudio.core.foreign.about import about_model
from cnnstudio.core.foreign.feeding import (
    Feeding,
    LayoutOfValues,
    as_probabilities,
    class_count_of,
    fed,
    kind_of,
)
from cnnstudio.core.foreign.found_model import (
    MOST_CLASSES,
    FoundModel,
    ModelKind,
    check_size,
    kind_of_file,
)
from cnnstudio.core.foreign.labels import labels_in, labels_inside, labels_of
from cnnstudio.engine.foreign.runner import Runner, Values, run_in_batches

_PROBE_SIZE_PX = 224  # where a model leaves the size open
_PROBES = 3
_LONGEST_TEXT = 4 << 20
_CHANNELS = (1, 3)


def inspect(model_file: Path) -> FoundModel:
    """Load a model, ask it about made-up pictures, and return what was found.

    A damaged file may crash the interpreter: call this in a process of its own.

    Raises:
        StudioError: it is damaged, cannot be run, or is no image classifier.
    """
    kind = kind_of_file(model_file)
    if kind == "keras":
        return _inspect_keras(model_file)
    if kind == "tflite":
        return _inspect_lite(model_file)
    return _inspect_onnx(model_file)


def main(model_file: str) -> None:
    """Write what was found in a file to standard output, and leave the process."""
    _limit_this_process()
    try:
        with _quiet():
            answer = inspect(Path(model_file)).to_json()
    except StudioError as error:
        answer = json.dumps({"refused": error.sentence, "hint": error.hint})
    except Exception as error:  # noqa: BLE001 - whatever a damaged file leads to
        last = (str(error).strip().splitlines() or [""])[-1][:200]
        answer = json.dumps(
            {
                "refused": f"{Path(model_file).name} cannot be used: the program that runs such"
                f" models gave up with {type(error).__name__}: {last}".rstrip(": .")
                + ".",
                "hint": "The file is damaged, or of a kind that is not known here.",
            }
        )
    sys.stdout.write(f"\n{answer}\n")
    sys.stdout.flush()
    # Native libraries have threads that need not be waited for.
    os._exit(0)


def _inspect_keras(model_file: Path) -> FoundModel:
    from cnnstudio.engine.foreign.keras_runner import KerasRunner

    runner = KerasRunner(model_file)
    labels, about = labels_inside(model_file)
    scaling, reason, is_certain = runner.guess
    return _found("keras", runner, labels, about, (scaling, reason, is_certain))


def _inspect_lite(model_file: Path) -> FoundModel:
    from cnnstudio.engine.foreign.lite_runner import LiteRunner

    runner = LiteRunner(model_file)
    labels, about = labels_inside(model_file)
    guess = ("0..1", "most TFLite models want that", False)
    if runner.taken_range is not None:
        guess = _by_range(*runner.taken_range)
    return _found("tflite", runner, labels, about, guess)


def _inspect_onnx(model_file: Path) -> FoundModel:
    from cnnstudio.engine.foreign.onnx_runner import OnnxRunner

    runner = OnnxRunner(model_file)
    notes = {key: each[:_LONGEST_TEXT] for key, each in runner.metadata.items()}
    labels: tuple[str, ...] = ()
    for key in ("names", "labels", "classes", "class_names", "id2label"):
        with contextlib.suppress(ValueError):  # more than any model may have
            labels = labels or labels_of(notes.get(key, ""))
    with contextlib.suppress(ValueError):
        labels = labels or labels_in(notes.get("labels.txt", "").encode())
    about = notes.get("model.json") or notes.get("cnnstudio") or ""
    guess = ("imagenet", "most networks from PyTorch want that", False)
    if runner.takes_bytes:
        guess = ("0..255", "the file says so", True)
    elif _layout(runner)[0] == "NHWC":
        guess = ("0..1", "most networks from TensorFlow want that", False)
    return _found("onnx", runner, labels, about, guess)


def _found(
    kind: ModelKind,
    runner: Runner,
    labels: Sequence[str],
    about: str,
    guess: tuple[str, str, bool],
) -> FoundModel:
    known = about_model(about)
    if known is not None:
        guess = ("0..255", "the file says so", True)
    layout, size, channels = _layout(runner)
    if kind == "keras" and layout == "NCHW":
        raise StudioError(
            "The model takes its colours one after the other (channels first), which Keras can run"
            " on some graphics cards only.",
            "Save it with channels last, or as ONNX.",
        )
    output = _chosen_output(runner, None if known is None else known.output_name)
    rows = _probe(runner, layout, size, channels, output)
    values = rows.shape[1]
    if values > MOST_CLASSES:
        raise StudioError(f"The model has {values:,} answers; up to {MOST_CLASSES:,} are possible.")
    answers = kind_of(rows)
    as_probabilities(rows, answers)
    count = class_count_of(values)
    if known is not None and len(known.class_names) != count:
        about = ""
    return FoundModel(
        kind,
        count,
        size,
        channels,
        layout,
        runner.input.name,
        output,
        answers,
        *guess,
        labels=tuple(labels) if len(labels) == count else (),
        about=about,
    )


def _layout(runner: Runner) -> tuple[LayoutOfValues, int | None, int]:
    """Where the colours are, the side in pixels if it is fixed, and how many colours.

    Raises:
        StudioError: what goes in is no square picture.
    """
    shape = runner.input.shape
    words = " x ".join("any" if side is None else f"{side:,}" for side in shape)
    no_picture = StudioError(
        f"The model takes numbers of the shape {words}, no pictures: these would be one of height,"
        " width and 1 or 3 colours.",
        "Only models that look at one picture can be imported.",
    )
    if len(shape) != 4:
        raise no_picture
    _, second, third, last = shape
    layout: LayoutOfValues
    if last in _CHANNELS:
        layout, height, width, channels = "NHWC", second, third, last
    elif second in _CHANNELS:
        layout, height, width, channels = "NCHW", third, last, second
    elif second is None and last is None:
        # Nothing is said: as PyTorch writes ONNX files, and everybody else what is left.
        is_torch = type(runner).__name__ == "OnnxRunner"
        layout, channels = "NCHW" if is_torch else "NHWC", 3
        height, width = (third, last) if is_torch else (second, third)
    else:
        raise no_picture
    assert channels is not None
    if height != width:
        raise StudioError(
            f"The model takes pictures of {width or 'any'} x {height or 'any'} px; only square ones"
            " can be given.",
            "Save it with a square input.",
        )
    if height is not None:
        check_size(height)
    return layout, height, channels


def _chosen_output(runner: Runner, wanted: str | None) -> str:
    outputs = runner.outputs
    for name in (wanted, "probabilities"):
        if name is not None and name in outputs:
            return name
    if len(outputs) == 1:
        return outputs[0]
    raise StudioError(
        f"The model has {len(outputs)} outputs ({', '.join(outputs)[:100]}), and none is called"
        ' "probabilities".',
        "Save it with one output, the answers for the classes.",
    )


def _probe(
    runner: Runner, layout: LayoutOfValues, size: int | None, channels: int, output: str
) -> Values:
    """Ask about made-up pictures in each way that values may go in; return all rows of numbers."""
    side = size or _PROBE_SIZE_PX
    pictures = _probes(side)
    found: list[Values] = []
    for each in SCALINGS:
        feeding = Feeding(side, each.key, channels, layout)
        with np.errstate(all="ignore"):
            rows = run_in_batches(runner, fed(pictures, feeding), output, _PROBES)
        if rows.size and np.isfinite(rows).all():
            found.append(rows)
    if not found:
        raise StudioError(
            "The model answers with something that is no number, whatever picture it is shown.",
            "The file is damaged, or its training has failed.",
        )
    return np.concatenate(found)


def _probes(side: int) -> Any:
    """Pictures of coarse patches, always the same."""
    coarse = np.random.default_rng(0).integers(0, 256, (_PROBES, 7, 7, 3), np.uint8)
    repeats = -(-side // 7)
    fine = coarse.repeat(repeats, axis=1).repeat(repeats, axis=2)
    return np.ascontiguousarray(fine[:, :side, :side])


def _by_range(least: float, largest: float) -> tuple[str, str, bool]:
    """The scaling whose values lie in a range: that of an 8-bit model."""
    ranges = {"0..255": (0.0, 255.0), "0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0)}
    ranges["imagenet"] = (-2.12, 2.64)
    off = {key: abs(least - low) + abs(largest - high) for key, (low, high) in ranges.items()}
    width = max(largest - least, 1e-9)
    best = min(off, key=lambda key: off[key])
    if off[best] / width < 0.05:
        return best, "its 8-bit input says so", True
    return "0..1", "most TFLite models want that", False


def _limit_this_process() -> None:
    """Take the memory and time that a file can make this process use."""
    if sys.platform == "win32":
        return
    import resource

    # TensorFlow and ONNX Runtime reserve a good deal of addresses that they never use.
    for what, most in (
        (resource.RLIMIT_AS, 24 << 30),
        (resource.RLIMIT_CPU, 300),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.getrlimit(what)
            limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (limit, hard))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what libraries print apart from the answer."""
    with contextlib.redirect_stdout(sys.stderr):
        yield
