"""Videos: cut into frames, those that look like the one before left out.

OpenCV's FFmpeg decodes. It is handed only what begins like a container of video: FFmpeg would also
follow playlists, which may name any file or address.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.dataset.import_plan import VideoClip, VideoFacts, VideoSampling
from cnnstudio.core.dataset.importers.gathering import Gathering
from cnnstudio.core.dataset.importers.layout import Place
from cnnstudio.core.dataset.picture_kinds import HEAD_BYTES, kind_of, open_file
from cnnstudio.core.jobs import TaskContext

VIDEO_SUFFIXES = frozenset(
    {
        ".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts",
        ".ogv", ".ts", ".webm", ".wmv",
    }
)  # fmt: skip

JPEG_QUALITY = 95
"""High enough that the network sees no difference to the video, at a tenth of a PNG's size."""

MOST_FRAME_PIXELS = 100_000_000
"""Three times 8K; a header may claim frames that fill the memory."""

ALIKE_SIDE = 16
ALIKE_AT_MOST = 8.0
"""Two frames are alike when, both made `ALIKE_SIDE` squares of grey on each side, no square differs
by more than this, of 255. The mean over all would miss a bird that flies into a still picture."""

_STARTS = (b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"OggS", b"FLV\x01",
           b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")  # fmt: skip
_QUICKTIME_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
# Where the first two packets of a transport stream begin, each with the byte 0x47.
_TRANSPORT_PACKETS = ((0, 188), (4, 196))
_LONGEST_S = 100 * 3600.0
_FASTEST_FPS = 1000.0
_USUAL_FPS = 25.0
# Containers round, and count the sound that goes on after the last frame.
_ENOUGH = 0.9


def recognises(path: Path, head: bytes) -> bool:
    """Whether a file begins like a video, or is called one."""
    if kind_of(head) is not None:
        return False
    return _begins_like_video(head) or path.suffix.casefold() in VIDEO_SUFFIXES


def look(path: Path, gathering: Gathering, place: Place = Place()) -> None:  # noqa: B008 - frozen
    """Gather a video that can be read, without knowing yet which frames."""
    try:
        facts = video_facts(path)
    except UnreadablePicture as problem:
        gathering.skip(path, problem.reason)
    else:
        gathering.add_clip(VideoClip(path, None, None, facts), place)


def video_facts(path: Path) -> VideoFacts:
    """Return what a video says of itself, after its first frame was decoded.

    Raises:
        UnreadablePicture: it is none, or cannot be read.
    """
    with _opened(path) as capture:
        frames = _sensible(capture.get(cv2.CAP_PROP_FRAME_COUNT), 1, _LONGEST_S * _FASTEST_FPS)
        rate = _sensible(capture.get(cv2.CAP_PROP_FPS), 0.01, _FASTEST_FPS)
        seconds = None
        if frames is not None and rate is not None:
            seconds = _sensible(frames / rate, 0, _LONGEST_S)
        read, frame = capture.read()
        if not read:
            raise UnreadablePicture("no frame of this video can be read", name=path.name)
        height, width = frame.shape[:2]
        return VideoFacts(width, height, None if frames is None else int(frames), seconds)


def frames_of(
    clip: VideoClip, sampling: VideoSampling, context: TaskContext
) -> Iterator[tuple[str, bytes]]:
    """Give the frames chosen, each as a file name and the bytes of a JPEG, upright.

    Every frame is named by its place in the video, counted from 1. "n a second" goes by the time
    at which each frame is shown, so that a changing rate does no harm.

    Raises:
        UnreadablePicture: the video cannot be opened, or ends before the end it promises; the
            frames given until then are good.
        Cancelled: the user cancelled.
    """
    stem, before = clip.path.stem, None
    number, shown_at_s = 0, 0.0
    with _opened(clip.path) as capture:
        rate = _sensible(capture.get(cv2.CAP_PROP_FPS), 0.01, _FASTEST_FPS) or _USUAL_FPS
        due = _Due(sampling)
        while capture.grab():
            context.checkpoint()
            number += 1
            said_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            # Some containers hold no times: then the rate has to do.
            is_said = math.isfinite(said_s) and (said_s > shown_at_s or number == 1)
            shown_at_s = said_s if is_said else shown_at_s + 1 / rate
            if not due.takes(number, shown_at_s):
                continue
            decoded, frame = capture.retrieve()
            if not decoded or frame is None:
                continue
            small = _small(frame)
            if sampling.skips_alike and before is not None and alike(before, small):
                continue
            before = small
            yield f"{stem} {number:06d}.jpg", _jpeg(frame)
    if number == 0:
        raise UnreadablePicture("no frame of this video can be read", name=clip.path.name)
    promised_s = clip.facts.seconds or 0.0
    if shown_at_s + 1 / rate < promised_s * _ENOUGH:
        raise UnreadablePicture(
            f"only its first {shown_at_s:.1f} s of {promised_s:.1f} s can be read",
            name=clip.path.name,
        )


def alike(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> bool:
    """Whether two frames look the same, both float32 (ALIKE_SIDE, ALIKE_SIDE), 0 to 255."""
    return bool(np.abs(one - other).max() <= ALIKE_AT_MOST)


class _Due:
    """Tells which frames are to be taken."""

    def __init__(self, sampling: VideoSampling) -> None:
        self._sampling = sampling
        self._next_s = 0.0

    def takes(self, number: int, shown_at_s: float) -> bool:
        """Whether to take the frame with this number, counted from 1."""
        count = self._sampling.count
        if self._sampling.unit == "every n-th":
            return (number - 1) % count == 0
        # A hair's breadth early: times are rounded to milliseconds in many containers.
        if shown_at_s < self._next_s - 0.002:
            return False
        self._next_s += 1 / count
        if self._next_s <= shown_at_s:  # after a gap in the video, not a flood to make up for it
            self._next_s = shown_at_s + 1 / count
        return True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a video for reading. Raises `UnreadablePicture` for every reason there is."""
    try:
        with open_file(path) as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        reason = f"the file cannot be opened ({error.strerror or 'it is not a regular file'})"
        raise UnreadablePicture(reason, name=path.name) from error
    if not head:
        raise UnreadablePicture("the file is empty", name=path.name)
    try:
        str(path).encode()
    except UnicodeEncodeError:
        # OpenCV ends the whole process over such a name instead of raising.
        reason = "its name, or that of a folder around it, is not readable; rename it"
        raise UnreadablePicture(reason, name=path.name) from None
    if not _begins_like_video(head):
        raise UnreadablePicture("this is not a video", name=path.name)
    try:
        capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        try:
            capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
            pixels = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
            if not capture.isOpened():
                raise UnreadablePicture(
                    "this video cannot be read: it is damaged, its end is missing, or it is of a"
                    " kind that is not known",
                    name=path.name,
                )
            if pixels > MOST_FRAME_PIXELS:
                raise UnreadablePicture(
                    f"its frames are too large: {pixels / 1e6:.0f} megapixels; at most"
                    f" {MOST_FRAME_PIXELS / 1e6:.0f} are read",
                    name=path.name,
                )
            yield capture
        finally:
            capture.release()
    except (cv2.error, UnicodeError) as error:
        raise UnreadablePicture("this video cannot be read", name=path.name) from error


def _begins_like_video(head: bytes) -> bool:
    if head.startswith(_STARTS) or head[4:8] in _QUICKTIME_BOXES:
        return True
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return True
    return any(
        head[first : first + 1] == head[second : second + 1] == b"\x47"
        for first, second in _TRANSPORT_PACKETS
    )


def _sensible(value: float, least: float, most: float) -> float | None:
    return value if math.isfinite(value) and least <= value <= most else None


def _small(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    size = (ALIKE_SIDE, ALIKE_SIDE)
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    grey: npt.NDArray[np.float32] = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return grey


def _jpeg(frame: npt.NDArray[np.uint8]) -> bytes:
    _, encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return bytes(encoded)
