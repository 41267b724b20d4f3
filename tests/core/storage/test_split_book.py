"""The split is kept with the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnstudio.core.storage import split_book
from cnnstudio.core.storage.split_book import SplitBook


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    book = SplitBook(3, 0.2, 0.1, {"aa": "train", "bb": "test"}, {"cc": "validation"})
    split_book.save(tmp_path, book)
    assert split_book.load(tmp_path) == book


@pytest.mark.parametrize("text", ["", "[]", '{"seed": 1}', '{"seed": null, "sides": 3}'])
def test_a_damaged_book_counts_as_empty(tmp_path: Path, text: str) -> None:
    split_book.save(tmp_path, SplitBook())
    (tmp_path / ".cnnstudio" / "split.json").write_text(text)
    assert split_book.load(tmp_path) == SplitBook()


def test_a_damaged_split_is_set_aside_when_another_is_written(tmp_path: Path) -> None:
    split_book.save(tmp_path, SplitBook(seed=1))
    path = tmp_path / ".cnnstudio" / "split.json"
    path.write_text("{damaged")
    assert split_book.load(tmp_path) == SplitBook()
    split_book.save(tmp_path, SplitBook(seed=2))
    assert split_book.load(tmp_path).seed == 2
    assert path.with_name("split.json.damaged").read_text() == "{damaged"
