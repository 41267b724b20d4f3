"""The cache of what was found out about pictures."""

from __future__ import annotations

import os
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core.project import Sample
from cnnstudio.core.storage import index as index_module
from cnnstudio.core.storage.index import KEPT_DAYS, Index, IndexedPicture

SAMPLE = Sample("cats/1.jpg", "cats", 100, 5_000_000_000)
ROW = IndexedPicture("abc", 640, 480, "JPEG", "", 12, 240, 51.5, 1.75, -(2**63))


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


def test_features_are_found_by_what_a_picture_shows_and_by_kind(path: Path) -> None:
    vectors = {f"mark {n}": np.arange(4, dtype=np.float16) + n for n in range(1200)}
    with Index(path) as index:
        index.store_features("backbone", vectors)
        index.store_features("tiny", {"mark 1": np.array([1, 255], np.uint8)})
    with Index(path) as index:
        found = index.find_features("backbone", [*vectors, "unknown"])
        assert found.keys() == vectors.keys()
        assert found["mark 7"].dtype == np.float16
        assert found["mark 7"].tolist() == [7, 8, 9, 10]
        assert index.find_features("tiny", ["mark 1", "mark 2"])["mark 1"].tolist() == [1, 255]
        assert index.find_features("other kind", ["mark 1"]) == {}


def test_what_has_been_gone_for_long_is_forgotten_with_its_features(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, days = replace(SAMPLE, path="cats/gone.jpg"), [1000]
    monkeypatch.setattr(index_module, "_today", lambda: days[0])
    with Index(path) as index:
        index.store({SAMPLE: ROW, gone: replace(ROW, fingerprint="gone")})
        for mark in ("abc", "gone"):
            index.store_features("tiny", {mark: np.zeros(2, np.uint8)})
        days[0] += KEPT_DAYS
        index.prune([SAMPLE])
        assert index.find([gone]), "it may come back from the bin"
        days[0] += 1
        index.prune([SAMPLE])
        assert index.find([SAMPLE, gone]) == {SAMPLE.path: ROW}
        assert index.find_features("tiny", ["abc", "gone"]).keys() == {"abc"}


def test_an_index_of_an_earlier_version_is_made_anew(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE pictures (path BLOB PRIMARY KEY, problem TEXT)")
        connection.execute("INSERT INTO pictures VALUES ('cats/1.jpg', '')")
        connection.execute("PRAGMA user_version=1")
    connection.close()
    with Index(path) as index:
        assert index.find([SAMPLE]) == {}
        index.store({SAMPLE: ROW})
        assert index.find([SAMPLE]) == {SAMPLE.path: ROW}


def test_features_of_settings_that_are_no_longer_used_are_forgotten(path: Path) -> None:
    vector = {"abc": np.ones(3, np.float16)}
    with Index(path) as index:
        for kind in ("seen", "seen-variant-a-0", "seen-variant-b-0", "other-variant-a-0"):
            index.store_features(kind, vector)
        index.forget_features("seen-variant-", ["seen-variant-b-0"])
        assert not index.find_features("seen-variant-a-0", vector)
        for kind in ("seen", "seen-variant-b-0", "other-variant-a-0"):
            assert index.find_features(kind, vector)
