"""The one-file classifier in a browser, opened from the disk, against the program's answers."""

from __future__ import annotations

import base64
import csv
import functools
import http.server
import io
import json
import shutil
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.dataset.images import read_array
from cnnstudio.core.errors import StudioError
from cnnstudio.core.exporting.one_file_page import PAGE_FILE, PREPARING_FILES, one_file_page
from cnnstudio.core.exporting.onnxruntime_web import (
    FOLDER,
    SCRIPT_FILE,
    WASM_FILE,
    OnnxRuntimeWeb,
    found_or_fetched,
)
from cnnstudio.core.resources import resource_path
from cnnstudio.folders import cache_folder
from tests.browser.chromium import ClassifierPage, Page, chromium, needs_chromium

pytestmark = [pytest.mark.slow, needs_chromium]

SIZE = 48
HOSTILE = "</script><img src=x onerror=alert(1)>"
NAMES = ["cat", "dog", "mouse"]
LONG = "a title of eighty letters which nobody would write but who may write it " + "m" * 8
TURNED = "mouse\u202e"
TITLES = [LONG, HOSTILE, TURNED]


class Classifier:
    """A small classic network, as the program asks it and as a page holds it."""

    def __init__(self, folder: Path) -> None:
        keras = pytest.importorskip("keras")
        pytest.importorskip("tf2onnx")
        keras.utils.set_random_seed(1)
        given = keras.Input((SIZE, SIZE, 3), name="pictures")
        inner = keras.layers.Rescaling(1 / 255)(given)
        inner = keras.layers.Conv2D(8, 5, strides=2, activation="relu")(inner)
        inner = keras.layers.MaxPooling2D()(inner)
        inner = keras.layers.Flatten()(inner)
        answer = keras.layers.Dense(3, activation="softmax", kernel_initializer="he_normal")(inner)
        # How bright a picture is, 0 to 1: only white ones are unlike those it was trained with.
        distance = keras.ops.mean(given, axis=(1, 2, 3)) / 255
        self.network = keras.Model(given, {"probabilities": answer, "distance": distance})
        self.network.predict(np.zeros((1, SIZE, SIZE, 3), np.float32), verbose=0)
        self.file = folder / "model.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras' own way with tf2onnx and NumPy
            self.network.export(str(self.file), format="onnx", verbose=False)

    def __call__(self, picture: Path) -> np.ndarray[Any, Any]:
        pixels = read_array(picture, SIZE, "crop")[None].astype(np.float32)
        answers: np.ndarray[Any, Any] = self.network.predict(pixels, verbose=0)["probabilities"][0]
        return answers


def card() -> dict[str, Any]:
    return {
        "name": "Fast start",
        "created": "2026-01-01T00:00:00+00:00",
        "program_version": "0.1.0",
        "class_names": NAMES,
        "class_titles": TITLES,
        "input": {"name": "pictures", "size_px": SIZE},
        "resize": {"mode": "crop"},
        "outputs": {"probabilities": "probabilities", "distance": "distance"},
        "not_sure": {"least_probability": 0.0, "farthest": 0.99, "left_out": ""},
        "test": {"accuracy": 0.9, "interval": [0.699, 0.972], "pictures": 20},
        "backbone": {"name": "EfficientNet-Lite0", "licence": "Apache-2.0", "source": "a package"},
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("classifier")


@pytest.fixture(scope="module")
def runtime() -> OnnxRuntimeWeb:
    try:
        return found_or_fetched(cache_folder(), lambda: None)
    except StudioError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def classifier(folder: Path) -> Classifier:
    return Classifier(folder)


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="module")
def opened(
    folder: Path, runtime: OnnxRuntimeWeb, classifier: Classifier, driver: Any
) -> ClassifierPage:
    file = folder / PAGE_FILE
    file.write_bytes(one_file_page(classifier.file.read_bytes(), card(), runtime))
    return ClassifierPage(driver, file)


@pytest.fixture
def page(opened: ClassifierPage) -> Iterator[ClassifierPage]:
    yield opened
    assert opened.complaints() == []
    opened.clear()


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    """Blots of colour, as a photograph has them."""
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def ordinary_pictures(folder: Path) -> list[Path]:
    plain, made = picture(90, 70), {}
    clear = plain.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(plain.size))
    for name, image, options in (
        ("rgb.png", plain, {}),
        ("as is.png", picture(SIZE, SIZE), {}),
        ("tall.png", picture(60, 301), {}),
        ("large.png", picture(1201, 907), {}),
        ("jpeg.jpg", plain, {"quality": 90}),
        ("progressive.jpg", plain, {"progressive": True, "quality": 90}),
        ("gray.png", plain.convert("L"), {}),
        ("gray.jpg", plain.convert("L"), {}),
        ("palette.png", plain.convert("P"), {}),
        ("transparent.png", clear, {}),
        ("transparent.webp", clear, {"lossless": True}),
        ("cmyk.jpg", plain.convert("CMYK"), {"quality": 95}),
        ("animal.gif", plain.convert("P"), {}),
        ("bitmap.bmp", plain, {}),
    ):
        made[name] = folder / name
        image.save(made[name], **options)
    for turn in range(1, 9):
        for ending in ("jpg", "webp"):
            exif = Image.Exif()
            exif[0x0112] = turn
            made[f"{ending} {turn}"] = folder / f"turned {turn}.{ending}"
            plain.save(made[f"{ending} {turn}"], exif=exif, quality=90)
    made["gray 16"] = folder / "sixteen bits, gray.png"
    # A microscope's camera of 12 bits leaves the upper ones empty: all is dark.
    wide = np.asarray(plain.convert("L")).astype(np.uint16) * 16
    Image.fromarray(wide).save(made["gray 16"])
    made["rgb 16"] = folder / "sixteen bits.png"
    cv2.imwrite(str(made["rgb 16"]), np.asarray(plain).astype(np.uint16) * 257)
    return list(made.values())


def answers_of(page: ClassifierPage) -> dict[str, dict[str, str]]:
    return {row["path"]: row for row in csv.DictReader(io.StringIO(page.table()))}


def shares(row: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.array([float(row[name]) for name in NAMES])


def test_every_ordinary_kind_of_picture_is_seen_and_answered_as_in_the_program(
    page: ClassifierPage, classifier: Classifier, tmp_path: Path
) -> None:
    files = ordinary_pictures(tmp_path)
    page.give(*files)
    answers = answers_of(page)
    for place, file in enumerate(files):
        seen = np.array(page.seen(place)).reshape(SIZE, SIZE, 3)
        ours = read_array(file, SIZE, "crop").astype(int)
        assert np.abs(seen - ours).max() <= 1, file.name
        assert np.abs(shares(answers[file.name]) - classifier(file)).max() < 1e-3, file.name


@pytest.mark.parametrize("subsampling", [0, 1, 2], ids=["4:4:4", "4:2:2", "4:2:0"])
def test_large_jpegs_which_the_program_decodes_smaller_are_seen_to_the_level(
    page: ClassifierPage, classifier: Classifier, tmp_path: Path, subsampling: int
) -> None:
    files = []
    for factor in (2, 4, 8):
        for turn in (1, 3, 6):
            exif = Image.Exif()
            exif[0x0112] = turn
            files.append(tmp_path / f"{factor} {turn}.jpg")
            # Sides that are no whole blocks.
            large = picture(SIZE * factor + 37, SIZE * factor + 5, seed=turn)
            large.save(files[-1], quality=90, subsampling=subsampling, exif=exif)
    page.give(*files)
    answers = answers_of(page)
    for place, file in enumerate(files):
        seen = np.array(page.seen(place)).reshape(SIZE, SIZE, 3)
        assert np.array_equal(seen, read_array(file, SIZE, "crop")), file.name
        assert np.abs(shares(answers[file.name]) - classifier(file)).max() < 1e-3, file.name


def test_dropped_pictures_are_answered_and_what_cannot_be_read_costs_nothing_else(
    page: ClassifierPage, tmp_path: Path
) -> None:
    good = tmp_path / "good.png"
    picture(80, 80).save(good)
    cut = tmp_path / "good.jpg"
    picture(800, 800).save(cut)
    page.run(
        "const [good, cut] = arguments; const given = new DataTransfer();"
        " const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));"
        " given.items.add(new File([bytes(cut)], 'cut.jpg'));"
        " given.items.add(new File(['II*\\0 and so on'], 'scan.tif'));"
        " given.items.add(new File(['some words'], 'words.txt'));"
        " given.items.add(new File([], 'empty.png'));"
        " given.items.add(new File([bytes(good)], 'good.png'));"
        " document.getElementById('drop').dispatchEvent("
        "   new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true }));",
        _base64(good.read_bytes()),
        _base64(cut.read_bytes()[:2000]),
    )
    page.wait_for_answers()
    answers = answers_of(page)
    assert page.text("count") == "5 pictures, 4 cannot be read"
    assert "TIFF" in answers["scan.tif"]["problem"]
    assert answers["cut.jpg"]["problem"] == "the file ends too early"
    assert "not a picture" in answers["words.txt"]["problem"]
    assert "empty" in answers["empty.png"]["problem"]
    assert answers["good.png"]["predicted_class"] in NAMES


def test_a_picture_that_asks_for_all_the_memory_is_refused_unseen(
    page: ClassifierPage, tmp_path: Path
) -> None:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(head)
    page.give(bomb)
    assert answers_of(page)["bomb.png"]["problem"].startswith("too large: 3,600 megapixels")


def test_an_unfamiliar_picture_is_answered_with_not_sure_and_why(
    page: ClassifierPage, tmp_path: Path
) -> None:
    white = tmp_path / "white.png"
    Image.new("RGB", (64, 64), "white").save(white)
    page.give(white)
    assert page.text("best") == "Not sure"
    assert page.text("reason") == "Unlike the training pictures."
    assert answers_of(page)["white.png"]["not_sure"] == "yes"


def test_names_of_classes_are_only_ever_text(page: ClassifierPage, tmp_path: Path) -> None:
    file = tmp_path / "a picture.png"
    picture(64, 64).save(file)
    page.give(file)
    assert HOSTILE in page.text("bars")
    assert page.run("return document.querySelectorAll('#bars img, #known img').length") == 0
    assert f"\u2068{TURNED}\u2069" in page.text("bars")


def test_a_long_title_is_wrapped_and_its_percentage_is_not(
    page: ClassifierPage, tmp_path: Path
) -> None:
    file = tmp_path / "a picture.png"
    picture(64, 64).save(file)
    page.give(file)
    lines = page.run(
        "return Array.from(document.querySelectorAll('#bars span:last-child'), (each) =>"
        " each.offsetHeight / parseFloat(getComputedStyle(each).lineHeight))"
    )
    widths = page.run(
        "return Array.from(document.querySelectorAll('#bars div'), (each) =>"
        " each.scrollWidth - each.clientWidth)"
    )
    assert [round(each) for each in lines] == [1, 1, 1]
    assert max(widths) <= 0
    assert "right for 18 of 20 test pictures: 90 % (95 % interval 70 % to 97 %)" in page.text(
        "facts"
    )


def test_the_page_may_connect_to_nothing(page: ClassifierPage) -> None:
    refused = page.driver.execute_async_script(
        "const done = arguments[0]; fetch('data:,x').then(() => done(false), () => done(true));"
    )
    assert refused
    assert any("Content Security Policy" in each for each in page.complaints())


def test_the_table_is_walked_through_with_the_arrow_keys(
    page: ClassifierPage, tmp_path: Path
) -> None:
    from selenium.webdriver import ActionChains, Keys

    files = [tmp_path / "first.png", tmp_path / "second.png"]
    for seed, file in enumerate(files):
        picture(64, 64, seed).save(file)
    page.give(*files)
    assert page.text("file") == "first.png"
    page.run("document.querySelector('#rows button').focus()")
    ActionChains(page.driver).send_keys(Keys.ARROW_DOWN).perform()
    assert page.text("file") == "second.png"


def test_the_camera_is_answered_live_and_a_picture_of_it_can_be_kept(page: ClassifierPage) -> None:
    page.click("camera")
    page.wait_for("return document.getElementById('bars').children.length > 0")
    page.click("take")
    page.wait_for_answers()
    page.click("stop")
    assert page.text("file") == "camera 1.png"
    assert answers_of(page)["camera 1.png"]["predicted_class"] in NAMES


def test_the_sample_code_answers_alike_from_a_folder_that_is_served(
    folder: Path, runtime: OnnxRuntimeWeb, classifier: Classifier, driver: Any, tmp_path: Path
) -> None:
    for name in ("classify.html", "classify.js", *PREPARING_FILES):
        shutil.copy(resource_path("export", name), tmp_path)
    (tmp_path / "model.json").write_text(json.dumps(card()))
    shutil.copy(classifier.file, tmp_path)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / SCRIPT_FILE).write_bytes(runtime.script)
    (tmp_path / FOLDER / WASM_FILE).write_bytes(runtime.wasm)
    asked = tmp_path / "asked.png"
    picture(100, 80).save(asked)
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        driver.get(f"http://127.0.0.1:{server.server_port}/classify.html")
        sample = Page(driver)
        sample.wait_for("return !document.getElementById('pictures').disabled")
        driver.find_element("id", "pictures").send_keys(str(asked))
        sample.wait_for("return document.querySelector('#answers li') !== null")
        said = sample.text("answers")
        server.shutdown()
    expected = classifier(asked)
    best = int(expected.argmax())
    assert said == f"asked.png: {NAMES[best]} ({100 * expected[best]:.1f} %)"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
