"""The cache of what was found out about pictures."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core.project import Sample
from cnnstudio.core.storage.index import Index, IndexedPicture

SAMPLE = Sample("cats/1.jpg", "cats", 100, 5_000_000_000)
ROW = IndexedPicture("abc", 640, 480, "JPEG")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cnnstudio" / "index.sqlite"


def test_what_was_stored_is_found_by_the_next_program(path: Path) -> None:
    broken = replace(SAMPLE, path=os.fsdecode(b"cats/caf\xe9.jpg"))
    problem = IndexedPicture("", problem="the file is empty")
    with Index(path) as index:
        index.store({SAMPLE: ROW, broken: problem})
    with Index(path) as index:
        assert index.find([SAMPLE, broken]) == {SAMPLE.path: ROW, broken.path: problem}


@pytest.mark.parametrize(
    "change", [{"size_bytes": 101}, {"modified_ns": 6}, {"path": "cats/2.jpg"}]
)
def test_a_changed_picture_is_not_found(path: Path, change: dict[str, int]) -> None:
    with Index(path) as index:
        index.store({SAMPLE: ROW})
        assert index.find([replace(SAMPLE, **change)]) == {}


@pytest.mark.parametrize("damage", [b"no database at all", b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_cache_is_made_anew(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with Index(path) as index:
        assert index.find([SAMPLE]) == {}
        index.store({SAMPLE: ROW})
    with Index(path) as index:
        assert index.find([SAMPLE]) == {SAMPLE.path: ROW}


def test_where_nothing_can_be_written_the_cache_lives_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Index(tmp_path / "file" / "index.sqlite") as index:
        index.store({SAMPLE: ROW})
        assert index.find([SAMPLE]) == {SAMPLE.path: ROW}


def test_threads_may_share_one_cache(path: Path) -> None:
    samples = [replace(SAMPLE, path=f"cats/{n}.jpg") for n in range(200)]
    with Index(path) as index:

        def store(part: list[Sample]) -> None:
            for sample in part:
                index.store({sample: ROW})
                index.find([sample])

        threads = [threading.Thread(target=store, args=(samples[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(index.find(samples)) == 200
