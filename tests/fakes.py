"""Stand-ins for what is slow: an engine that needs no TensorFlow."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.core.catalog.backbones import DEFAULT_BACKBONE
from cnnstudio.core.config import RunConfig
from cnnstudio.core.engine_api import (
    DeviceReport,
    Ending,
    FeatureKind,
    FirstFilters,
    HeadMoment,
    HeadWeights,
    HeatMap,
    LabelledFeatures,
    LabelledPictures,
    LearningRateSweep,
    Pictures,
    TrainingOutcome,
)
from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import BatchEnded, EpochEnded, PinsAnswered
from cnnstudio.core.exporting.written_network import WrittenNetwork
from cnnstudio.core.foreign.feeding import Feeding, fed
from cnnstudio.core.foreign.found_model import FoundModel, kind_of_file
from cnnstudio.core.foreign.labels import labels_inside
from cnnstudio.core.inside.network_layers import NetworkLayer
from cnnstudio.core.jobs import TaskContext

_LONGEST_WAIT_S = 30
_MEANS = "means.json"

_Labelled = tuple[npt.NDArray[Any], npt.NDArray[np.int64]]
"""Mean colours, shape (n, 3), and class indices, shape (n,)."""


@dataclass
class FakeEngine:
    """Learns the mean colour of each class, and answers with the nearest.

    Knobs: with `may_end_epoch` set, each epoch waits for that event (and clears it), so that a test
    can look, stop or cancel in the middle. `fail_with` is raised by the next training. `trained`
    notes what each training was given: (class names, config, picture counts), `heads` what it was
    to start from; `predicted` and `described` note how many pictures each call of `predict` and
    `features` was given, `explained` which class each call of `explain` was about, `drawn` of which
    backbones the layers were asked for, for pictures of which size, `looked` which layers pictures
    were shown to, `looked_at` at which epoch. With `may_grow` set, a picture that is made waits for
    that event after its first step. Backbones that are `missing` are not on this computer. With
    `swaps_on_export` an exported network takes each class for the next.
    """

    may_end_epoch: threading.Event | None = None
    fail_with: Exception | None = None
    trained: list[tuple[tuple[str, ...], RunConfig, int, int]] = field(default_factory=list)
    heads: list[HeadWeights | None] = field(default_factory=list)
    predicted: list[int] = field(default_factory=list)
    described: list[int] = field(default_factory=list)
    explained: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    is_prepared: bool = False
    drawn: list[tuple[str, int]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    looked: list[str] = field(default_factory=list)
    looked_at: list[str | None] = field(default_factory=list)
    may_grow: threading.Event | None = None
    swaps_on_export: bool = False
    exported: list[WrittenNetwork] = field(default_factory=list)

    def prepare(self) -> None:
        self.threads.add(threading.get_ident())
        self.is_prepared = True

    def devices(self) -> DeviceReport:
        self.threads.add(threading.get_ident())
        return DeviceReport("CPU, 2 cores", (), 2, False, "No GPU was found.", "2.21.0", "3.15.0")

    def train(
        self,
        training: LabelledPictures,
        validation: LabelledPictures,
        config: RunConfig,
        class_names: tuple[str, ...],
        model_file: Path,
        context: TaskContext,
        checkpoint_folder: Path | None = None,
        head: HeadWeights | None = None,
        pinned: Pictures | None = None,
    ) -> TrainingOutcome:
        self.heads.append(head)
        return self._train(
            (_colours(training.pictures), training.labels),
            (_colours(validation.pictures), validation.labels),
            config,
            class_names,
            model_file,
            context,
            None if pinned is None else _colours(pinned),
        )

    def train_head(
        self,
        training: LabelledFeatures,
        validation: LabelledFeatures,
        config: RunConfig,
        class_names: tuple[str, ...],
        model_file: Path | None,
        context: TaskContext,
        pinned: npt.NDArray[np.floating] | None = None,
    ) -> TrainingOutcome:
        self.heads.append(None)
        outcome = self._train(
            (training.features.mean(axis=1), training.labels),
            (validation.features[:, 0], validation.labels),
            config,
            class_names,
            model_file,
            context,
            None if pinned is None else pinned.astype(np.float64),
        )
        if model_file is None:
            return outcome
        return replace(outcome, moments=tuple(_moments(outcome)))

    def save_head(self, head: HeadWeights, backbone: str, model_file: Path) -> None:
        self.threads.add(threading.get_ident())
        _save(head.kernel.T, model_file)

    def find_learning_rate(
        self,
        training: LabelledPictures,
        config: RunConfig,
        class_names: tuple[str, ...],
        context: TaskContext,
        head: HeadWeights | None = None,
    ) -> LearningRateSweep:
        self.threads.add(threading.get_ident())
        context.checkpoint()
        return LearningRateSweep((1e-4, 1e-3, 1e-2), (2.0, 1.0, 3.0), 1e-3)

    def predict(self, model_file: Path, pictures: Pictures) -> npt.NDArray[np.float32]:
        self.threads.add(threading.get_ident())
        self.predicted.append(len(pictures))
        return _answers(_means_in(model_file), _colours(pictures))

    def inspect_model(self, model_file: Path, context: TaskContext) -> FoundModel:
        """What `write_fake_model` has written takes values from 0 to 255, and does not say so."""
        self.threads.add(threading.get_ident())
        context.checkpoint()
        kind = kind_of_file(model_file)
        try:
            count = len(_means_in(model_file))
        except (StudioError, ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
            raise StudioError(f"{model_file.name} is damaged.") from error
        labels, about = labels_inside(model_file)
        return FoundModel(
            kind,
            count,
            8,
            3,
            "NHWC",
            "pictures",
            "answers",
            "probabilities",
            "-1..1",
            "fakes say so",
            labels=labels if len(labels) == count else (),
            about=about,
            digest=hashlib.sha256(model_file.read_bytes()).hexdigest(),
        )

    def predict_fed(
        self, model_file: Path, feeding: Feeding, pictures: Pictures
    ) -> npt.NDArray[np.float32]:
        self.threads.add(threading.get_ident())
        self.predicted.append(len(pictures))
        values = fed(pictures, feeding)
        colours = values.reshape(len(values), -1, 3).mean(axis=1, dtype=np.float64)
        return _answers(_means_in(model_file), colours)

    def predict_with_features(
        self, model_file: Path, pictures: Pictures
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        return self.predict(model_file, pictures), _colours(pictures).astype(np.float32)

    def predict_features(
        self, model_file: Path, features: npt.NDArray[np.floating]
    ) -> npt.NDArray[np.float32]:
        self.threads.add(threading.get_ident())
        return _answers(_means_in(model_file), features.astype(np.float64))

    def explain(self, model_file: Path, picture: Pictures, class_index: int) -> HeatMap:
        """The nearer a pixel's colour is to that of the class, the hotter."""
        self.threads.add(threading.get_ident())
        self.explained.append(class_index)
        distances = np.linalg.norm(picture - _means_in(model_file)[class_index], axis=2)
        return HeatMap((1 - distances / max(1.0, distances.max())).astype(np.float32), "colours")

    def export(
        self, model_file: Path, target: Path, wanted: WrittenNetwork, context: TaskContext
    ) -> None:
        """A real ONNX network, whatever the form: only as ONNX it can be proved."""
        self.threads.add(threading.get_ident())
        self.exported.append(wanted)
        means = _means_in(model_file)
        _save_as_onnx(np.roll(means, 1, axis=0) if self.swaps_on_export else means, target, wanted)

    def feature_kind(self, backbone: str = DEFAULT_BACKBONE.key) -> FeatureKind:
        return FeatureKind(f"{backbone}-colours-8", 8, 3)

    def features(
        self, pictures: Pictures, backbone: str = DEFAULT_BACKBONE.key
    ) -> npt.NDArray[np.float32]:
        self.threads.add(threading.get_ident())
        self.described.append(len(pictures))
        return _colours(pictures).astype(np.float32)

    def layers_of(self, model_file: Path) -> tuple[NetworkLayer, ...]:
        self.threads.add(threading.get_ident())
        count = len(_means_in(model_file))
        return (
            NetworkLayer("scale", "Rescaling", "", (8, 8, 3), 0, 0),
            NetworkLayer("conv_1", "Conv2D", "3 filters 3 × 3", (8, 8, 3), 84, 5184),
            NetworkLayer("pool_1", "MaxPooling2D", "2 × 2", (4, 4, 3), 0, 0),
            NetworkLayer("flatten", "Flatten", "", (48,), 0, 0),
            NetworkLayer("dense", "Dense", "100 values, relu", (100,), 4900, 4800),
            NetworkLayer("classes", "Dense", "", (count,), 101 * count, 100 * count),
        )

    def backbone_layers(self, backbone: str, size_px: int) -> tuple[NetworkLayer, ...]:
        self.threads.add(threading.get_ident())
        self.drawn.append((backbone, size_px))
        if backbone in self.missing:
            raise StudioError(f"{backbone} is not on this computer.", "Download it.")
        side = size_px // 2
        return (
            NetworkLayer("scale", "Rescaling", "", (size_px, size_px, 3), 0, 0),
            NetworkLayer("blocks_0_conv", "Conv2D", "3 filters 3 × 3", (side, side, 3), 81, 5184),
            NetworkLayer("blocks_0_bn", "BatchNormalization", "", (side, side, 3), 12, 0),
            NetworkLayer("blocks_1_conv", "Conv2D", "3 filters 3 × 3", (side, side, 3), 81, 5184),
            NetworkLayer("blocks_1_bn", "BatchNormalization", "", (side, side, 3), 12, 0),
            NetworkLayer("features", "GlobalAveragePooling2D", "", (3,), 0, 0),
        )

    def feature_maps(
        self, model_file: Path, picture: Pictures, layer: str, epoch_file: Path | None = None
    ) -> npt.NDArray[np.float32]:
        """The colours of the picture, or the answers to it."""
        self.looked.append(layer)
        self.looked_at.append(None if epoch_file is None else epoch_file.stem)
        self.threads.add(threading.get_ident())
        if layer == "classes":
            return _answers(_means_in(model_file), _colours(picture[None]))[None]
        if layer in ("flatten", "dense"):
            return _colours(picture[None]).astype(np.float32)[None]
        return (picture[:: len(picture) // 8, :: len(picture) // 8] / 255).astype(np.float32)

    def channel_peaks(
        self, model_file: Path, pictures: Pictures, layer: str, epoch_file: Path | None = None
    ) -> npt.NDArray[np.float32]:
        if layer == "classes":
            return _answers(_means_in(model_file), _colours(pictures))
        return _colours(pictures).astype(np.float32)

    def first_filters(
        self, model_file: Path, epoch_file: Path | None = None
    ) -> FirstFilters | None:
        """Those of before the training are otherwise than those of later."""
        values = np.eye(3, dtype=np.float32)[None, None].repeat(3, 0)
        if epoch_file is not None and epoch_file.stem == "epoch-0":
            values = (values[:, :, ::-1] / 2).astype(np.float32)
        return FirstFilters("conv_1", values)

    def maximise(
        self,
        model_file: Path,
        layer: str,
        channel: int,
        steps: int,
        seed: int,
        grew: Callable[[int, Pictures], None],
        epoch_file: Path | None = None,
    ) -> Pictures:
        """Pictures of more and more of the channel's colour."""
        self.threads.add(threading.get_ident())
        gate = self.may_grow
        picture = np.zeros((32, 32, 3), np.uint8)
        for step in range(steps // 4, steps + 1, steps // 4):
            picture[..., channel % 3] = 255 * step // steps
            grew(step, picture.copy())
            give_up = time.monotonic() + _LONGEST_WAIT_S
            while gate is not None and time.monotonic() < give_up:
                grew(step, picture.copy())
                if gate.wait(0.01):
                    break
        return picture

    def _train(
        self,
        training: _Labelled,
        validation: _Labelled,
        config: RunConfig,
        class_names: tuple[str, ...],
        model_file: Path | None,
        context: TaskContext,
        pinned: npt.NDArray[np.float64] | None = None,
    ) -> TrainingOutcome:
        self.threads.add(threading.get_ident())
        colours, labels = training
        self.trained.append((class_names, config, len(labels), len(validation[1])))
        means = np.stack(
            [colours[labels == k].mean(0, np.float64) for k in range(len(class_names))]
        )
        accuracy = float((_answers(means, validation[0]).argmax(1) == validation[1]).mean())
        history: list[EpochEnded] = []
        ending: Ending = "finished"
        epochs = config.training.epochs
        for epoch in range(1, epochs + 1):
            loss = 2.0 / epoch
            for batch in range(1, -(-len(labels) // config.training.batch_size) + 1):
                context.wait_while_paused()
                context.checkpoint()
                context.report(
                    BatchEnded(epoch, batch, loss, accuracy, 1000.0, float(epochs - epoch))
                )
                if context.is_stop_requested:
                    break
            self._wait(context)
            if self.fail_with is not None:
                raise self.fail_with
            # The best epoch is the one before the last: the same is to be seen in a curve.
            is_best = epoch <= max(1, epochs - 1)
            ended = EpochEnded(epoch, loss, accuracy, loss + 0.1, accuracy, 1000.0, 0.1, is_best)
            history.append(ended)
            context.report(ended)
            if pinned is not None:
                # In epoch 1 it still takes each class for the next.
                told = np.roll(_answers(means, pinned), 1 if epoch == 1 else 0, axis=1)
                context.report(PinsAnswered(epoch, tuple(map(tuple, told.tolist()))))
            if context.is_stop_requested:
                ending = "stopped"
                break
        context.checkpoint()
        if model_file is not None:
            _save(means, model_file)
        # Which mean is nearest is a linear question: |x - m|² without |x|².
        head = HeadWeights(
            means.T.astype(np.float32), (-0.5 * (means**2).sum(axis=1)).astype(np.float32)
        )
        best = max(each.epoch for each in history if each.is_best)
        return TrainingOutcome(
            tuple(history),
            best,
            ending,
            1000.0,
            0.1 * len(history),
            "CPU, 2 cores",
            "float32",
            head,
        )

    def _wait(self, context: TaskContext) -> None:
        if self.may_end_epoch is None:
            return
        give_up = time.monotonic() + _LONGEST_WAIT_S
        while not self.may_end_epoch.wait(0.01) and time.monotonic() < give_up:
            context.checkpoint()
            if context.is_stop_requested:
                return
        self.may_end_epoch.clear()


def write_fake_model(
    model_file: Path, colours: Sequence[tuple[int, int, int]], labels: Sequence[str] = ()
) -> Path:
    """Write a model from elsewhere that answers with the nearest of some colours."""
    _save(np.array(colours, np.float64), model_file)
    if labels:
        with zipfile.ZipFile(model_file, "a") as archive:
            archive.writestr("labels.txt", "\n".join(labels))
    return model_file


def _moments(outcome: TrainingOutcome) -> Iterator[HeadMoment]:
    """In epoch 1 it still takes each class for the next, unless that is the best it comes to."""
    head = outcome.head
    assert head is not None
    for each in outcome.history:
        if each.epoch == 1 < outcome.best_epoch:
            mixed = HeadWeights(np.roll(head.kernel, 1, axis=1), np.roll(head.bias, 1))
            yield HeadMoment(1, mixed)
        else:
            yield HeadMoment(each.epoch, head)


def _save(means: npt.NDArray[Any], model_file: Path) -> None:
    with zipfile.ZipFile(model_file, "w") as archive:  # a .keras file is an archive, too
        archive.writestr(_MEANS, json.dumps(means.tolist()))


def _save_as_onnx(means: npt.NDArray[Any], target: Path, wanted: WrittenNetwork) -> None:
    """Answers as `_answers` does; with prototypes, how far a mean colour is from the nearest."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def held(name: str, values: npt.ArrayLike, kind: type = np.float32) -> onnx.TensorProto:
        return numpy_helper.from_array(np.asarray(values, kind), name)

    node = helper.make_node
    known = [held("means", means[None]), held("scale", -20.0), held("places", [1, 2], np.int64)]
    nodes = [
        node("ReduceMean", ["pictures", "places"], ["colours"], keepdims=0),
        node("Unsqueeze", ["colours", "one"], ["each"]),
        node("Sub", ["each", "means"], ["gaps"]),
        node("ReduceL2", ["gaps", "two"], ["away"], keepdims=0),
        node("Div", ["away", "scale"], ["scores"]),
        node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    known += [held("one", [1], np.int64), held("two", [2], np.int64)]
    outputs = ["probabilities"]
    if wanted.prototypes is not None:
        known += [
            held("prototypes", wanted.prototypes.T),
            held("fifth", [min(5, len(wanted.prototypes))], np.int64),
            held("last", -1, np.int64),
            held("whole", 1.0),
        ]
        nodes += [
            node("LpNormalization", ["colours"], ["unit"], axis=1, p=2),
            node("MatMul", ["unit", "prototypes"], ["likeness"]),
            node("TopK", ["likeness", "fifth"], ["nearest", "which"], axis=1),
            node("Gather", ["nearest", "last"], ["near"], axis=1),
            node("Sub", ["whole", "near"], ["distance"]),
        ]
        outputs.append("distance")
    floats = TensorProto.FLOAT
    shapes = {"probabilities": ["n", len(means)], "distance": ["n"]}
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("pictures", floats, ["n", "size", "size", 3])],
        [helper.make_tensor_value_info(name, floats, shapes[name]) for name in outputs],
        known,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, dict(wanted.enclosed))
    target.write_bytes(model.SerializeToString())


def _colours(pictures: Pictures) -> npt.NDArray[np.float64]:
    """Mean colours, shape (n, 3)."""
    means: npt.NDArray[np.float64] = pictures.reshape(len(pictures), -1, 3).mean(axis=1)
    return means


def _means_in(model_file: Path) -> npt.NDArray[np.float64]:
    try:
        with zipfile.ZipFile(model_file) as archive:
            means: npt.NDArray[np.float64] = np.array(json.loads(archive.read(_MEANS)))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StudioError("The model is damaged.", "Train again.") from error
    return means


def _answers(
    means: npt.NDArray[np.float64], colours: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Probabilities, shape (n, classes), higher for nearer mean colours."""
    distances = np.linalg.norm(colours[:, None] - means[None], axis=2)
    weights = np.exp(-distances / 20)
    answers: npt.NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype("f4")
    return answers
