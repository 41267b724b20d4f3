"""Thumbnails on disk: kept, bounded, and never a reason to fail."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.dataset.images import UnreadablePicture
from cnnstudio.core.storage import thumbnail_store
from cnnstudio.core.storage.thumbnail_store import ThumbnailStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "thumbnails.sqlite"


def picture(path: Path, seed: int = 0, size: int = 300) -> Path:
    path.parent.mkdir(exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    Image.fromarray(noise).save(path, quality=90)
    return path


def store_at(file: Path, **limits: int) -> ThumbnailStore:
    return ThumbnailStore(file, **{"worthwhile_bytes": 0, **limits})


def made_unreadable(path: Path) -> None:
    """Take the content away without leaving a trace in the file's facts."""
    facts = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"\0" * facts.st_size)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def kept_rows(file: Path) -> list[tuple[str, int]]:
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT mark, side_px FROM thumbnails ORDER BY id").fetchall()
    connection.close()
    return rows


def test_a_thumbnail_is_there_the_next_time(file: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg")
    store = store_at(file)
    first = store.thumbnail(path, 96)
    store.close()
    made_unreadable(path)
    store = store_at(file)
    again = store.thumbnail(path, 96)
    store.close()
    assert (again.size, again.mode) == (first.size, "RGB")
    assert np.abs(np.asarray(first, int) - np.asarray(again, int)).mean() < 12


def test_it_is_there_before_it_is_written(file: Path, tmp_path: Path) -> None:
    store = store_at(file)
    path = picture(tmp_path / "a.jpg")
    store.thumbnail(path, 96)
    made_unreadable(path)
    assert store.thumbnail(path, 96).size == (96, 96)
    store.close()


def test_a_picture_that_gets_another_class_keeps_its_thumbnail(file: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "a" / "1.jpg")
    store = store_at(file)
    store.thumbnail(path, 96)
    (tmp_path / "b").mkdir()
    moved = path.rename(tmp_path / "b" / "1 (2).jpg")
    made_unreadable(moved)
    assert store.thumbnail(moved, 96).size == (96, 96)
    store.close()


def test_a_file_that_changed_gets_a_new_thumbnail(file: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg")
    store = store_at(file)
    store.thumbnail(path, 96)
    Image.new("RGB", (300, 150)).save(path)
    assert store.thumbnail(path, 96).size == (96, 48)
    store.close()


def test_a_somewhat_larger_one_serves_and_a_smaller_one_does_not(
    file: Path, tmp_path: Path
) -> None:
    path = picture(tmp_path / "a.jpg")
    store = store_at(file)
    store.thumbnail(path, 192)
    store.flush()
    made_unreadable(path)
    assert store.thumbnail(path, 128).size == (192, 192)
    for size in (256, 64):
        with pytest.raises(UnreadablePicture):
            store.thumbnail(path, size)
    store.close()


def test_what_is_decoded_in_a_moment_is_not_kept(file: Path, tmp_path: Path) -> None:
    store = ThumbnailStore(file)
    small = picture(tmp_path / "small.jpg", size=60)
    large = picture(tmp_path / "large.jpg", size=600)
    for path in (small, large):
        store.thumbnail(path, 96)
    store.thumbnail(large, 1024)
    store.close()
    assert len(kept_rows(file)) == 1


def test_a_picture_that_cannot_be_read_says_so(file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    store = store_at(file)
    for name in ("empty.jpg", "missing.jpg"):
        with pytest.raises(UnreadablePicture):
            store.thumbnail(tmp_path / name, 96)
    store.close()


def test_the_file_stays_within_its_bound_and_the_least_used_leave(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_store, "_ROWS_FORGOTTEN_AT_ONCE", 4)
    bound = 400_000
    store = store_at(file, at_most_bytes=bound)
    first = picture(tmp_path / "first.jpg", seed=999, size=200)
    clock = iter(range(10**6, 10**9, 10 * 86_400))  # each time is days after the one before
    monkeypatch.setattr(thumbnail_store, "time", SimpleNamespace(time=lambda: next(clock)))
    store.thumbnail(first, 192)
    store.flush()
    for seed in range(60):
        store.thumbnail(picture(tmp_path / f"{seed}.jpg", seed, size=200), 192)
        store.thumbnail(first, 192)  # looked at again and again
        store.flush()
    store.close()
    assert file.stat().st_size < bound + 200_000
    made_unreadable(first)
    store = store_at(file)
    assert store.thumbnail(first, 192).size == (192, 192)
    store.close()
    assert 5 < len(kept_rows(file)) < 60


def test_a_damaged_file_is_made_anew(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    path = picture(tmp_path / "a.jpg")
    store = store_at(file)
    for _ in range(2):
        assert store.thumbnail(path, 96).size == (96, 96)
        store.flush()
    store.close()
    store = store_at(file)
    store.thumbnail(path, 192)
    store.close()
    assert [side for _, side in kept_rows(file)][-1] == 192


def test_a_damaged_thumbnail_is_made_anew(file: Path, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg")
    store = store_at(file)
    store.thumbnail(path, 96)
    store.close()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE thumbnails SET jpeg = x'00'")
    connection.commit()
    connection.close()
    store = store_at(file)
    assert store.thumbnail(path, 96).size == (96, 96)
    store.close()


def test_where_nothing_can_be_written_pictures_are_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    store = store_at(tmp_path / "cache" / "thumbnails.sqlite")
    assert store.thumbnail(picture(tmp_path / "a.jpg"), 96).size == (96, 96)
    store.close()
    assert store.thumbnail(tmp_path / "a.jpg", 96).size == (96, 96)


def test_two_windows_share_the_file(file: Path, tmp_path: Path) -> None:
    one, other = store_at(file), store_at(file)
    path = picture(tmp_path / "a.jpg")
    one.thumbnail(path, 96)
    one.flush()
    made_unreadable(path)
    assert other.thumbnail(path, 96).size == (96, 96)
    one.close()
    other.close()


def test_while_another_program_writes_nothing_fails(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_store, "_BUSY_S", 0.01)
    store = store_at(file)
    store.thumbnail(picture(tmp_path / "a.jpg"), 96)
    store.flush()
    writer = sqlite3.connect(file)
    writer.execute("BEGIN IMMEDIATE")
    store.thumbnail(picture(tmp_path / "b.jpg", 1), 96)
    store.flush()
    writer.rollback()
    writer.close()
    store.close()
    assert len(kept_rows(file)) == 1
