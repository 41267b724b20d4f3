"""What real folders hold, file by file: each behaves as the manifest beside them says."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.dataset.checks import find_problems
from cnnstudio.core.dataset.health.findings import Finding, Kind
from cnnstudio.core.dataset.health.measuring import TINY
from cnnstudio.core.dataset.images import (
    UnreadablePicture,
    inspect,
    is_junk_folder,
    may_be_picture,
    open_picture,
    read_array,
    thumbnail,
)
from cnnstudio.core.dataset.reading import index_samples
from cnnstudio.core.dataset.scanning import scan
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.index import Index, IndexedPicture

# The `shared_data` fixture comes too late: the files decide which tests there are.
_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[4] / "shared" / "data"
DATA = Path(os.environ.get("CNNSTUDIO_SHARED_DATA", _BESIDE_THE_PROJECT))
CLEAN_NAMES = {
    "shoes": "shoes",
    "pants": "pants",
    "T-Shirt & Tops": "t-shirt",
    "Hüte (帽子)": "hat",
    "dress.v2": "dress",
}
# Without colour, or with black and white dots in place of greys.
GRAY_KINDS = {"jpeg-gray", "png-gray", "png-la", "png-16gray", "tiff-16gray", "png-1bit"}


@dataclass(frozen=True)
class Entry:
    path: str
    kind: str
    expect: str
    clean: str

    @property
    def file(self) -> Path:
        return DATA / "messy" / self.path


def read_manifest() -> list[Entry]:
    manifest = DATA / "messy_manifest.csv"
    if not manifest.is_file():
        return []
    entries = []
    numbers: dict[str, int] = {}
    with manifest.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            # The pictures of a class stand in the manifest in the order of their clean twins.
            number = numbers.get(row["class"], 0)
            numbers[row["class"]] = number + 1
            clean = f"{CLEAN_NAMES.get(row['class'], '')}/{number:03}.jpg"
            has_twin = row["expect"].startswith("load") and (DATA / "messy_clean" / clean).is_file()
            twin = clean if has_twin and number < 49 else ""
            entries.append(Entry(row["path"], row["kind"], row["expect"], twin))
    return entries


MANIFEST = read_manifest()


def entries(*expected: str) -> list[object]:
    """One parameter a file of these expectations, with its path as the test's name."""
    chosen = [entry for entry in MANIFEST if entry.expect in expected]
    return [pytest.param(entry, id=entry.path) for entry in chosen]


def small_gray(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L").resize((20, 20), Image.Resampling.BOX), dtype=int)


@pytest.mark.parametrize("entry", entries("load", "load-maybe-nested"))
def test_a_file_that_shall_load_loads(entry: Entry) -> None:
    assert may_be_picture(entry.file)
    image = open_picture(entry.file)
    facts = inspect(entry.file)
    assert image.mode == "RGB"
    assert (facts.width, facts.height) == image.size
    assert read_array(entry.file, 32, "crop").shape == (32, 32, 3)


@pytest.mark.parametrize("entry", entries("load-or-report", "warn-duplicate", "warn-too-few"))
def test_a_file_that_may_load_loads_or_is_reported(entry: Entry) -> None:
    try:
        inspect(entry.file)
    except UnreadablePicture:
        with pytest.raises(UnreadablePicture):
            read_array(entry.file, 32, "pad")
    else:
        assert read_array(entry.file, 32, "pad").shape == (32, 32, 3)
        assert max(thumbnail(entry.file, 64).size) <= 64


@pytest.mark.parametrize("entry", entries("report"))
def test_a_broken_file_is_reported_by_whoever_reads_it(entry: Entry) -> None:
    assert may_be_picture(entry.file), "it must be listed to be reported"
    for read in (inspect, open_picture, lambda path: read_array(path, 32, "crop")):
        with pytest.raises(UnreadablePicture) as caught:
            read(entry.file)
        assert caught.value.reason
        assert entry.file.name in caught.value.sentence


@pytest.mark.parametrize("entry", entries("ignore", "ignore-folder"))
def test_what_is_no_picture_is_passed_over(entry: Entry) -> None:
    folder = Path(entry.path).parts[0]
    assert not may_be_picture(entry.file) or is_junk_folder(folder)


@pytest.mark.parametrize(
    "entry", [pytest.param(entry, id=entry.path) for entry in MANIFEST if entry.clean]
)
def test_a_picture_shows_the_same_as_its_plain_twin(entry: Entry) -> None:
    messy = open_picture(entry.file)
    clean = open_picture(DATA / "messy_clean" / entry.clean)
    assert messy.size == clean.size
    gray_difference = np.abs(small_gray(messy) - small_gray(clean)).mean()
    assert gray_difference < 3
    if entry.kind not in GRAY_KINDS:
        difference = np.abs(np.asarray(messy, dtype=int) - np.asarray(clean, dtype=int)).mean()
        assert difference < 8


@pytest.mark.skipif(not MANIFEST, reason="the real pictures are absent")
def test_nearly_every_picture_of_the_five_classes_has_a_twin_to_be_compared_with() -> None:
    assert sum(1 for entry in MANIFEST if entry.clean) == 5 * 49


@dataclass(frozen=True)
class HealthCheck:
    """What a health check of the whole folder says."""

    rows: dict[str, IndexedPicture]
    findings: list[Finding]

    def kinds_about(self, path: str) -> set[Kind]:
        return {each.kind for each in self.findings if path in each.paths}

    def words_of(self, kind: Kind) -> list[str]:
        return [each.words for each in self.findings if each.kind == kind]


@pytest.fixture(scope="module")
def health() -> HealthCheck:
    project = scan(DATA / "messy", is_read_only=True)
    with Index(None) as index:
        rows = index_samples(project, project.samples, index, TaskContext())
        tiny = partial(index.find_features, TINY)
        return HealthCheck(rows, find_problems(project, rows, TaskContext(), tiny))


# What may be said of a file that is to load: its name lies, or there is a copy of it elsewhere.
HARMLESS = {"wrong ending", "two classes", "duplicate"}


@pytest.mark.parametrize("entry", [pytest.param(each, id=each.path) for each in MANIFEST])
def test_the_health_check_says_of_each_line_what_the_manifest_expects(
    entry: Entry, health: HealthCheck
) -> None:
    kinds = health.kinds_about(entry.path)
    row = health.rows.get(entry.path)
    folder = entry.path.split("/")[0]
    if entry.expect in ("load", "load-maybe-nested"):
        assert row is not None
        assert not row.problem
        assert kinds <= HARMLESS
    elif entry.expect == "load-or-report":
        assert row is not None
        assert bool(row.problem) == ("unreadable" in kinds)
    elif entry.expect == "report":
        assert kinds == {"unreadable"}
    elif entry.expect == "warn-duplicate":
        assert kinds & {"duplicate", "two classes"}
    elif entry.expect == "warn-too-few":
        assert f"{folder} has only 1 picture." in health.words_of("small class")
    elif entry.expect == "warn-empty-class":
        assert f"{folder} has no pictures." in health.words_of("empty class")
    elif entry.expect == "ignore-or-report":
        assert kinds <= {"ignored"}
    else:
        assert entry.expect in ("ignore", "ignore-folder")
        assert not kinds
        assert row is None


def test_an_ending_that_lies_is_told_of_just_those_files(
    shared_data: Path, health: HealthCheck
) -> None:
    lying = {each.path for each in MANIFEST if "-named-" in each.kind}
    found = {path for path in health.rows if "wrong ending" in health.kinds_about(path)}
    assert found == lying


def test_the_strip_and_the_single_pixel_are_named(shared_data: Path, health: HealthCheck) -> None:
    assert "long and narrow" in health.kinds_about("Hüte (帽子)/strip.png")
    assert "too small" in health.kinds_about("Hüte (帽子)/one_pixel.png")
