"""Reading many pictures at once, on all cores, and what is looked at for the index."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import psutil

from cnnstudio.core.dataset.health.measuring import MEASURED_PX, TINY, measure
from cnnstudio.core.dataset.images import (
    UnreadablePicture,
    inspect,
    inspect_and_shrink,
)
from cnnstudio.core.dataset.picture_kinds import open_file
from cnnstudio.core.engine_api import Pictures
from cnnstudio.core.errors import StudioError
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.progress_clock import ProgressClock
from cnnstudio.core.project import Project, Sample
from cnnstudio.core.storage.index import Index, IndexedPicture

_WAIT_S = 0.1
_ROWS_BETWEEN_STORES = 500

T = TypeVar("T")
R = TypeVar("R")


def index_samples(
    project: Project, samples: Sequence[Sample], index: Index, context: TaskContext
) -> dict[str, IndexedPicture]:
    """Return for every sample's path its fingerprint, measures or problem.

    They come from the index or afresh; each file is then read and decoded once.

    Raises:
        Cancelled: the user cancelled; what was found out until then is in the index.
    """
    known = index.find(samples)
    unknown = [sample for sample in samples if sample.path not in known]
    found: dict[Sample, IndexedPicture] = {}
    tiny: dict[str, npt.NDArray[np.uint8]] = {}
    progress = ProgressClock("Looking at the pictures", len(unknown), context)

    def look(sample: Sample) -> tuple[IndexedPicture, npt.NDArray[np.uint8] | None]:
        return look_at_file(project.absolute(sample))

    def keep() -> None:
        index.store_features(TINY, tiny)  # first: who finds a row relies on them
        index.store(found)
        found.clear()
        tiny.clear()

    try:
        for number, result in enumerate(in_parallel(unknown, look, context)):
            assert not isinstance(result, UnreadablePicture)
            row, pixels = result
            found[unknown[number]] = row
            known[unknown[number].path] = row
            if pixels is not None:
                tiny[row.fingerprint] = pixels
            progress.report(number + 1)
            if len(found) >= _ROWS_BETWEEN_STORES:
                keep()
    finally:
        keep()
    return {sample.path: known[sample.path] for sample in samples}


def read_bytes(path: Path) -> bytes:
    """Return a file's content.

    Raises:
        UnreadablePicture: it cannot be opened.
    """
    try:
        with open_file(path) as stream:
            return stream.read()
    except OSError:
        inspect(path)  # has the words for it
        raise UnreadablePicture("the disk reports an error", name=path.name) from None


def fingerprint_of(data: bytes) -> str:
    """Return what `images.fingerprint` gives for a file with this content."""
    digest = new_fingerprint()
    digest.update(data)
    return digest.hexdigest()


def new_fingerprint() -> hashlib.blake2b:
    """Return a fingerprint to be fed with the bytes of a picture, piece by piece."""
    return hashlib.blake2b(digest_size=16)


def in_parallel(
    items: Iterable[T],
    work: Callable[[T], R],
    context: TaskContext,
    ahead: int | None = None,
) -> Iterator[R | UnreadablePicture]:
    """Give what `work` makes of each item, in order, computed on all cores.

    At most `ahead` results wait to be taken (default: four for each core), so memory is bounded.
    An item that cannot be read gives its `UnreadablePicture` in its place.

    Raises:
        Cancelled: the user cancelled; noticed within a tenth of a second.
    """
    cores = os.cpu_count() or 1
    waiting: deque[Future[R]] = deque()
    remaining = iter(items)
    pool = ThreadPoolExecutor(cores, "reading")
    try:
        while True:
            while len(waiting) < (ahead or 4 * cores):
                item = next(remaining, None)
                if item is None:
                    break
                waiting.append(pool.submit(work, item))
            if not waiting:
                return
            context.checkpoint()
            while not waiting[0].done():
                wait_for([waiting[0]], _WAIT_S)
                context.checkpoint()
            try:
                yield waiting.popleft().result()
            except UnreadablePicture as problem:
                yield problem
    finally:
        # After a cancel not waited for: a very large picture may take seconds to decode.
        pool.shutdown(wait=not waiting, cancel_futures=True)


def look_at(data: bytes) -> tuple[IndexedPicture, npt.NDArray[np.uint8] | None]:
    """Return what is to be known of a file with this content, and its tiny picture.

    One that cannot be read has a `problem`, and no tiny picture.
    """
    mark = fingerprint_of(data)
    try:
        facts, small = inspect_and_shrink(data, MEASURED_PX)
    except UnreadablePicture as problem:
        return IndexedPicture(mark, problem=problem.reason), None
    seen = measure(small)
    row = IndexedPicture(
        mark,
        facts.width,
        facts.height,
        facts.format,
        "",
        seen.darkest,
        seen.brightest,
        seen.contrast,
        seen.sharpness,
        seen.look,
    )
    return row, seen.tiny


def look_at_file(path: Path) -> tuple[IndexedPicture, npt.NDArray[np.uint8] | None]:
    """The same for a file, which may not even be there."""
    try:
        data = read_bytes(path)
    except UnreadablePicture as problem:
        return IndexedPicture("", problem=problem.reason), None
    return look_at(data)


def room_for(count: int, size_px: int, in_memory_at_most_bytes: int | None = None) -> Pictures:
    """Return an array for pictures, shape (count, size_px, size_px, 3), its content undefined.

    What is larger than `in_memory_at_most_bytes`, by default a quarter of the free memory, is kept
    in a temporary file that vanishes with the array.

    Raises:
        StudioError: neither memory nor disk has room for that many pictures.
    """
    if in_memory_at_most_bytes is None:
        in_memory_at_most_bytes = psutil.virtual_memory().available // 4
    shape = (count, size_px, size_px, 3)
    needed = count * size_px * size_px * 3
    if needed <= in_memory_at_most_bytes:
        return np.empty(shape, np.uint8)
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if needed > free * 0.9:
        raise StudioError(
            f"{count:,} pictures of {size_px}x{size_px} px need {needed / 1e9:.1f} GB, but the disk"
            f" has only {free / 1e9:.1f} GB free.",
            "Make the picture size smaller, or make room on the disk.",
        )
    # The file has no name any more: it goes away with the array, even if we are killed.
    with tempfile.TemporaryFile() as stream:
        stream.truncate(needed)
        mapped: npt.NDArray[np.uint8] = np.memmap(stream, np.uint8, "r+", shape=shape)
        return mapped
