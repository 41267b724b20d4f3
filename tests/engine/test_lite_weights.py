"""Pretrained weights are read without running what a file might bring along."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.engine.lite_weights import Weights, read_weights

MAGIC = 0x1950A86A20F9469CFC6C
NUMBERS = np.arange(24, dtype=np.float32)


class Named:
    """Pickled as a bare name, as PyTorch's classes and functions are in its files."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Call:
    """Pickled as a call of a name."""

    def __init__(self, called: Any, *arguments: Any) -> None:
        self.called, self.arguments = called, arguments


class Stored:
    """Pickled as a reference to numbers further on in the file."""

    def __init__(self, kind: str, key: str, count: Any) -> None:
        self.reference = ("storage", Named("torch", kind), key, "cpu", count, None)


class Writer(pickle._Pickler):
    """Writes the pickles of PyTorch's old format without PyTorch."""

    def persistent_id(self, obj: Any) -> Any:
        return obj.reference if isinstance(obj, Stored) else None

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Named):
            self.write(f"c{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, Call):
            self.save(obj.called)
            self.save(tuple(obj.arguments))
            self.write(b"R")
        else:
            super().save(obj, save_persistent_id)


REBUILD = Named("torch._utils", "_rebuild_tensor_v2")


def tensor(
    shape: tuple[Any, ...] = (2, 3),
    strides: tuple[Any, ...] = (3, 1),
    offset: Any = 0,
    key: str = "0",
    kind: str = "FloatStorage",
    count: Any = 24,
) -> Call:
    return Call(REBUILD, Stored(kind, key, count), offset, shape, strides, False, OrderedDict())


def pickled(content: Any) -> bytes:
    stream = io.BytesIO()
    Writer(stream, 2).dump(content)
    return stream.getvalue()


def content_of(
    tensors: Any, keys: Any = ("0",), data: bytes | None = None, magic: int = MAGIC
) -> bytes:
    headers = [magic, 1001, {"little_endian": True}, tensors, list(keys)]
    numbers = (24).to_bytes(8, "little") + NUMBERS.tobytes() if data is None else data
    return b"".join(map(pickled, headers)) + numbers


def read(path: Path, content: bytes) -> Weights:
    path.write_bytes(content)
    return read_weights(path, hashlib.sha256(content).hexdigest())


def test_arrays_are_read_by_name_wherever_they_lie(tmp_path: Path) -> None:
    tensors = OrderedDict(
        a=tensor((2, 3), (3, 1)), b=tensor((3, 2), (1, 3)), c=tensor((4,), (1,), offset=20)
    )
    weights = read(tmp_path / "weights.pth", content_of(tensors))
    np.testing.assert_array_equal(weights["a"], NUMBERS[:6].reshape(2, 3))
    np.testing.assert_array_equal(weights["b"], NUMBERS[:6].reshape(2, 3).T)
    np.testing.assert_array_equal(weights["c"], NUMBERS[20:])
    assert all(each.dtype == np.float32 for each in weights.values())


def test_whole_numbers_are_passed_over(tmp_path: Path) -> None:
    data = b"".join(
        [(24).to_bytes(8, "little"), NUMBERS.tobytes(), (1).to_bytes(8, "little"), bytes(8)]
    )
    tensors = {"a": tensor(), "steps": tensor((), (), key="1", kind="LongStorage", count=1)}
    weights = read(tmp_path / "weights.pth", content_of(tensors, ("0", "1"), data))
    assert list(weights) == ["a"]


@pytest.mark.parametrize(
    "attack",
    [
        lambda evidence: Call(Named("os", "system"), f"touch '{evidence}'"),
        lambda evidence: Call(Named("builtins", "open"), str(evidence), "w"),
        lambda evidence: Call(Named("builtins", "exec"), f"open({str(evidence)!r}, 'w')"),
        lambda evidence: {"a": Call(Named("pathlib", "Path.touch"), evidence)},
        lambda evidence: Call(Named("torch", "load"), str(evidence)),
        lambda evidence: Call(Named("collections", "OrderedDict.fromkeys"), [1]),
        lambda evidence: Named("numpy", "memmap"),
    ],
)
@pytest.mark.parametrize("place", range(5))
def test_a_file_that_asks_for_anything_else_is_refused_and_nothing_runs(
    tmp_path: Path, attack: Callable[[Path], Any], place: int
) -> None:
    evidence = tmp_path / "executed"
    headers: list[Any] = [MAGIC, 1001, {}, {"a": tensor()}, ["0"]]
    headers[place] = attack(evidence)
    with pytest.raises(StudioError, match="is no list of weights"):
        read(tmp_path / "hostile.pth", b"".join(map(pickled, headers)) + bytes(104))
    assert not evidence.exists()


NONSENSE = {
    "empty": b"",
    "begun": b"\x80\x02",
    "text": b"weights of a network\n" * 10,
    "another kind of file": content_of({"a": tensor()}, magic=1),
    "a list": content_of([1, 2]),
    "a number for an array": content_of({"a": 1}),
    "a number for a name": content_of({1: tensor()}),
    "numbers of another name": content_of({"a": tensor()}, keys=["1"]),
    "no numbers": content_of({"a": tensor()}, keys=[]),
    "cut": content_of({"a": tensor()})[:-1],
    "something after the end": content_of({"a": tensor()}) + b"more",
    "a wrong count": content_of({"a": tensor(count=23)}),
    "a negative count": content_of({"a": tensor(count=-1)}),
    "a word for a count": content_of({"a": tensor(count="24")}),
    "more than there is": content_of({"a": tensor((5, 5), (5, 1))}),
    "a number a million times": content_of({"a": tensor((1000, 1000), (0, 0))}),
    "beyond the end": content_of({"a": tensor((2,), (1,), offset=23)}),
    "backwards": content_of({"a": tensor((2,), (-1,), offset=4)}),
    "before the beginning": content_of({"a": tensor((2,), (1,), offset=-4)}),
    "too few strides": content_of({"a": tensor((2, 3), (3,))}),
    "half numbers": content_of({"a": tensor((2.0,), (1,))}),
    "a word for a size": content_of({"a": tensor(("2",), (1,))}),
    "an array of nothing": content_of({"a": Call(REBUILD, 1, 0, (2,), (1,))}),
    "called storage": content_of({"a": Call(Named("torch", "FloatStorage"), 10**12)}),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_refused_in_words(tmp_path: Path, nonsense: str) -> None:
    with pytest.raises(StudioError, match=r"weights.pth is no list of weights .*Install"):
        read(tmp_path / "weights.pth", NONSENSE[nonsense])


def test_one_wrong_bit_is_noticed(tmp_path: Path) -> None:
    content = bytearray(content_of({"a": tensor()}))
    digest = hashlib.sha256(content).hexdigest()
    content[-1] ^= 1
    (tmp_path / "weights.pth").write_bytes(content)
    with pytest.raises(StudioError, match="is damaged or another one"):
        read_weights(tmp_path / "weights.pth", digest)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"cannot be read: No such file.*Install"):
        read_weights(tmp_path / "weights.pth", "")
