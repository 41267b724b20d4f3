"""A headless Chromium, driven as a person would use a page. Nothing is downloaded for it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
DRIVER = shutil.which("chromedriver")
_WAIT_S = 120

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="Chromium and its driver are not installed"
)


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Start one with a camera that shows a test picture; it ends with the block."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    with tempfile.TemporaryDirectory() as profile:
        for flag in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        try:
            yield driver
        finally:
            driver.quit()


class Page:
    """A page that a browser shows."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def run(self, script: str, *given: Any) -> Any:
        return self.driver.execute_script(script, *given)

    def wait_for(self, script: str) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, _WAIT_S, 0.05).until(
            lambda driver: driver.execute_script(script)
        )

    def click(self, name: str) -> None:
        self.driver.find_element("id", name).click()

    def text(self, name: str) -> str:
        return str(self.run("return document.getElementById(arguments[0]).textContent", name))


class ClassifierPage(Page):
    """The one-file classifier."""

    def __init__(self, driver: Any, file: Path) -> None:
        super().__init__(driver)
        driver.get(file.as_uri())
        self.wait_for("return document.body.dataset.state === 'ready'")

    def clear(self) -> None:
        self.run("document.getElementById('clear').click()")

    def give(self, *files: Path) -> None:
        """Choose files by the button's file field, and wait for all answers."""
        field = self.driver.find_element("id", "files")
        field.send_keys("\n".join(map(str, files)))
        self.wait_for_answers()

    def wait_for_answers(self) -> None:
        self.wait_for(
            "return document.querySelectorAll('#rows tr').length > 0"
            " && document.getElementById('progress').hidden"
        )

    def table(self) -> str:
        """What "Save table" saves."""
        self.run(
            "window.saved = null; const make = URL.createObjectURL;"
            " URL.createObjectURL = (blob) => { if (blob.type === 'text/csv')"
            " blob.text().then((text) => { window.saved = text; });"
            " URL.createObjectURL = make; return make.call(URL, blob); };"
            " document.getElementById('save').click();"
        )
        self.wait_for("return window.saved !== null")
        return str(self.run("return window.saved"))

    def seen(self, row: int) -> list[int]:
        """The pixels that the network saw of a row's picture, RGB."""
        self.run("document.querySelectorAll('#rows button')[arguments[0]].click()", row)
        self.run("document.getElementById('seen').hidden = true")
        self.click("as-seen")
        self.wait_for("return !document.getElementById('seen').hidden")
        rgba: list[int] = self.run(
            "const canvas = document.getElementById('seen');"
            " return Array.from(canvas.getContext('2d')"
            ".getImageData(0, 0, canvas.width, canvas.height).data)"
        )
        return [value for place, value in enumerate(rgba) if place % 4 != 3]

    def complaints(self) -> list[str]:
        entries = self.driver.get_log("browser")
        return [
            entry["message"] for entry in entries if "willReadFrequently" not in entry["message"]
        ]
