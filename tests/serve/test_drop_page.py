"""The page on which pictures are dropped, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cnnstudio.serve.answering import Answering
from cnnstudio.serve.limits import Limits
from tests.browser.chromium import Page, chromium, needs_chromium
from tests.serve.conftest import Served, coloured

pytestmark = [pytest.mark.slow, needs_chromium]

_BROKEN = (
    "return [...document.images].filter((each) => each.offsetParent && each.complete"
    " && !each.naturalWidth).length"
)


def test_what_a_browser_cannot_show_has_its_name_and_its_sentence(
    answering: Callable[[Limits], Answering], tmp_path: Path
) -> None:
    contents = {
        "notes.txt": b"hello you",
        "empty.png": b"",
        "plate.tif": coloured("green", kind="TIFF"),
        "red.png": coloured("red"),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    served = Served(answering(Limits()), Limits())
    try:
        with chromium() as driver:
            driver.get(f"http://127.0.0.1:{served.address[1]}/")
            page = Page(driver)
            field = driver.find_element("id", "files")
            field.send_keys("\n".join(str(tmp_path / name) for name in contents))
            page.wait_for(
                "return rows.length === 4 && rows.every((each) => each.answer || each.problem)"
            )
            page.wait_for("return [...document.images].every((each) => each.complete)")
            assert page.run(_BROKEN) == 0
            assert page.text("file") == "notes.txt"
            assert page.text("sentence").startswith("Cannot be read: this is not a picture")
            said = page.run("return rows.map((each) => each.item.children[2].textContent)")
            assert said[1:] == ["the file is empty", "green", "red"]
            page.run("choose(rows[3])")
            page.wait_for("return document.getElementById('picture').naturalWidth === 20")
            first = page.run("return bars({probabilities: {'0': 0.1, '1': 0.9}})[0].textContent")
            assert first == "190.0 %", "the likeliest is first, also where names are numbers"
    finally:
        served.stop()
