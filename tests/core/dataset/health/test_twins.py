"""The same picture is found again in another shape; another picture of the same kind is not."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from cnnstudio.core.dataset.health import twins
from cnnstudio.core.dataset.health.measuring import MEASURED_PX, measure
from cnnstudio.core.dataset.health.twins import TwinSearch
from cnnstudio.core.errors import Cancelled
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.index import IndexedPicture
from tests.core.dataset.health.scenes import grain, scene

SCENES = [scene(seed) for seed in range(12)]


class Album:
    """Measured pictures by their names, which are their fingerprints, too."""

    def __init__(self, pictures: Mapping[str, Image.Image]) -> None:
        self.rows: dict[str, IndexedPicture] = {}
        self.tiny: dict[str, np.ndarray] = {}
        self.asked_for: set[str] = set()
        for name, image in pictures.items():
            small = image.copy()
            small.thumbnail((MEASURED_PX, MEASURED_PX))
            seen = measure(small)
            self.tiny[name] = seen.tiny
            self.rows[name] = IndexedPicture(
                name,
                *image.size,
                contrast=seen.contrast,
                sharpness=seen.sharpness,
                look=seen.look,
            )

    def load(self, marks: Iterable[str]) -> dict[str, np.ndarray]:
        wanted = list(marks)
        self.asked_for.update(wanted)
        return {mark: self.tiny[mark] for mark in wanted}

    def groups(self, search: TwinSearch | None = None) -> list[list[str]]:
        return (search or TwinSearch()).groups(self.rows, self.load, TaskContext())


def saved_again(image: Image.Image, quality: int = 50) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(io.BytesIO(stream.getvalue())).convert("RGB")


def cut(image: Image.Image, share: float) -> Image.Image:
    across, down = round(image.width * share), round(image.height * share)
    return image.crop((across, down, image.width - across, image.height - down))


CHANGES = {
    "saved again": saved_again,
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "larger": lambda image: image.resize((image.width * 2, image.height * 2)),
    "brightened": lambda image: ImageEnhance.Brightness(image).enhance(1.12),
    "darkened": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.12),
    "cut": lambda image: cut(image, 0.02),
    "all at once": lambda image: saved_again(cut(image, 0.01).resize((200, 150))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_among_others(change: str) -> None:
    pictures = {f"scene {number}": image for number, image in enumerate(SCENES)}
    copies = {f"copy {number}": CHANGES[change](image) for number, image in enumerate(SCENES)}
    groups = Album(pictures | copies).groups()
    found = [sorted(group) for group in groups]
    expected = [[f"copy {number}", f"scene {number}"] for number in range(len(SCENES))]
    assert all(group in expected for group in found), "nothing else is called a twin"
    assert len(found) >= len(SCENES) - 1


def test_a_mirrored_picture_is_another_one() -> None:
    assert Album({"one": SCENES[0], "other": ImageOps.mirror(SCENES[0])}).groups() == []


@pytest.mark.parametrize("strength", [1, 3, 8, 20])
def test_tiles_of_the_same_texture_under_the_same_lamp_are_no_twins(strength: float) -> None:
    assert Album({str(seed): grain(seed, strength) for seed in range(60)}).groups() == []


def page(seed: int, lines: int) -> Image.Image:
    random = np.random.default_rng(seed)
    image = Image.new("L", (700, 900), 246)
    draw = ImageDraw.Draw(image)
    for line in range(lines):
        words = ["".join(random.choice(list("abcdefghil"), 6)) for _ in range(12)]
        draw.text((60, 70 + 40 * line), " ".join(words), fill=50, font_size=22)
    return image.convert("RGB")


@pytest.mark.parametrize("lines", [1, 3, 6, 18])
def test_pages_with_other_writing_at_the_same_place_are_no_twins(lines: int) -> None:
    assert Album({str(seed): page(seed, lines) for seed in range(25)}).groups() == []


def test_the_same_thing_in_another_colour_is_no_twin() -> None:
    def shirt(colour: tuple[int, int, int]) -> Image.Image:
        image = Image.new("RGB", (300, 300), "white")
        ImageDraw.Draw(image).rounded_rectangle((60, 50, 240, 260), 30, fill=colour)
        ImageDraw.Draw(image).rectangle((100, 100, 200, 180), fill=(250, 250, 250))
        return image

    colours = {"red": (200, 60, 60), "green": (35, 128, 60), "blue": (60, 80, 235)}
    assert Album({name: shirt(colour) for name, colour in colours.items()}).groups() == []


def test_a_burst_is_one_group_and_not_a_pair_for_each_two() -> None:
    random = np.random.default_rng(0)
    ground = np.asarray(SCENES[0]).astype(np.float32)
    frames = {}
    for number in range(30):
        pixels = np.roll(ground, number % 3, axis=1) + random.normal(0, 3, ground.shape)
        frames[f"frame {number:02}"] = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    (group,) = Album(frames | {"other": SCENES[1]}).groups()
    assert len(group) == 30


def test_a_slow_pan_is_not_one_group_from_end_to_end() -> None:
    wide = scene(30, 1600, 240)
    frames = {f"{x:04}": wide.crop((x, 0, x + 320, 240)) for x in range(0, 1280, 8)}
    for group in Album(frames).groups():
        assert max(map(int, group)) - min(map(int, group)) < 160


def test_only_what_is_new_is_compared_again() -> None:
    pictures = {f"scene {number}": image for number, image in enumerate(SCENES)}
    album, search = Album(pictures), TwinSearch()
    assert album.groups(search) == []
    more = Album(pictures | {"copy": saved_again(SCENES[3])})
    assert [sorted(group) for group in more.groups(search)] == [["copy", "scene 3"]]
    more.asked_for.clear()
    assert [sorted(group) for group in more.groups(search)] == [["copy", "scene 3"]]
    assert not more.asked_for
    del more.rows["scene 3"]
    assert more.groups(search) == [], "twins of what is gone are no twins"


def test_a_cancelled_search_is_begun_anew() -> None:
    album, search, context = (
        Album({"one": SCENES[0], "two": saved_again(SCENES[0])}),
        TwinSearch(),
        TaskContext(),
    )
    context.cancel()
    with pytest.raises(Cancelled):
        search.groups(album.rows, album.load, context)
    assert len(album.groups(search)) == 1


def test_where_all_looks_are_alike_only_the_nearest_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twins, "_CANDIDATES_EACH", 3)
    rows = {str(n): IndexedPicture(str(n), 100, 100, contrast=50, look=7) for n in range(300)}
    same = Album({"any": SCENES[0]}).tiny["any"]
    asked: list[int] = []

    def load(marks: Iterable[str]) -> dict[str, np.ndarray]:
        wanted = list(marks)
        asked.append(len(wanted))
        return dict.fromkeys(wanted, same)

    groups = TwinSearch().groups(rows, load, TaskContext())
    assert sum(map(len, groups)) > 250
    assert sum(asked) <= 300 * 4
