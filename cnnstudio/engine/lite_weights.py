"""Reads the weights of a network that PyTorch wrote in its old format, without PyTorch.

Such a file is five pickles and then the bare numbers. A pickle may run any code, so these are read
by an unpickler that knows four harmless names and no other.
"""

from __future__ import annotations

import hashlib
import io
import math
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cnnstudio.core.errors import StudioError

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_COUNT_BYTES = 8
_LARGEST_FILE_BYTES = 256 << 20
_FLOATS, _INTEGERS = np.dtype("<f4"), np.dtype("<i8")

Weights = dict[str, npt.NDArray[np.float32]]


def read_weights(path: Path, sha256: str) -> Weights:
    """Return the arrays of real numbers in a file by their names, shaped as PyTorch has them.

    Args:
        path: the file.
        sha256: the digest of its content, in hexadecimal. One wrong bit would make all answers
            wrong without anybody noticing.

    Raises:
        StudioError: the file is missing, has another content, or is no list of weights.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror or error}") from error
    if len(data) > _LARGEST_FILE_BYTES:
        raise _unusable(path, "is larger than any that belongs to CNN Studio")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _unusable(path, "is damaged or another one than it should be")
    try:
        return _parsed(data)
    except Exception as error:
        # Unpickling raises whatever nonsense leads to: from EOFError to struct.error.
        raise _unusable(path, f"is no list of weights ({error})") from error


class _Storage(NamedTuple):
    """A run of numbers further on in the file."""

    key: str
    dtype: np.dtype[Any]
    length: int


class _Tensor(NamedTuple):
    """How an array lies in a storage; offset and strides count numbers, not bytes."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _Unpickler(pickle.Unpickler):
    """Makes nothing but dictionaries and descriptions of arrays."""

    _allowed = {  # noqa: RUF012 - a constant
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch", "FloatStorage"): _FLOATS,
        ("torch", "LongStorage"): _INTEGERS,
    }

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        try:
            return self._allowed[module_name, global_name]
        except KeyError:
            raise ValueError(f"it asks for {module_name}.{global_name}") from None

    def persistent_load(self, pid: Any, /) -> _Storage:
        _, dtype, key, _, count, _ = pid
        if not isinstance(dtype, np.dtype) or not isinstance(count, int) or count < 0:
            raise ValueError("it describes its numbers wrongly")
        return _Storage(str(key), dtype, count)


def _parsed(data: bytes) -> Weights:
    stream = io.BytesIO(data)
    if _unpickled(stream) != _MAGIC or _unpickled(stream) != _PROTOCOL:
        raise ValueError("it begins differently")
    _unpickled(stream)  # the sizes of integers on the computer that wrote it
    tensors = _unpickled(stream)
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(each, _Tensor) for name, each in tensors.items()
    ):
        raise ValueError("it holds something else than weights")
    storages = {each.storage.key: each.storage for each in tensors.values()}
    numbers = _numbers(data, stream, _unpickled(stream), storages)
    return {
        name: _array(numbers[tensor.storage.key], tensor)
        for name, tensor in tensors.items()
        if tensor.storage.dtype == _FLOATS
    }


def _unpickled(stream: io.BytesIO) -> Any:
    return _Unpickler(stream).load()


def _numbers(
    data: bytes, stream: io.BytesIO, keys: Any, storages: dict[str, _Storage]
) -> dict[str, npt.NDArray[Any]]:
    """Return the numbers of each storage; they follow each other, each with its count before it."""
    found = {}
    place = stream.tell()
    for key in keys:
        storage = storages[key]
        count = int.from_bytes(data[place : place + _COUNT_BYTES], "little")
        if count != storage.length:
            raise ValueError("its counts do not agree")
        found[key] = np.frombuffer(data, storage.dtype, count, place + _COUNT_BYTES)
        place += _COUNT_BYTES + found[key].nbytes
    if place != len(data):
        raise ValueError("it goes on after its end")
    return found


def _array(numbers: npt.NDArray[Any], tensor: _Tensor) -> npt.NDArray[np.float32]:
    shape, strides = tensor.shape, tensor.strides
    if min((tensor.offset, *shape, *strides)) < 0 or len(shape) != len(strides):
        raise ValueError("an array has an impossible shape")
    last = tensor.offset + sum(
        (size - 1) * stride for size, stride in zip(shape, strides, strict=True)
    )
    # No array may be larger than what the file holds, nor reach beyond its own numbers.
    if math.prod(shape) > len(numbers) or last >= len(numbers) or 0 in shape:
        raise ValueError("an array is larger than its numbers")
    step = numbers.itemsize
    view = np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], shape, [stride * step for stride in strides], writeable=False
    )
    return np.ascontiguousarray(view, np.float32)


def _unusable(path: Path, reason: str) -> StudioError:
    return StudioError(
        f"The file of pretrained weights {path.name} {reason}.", "Install CNN Studio again."
    )
