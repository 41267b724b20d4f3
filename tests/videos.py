"""Small videos for tests, made with OpenCV, and a few changed afterwards byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]

SIZE = (96, 64)
"""Width and height in pixels."""


def flat(*levels: int) -> list[Frame]:
    """Return one frame of a single grey, 0 to 255, for each level."""
    return [np.full((SIZE[1], SIZE[0], 3), level, np.uint8) for level in levels]


def steps(count: int) -> list[Frame]:
    """Return frames that all look different from the one before."""
    return flat(*(20 * (number % 11) for number in range(count)))


def make_video(path: Path, frames: Iterable[Frame], rate: float = 10) -> Path:
    """Write frames as MPEG-4 (.mp4) or Motion JPEG (.avi), so many a second."""
    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), rate, SIZE)
    assert writer.isOpened()
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def turned(path: Path) -> Path:
    """Note in an MP4 that it is to be shown turned by 90 degrees, as phones do."""
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40  # the matrix of a header of version 0
    matrix = (0, 1 << 16, 0, -(1 << 16), 0, 0, SIZE[1] << 16, 0, 1 << 30)
    data[start : start + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(bytes(data))
    return path


def slowed(path: Path, after: int, factor: int) -> Path:
    """Let the frames of an MP4 stay so many times as long after the first ones."""

    def change(entries: bytes) -> bytes:
        count, length = struct.unpack(">II", entries)
        return struct.pack(">4I", after, length, count - after, length * factor)

    return _with_times(path, change)


def _with_times(path: Path, change: Callable[[bytes], bytes]) -> Path:
    data = bytearray(path.read_bytes())
    stts = data.index(b"stts")
    assert data.index(b"moov") > data.index(b"mdat"), "offsets of the frames would change"
    assert struct.unpack(">I", data[stts + 8 : stts + 12]) == (1,)
    entries = change(bytes(data[stts + 12 : stts + 20]))
    data[stts + 8 : stts + 20] = struct.pack(">I", len(entries) // 8) + entries
    for box in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stts"):
        place = data.index(box) - 4
        (size,) = struct.unpack(">I", data[place : place + 4])
        data[place : place + 4] = struct.pack(">I", size + len(entries) - 8)
    # The list of edits holds the old length and would cut the end off.
    path.write_bytes(bytes(data).replace(b"edts", b"free"))
    return path
