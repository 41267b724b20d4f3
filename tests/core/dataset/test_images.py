"""Reading pictures of every kind, and the reasons given when one cannot be read."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, features

from cnnstudio.core.dataset.images import (
    MAXIMUM_PIXELS,
    PADDING,
    PictureFacts,
    UnreadablePicture,
    fingerprint,
    fit,
    inspect,
    is_junk_folder,
    may_be_picture,
    open_picture,
    pixels_in_header,
    read_array,
    thumbnail,
)

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def quarters(width: int = 48, height: int = 32) -> Image.Image:
    """Red, green, blue and white quarters: any turn or colour fault shows."""
    image = Image.new("RGB", (width, height), WHITE)
    half_width, half_height = width // 2, height // 2
    image.paste(RED, (0, 0, half_width, half_height))
    image.paste(GREEN, (half_width, 0, width, half_height))
    image.paste(BLUE, (0, half_height, half_width, height))
    return image


def photo(width: int = 160, height: int = 120) -> Image.Image:
    """Enough detail for a file of some KB."""
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(cv2.GaussianBlur(noise, (0, 0), 1.5))


def saved(image: Image.Image, format_name: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_name, **options)
    return stream.getvalue()


def assert_shows_quarters(image: Image.Image, tolerance: int = 30) -> None:
    assert image.mode == "RGB"
    width, height = image.size
    for corner, expected in (
        ((width // 4, height // 4), RED),
        ((3 * width // 4, height // 4), GREEN),
        ((width // 4, 3 * height // 4), BLUE),
        ((3 * width // 4, 3 * height // 4), WHITE),
    ):
        found = image.getpixel(corner)
        assert isinstance(found, tuple)
        assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= tolerance, corner


def reason_of(source: Path | bytes) -> str:
    with pytest.raises(UnreadablePicture) as caught:
        read_array(source, 32, "crop")
    assert caught.value.hint, "the user is told what to do"
    return caught.value.reason


# ---------------------------------------------------------------------------- kinds


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"quality": 90}),
        ("PPM", {}),
        ("JPEG2000", {}),
    ],
)
def test_a_picture_of_every_format_is_read(
    format_name: str, options: dict[str, Any], tmp_path: Path
) -> None:
    if format_name == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    content = saved(quarters(), format_name, **options)
    path = tmp_path / "picture"
    path.write_bytes(content)
    assert pixels_in_header(content) == 48 * 32
    assert pixels_in_header(content[:3]) == 0
    assert_shows_quarters(open_picture(path))
    assert_shows_quarters(open_picture(content))
    assert_shows_quarters(Image.fromarray(read_array(path, 24, "stretch")))
    assert inspect(path) == PictureFacts(48, 32, format_name)
    assert may_be_picture(path), "a name without ending is judged by its content"


def test_a_picture_with_the_ending_of_another_format_is_read_by_its_content(
    tmp_path: Path,
) -> None:
    path = tmp_path / "really a png.jpg"
    path.write_bytes(saved(quarters(), "PNG"))
    assert_shows_quarters(open_picture(path), tolerance=0)
    assert inspect(path).format == "PNG"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_picture_stands_upright_whichever_way_the_camera_was_held(
    orientation: int, format_name: str, tmp_path: Path
) -> None:
    stored_as = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = quarters() if stored_as is None else quarters().transpose(stored_as)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "held.any"
    path.write_bytes(saved(image, format_name, exif=exif))
    upright = open_picture(path)
    assert upright.size == (48, 32)
    assert_shows_quarters(upright)
    assert thumbnail(path, 24).size == (24, 16)
    facts = inspect(path)
    assert (facts.width, facts.height) == (48, 32)
    # Somebody who turns it once more must find nothing left to turn.
    assert upright.getexif().get(0x0112, 1) == 1


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("exif", [b"Exif\x00\x00garbage", b"Exif\x00\x00II*\x00\xff\xff\xff\xff"])
def test_damaged_exif_does_not_spoil_a_picture(exif: bytes) -> None:
    assert_shows_quarters(open_picture(saved(quarters(), "JPEG", quality=95, exif=exif)))


def test_an_impossible_orientation_is_ignored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 42
    assert_shows_quarters(open_picture(saved(quarters(), "JPEG", quality=95, exif=exif)))


@pytest.mark.parametrize("format_name", ["JPEG", "TIFF"])
def test_printing_colours_become_screen_colours(format_name: str) -> None:
    options = {"quality": 95} if format_name == "JPEG" else {}
    assert_shows_quarters(open_picture(saved(quarters().convert("CMYK"), format_name, **options)))


def png_16_bit(pixels: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", pixels)[1])


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_16_bit_gray_is_scaled_and_not_cut_off(format_name: str) -> None:
    values = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    read = np.asarray(open_picture(saved(Image.fromarray(values), format_name)))
    assert np.abs(read.astype(float) - (values / 257)[..., np.newaxis]).max() <= 0.5


def test_big_endian_16_bit_gray_is_read() -> None:
    values = np.linspace(0, 65535, 64).astype(">u2").reshape(8, 8)
    content = saved(Image.frombytes("I;16B", (8, 8), values.tobytes()), "TIFF")
    read = np.asarray(open_picture(content))[..., 0]
    assert np.abs(read - values.astype(float) / 257).max() <= 0.5


def test_16_bit_gray_in_a_ppm_is_scaled() -> None:
    values = np.array([[0, 257 * 100, 65535]], dtype=">u2")
    content = b"P5 3 1 65535\n" + values.tobytes()
    assert np.asarray(open_picture(content))[0, :, 0].tolist() == [0, 100, 255]


def test_16_bit_gray_with_white_as_zero_is_turned_round() -> None:
    values = np.full((4, 4), 257 * 55, dtype=np.uint16)
    content = saved(Image.fromarray(values), "TIFF", tiffinfo={262: 0})
    assert open_picture(content).getpixel((0, 0)) == (200, 200, 200)


@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_colour_is_scaled(channels: int) -> None:
    pixels = np.full((8, 8, channels), 65535, dtype=np.uint16)
    pixels[..., :3] = (257 * 30, 257 * 120, 257 * 210)  # OpenCV stores blue first
    image = open_picture(png_16_bit(pixels))
    assert np.abs(np.array(image.getpixel((3, 3))) - (210, 120, 30)).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 200.0], [0, 100, 200]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, 65535.0, float("nan")], [0, 255, 0]),
        ([7.0, 7.0, 1e9], [0, 0, 255]),
    ],
)
def test_fractions_are_brought_to_the_range_they_are_meant_in(
    values: list[float], expected: list[int]
) -> None:
    content = saved(Image.fromarray(np.array([values], dtype=np.float32)), "TIFF")
    assert np.asarray(open_picture(content))[0, :, 0].tolist() == expected


def test_black_and_white_dots_are_read() -> None:
    image = Image.new("1", (8, 8), 0)
    image.putpixel((3, 4), 1)
    read = open_picture(saved(image, "PNG"))
    assert read.getpixel((3, 4)) == WHITE
    assert read.getpixel((4, 3)) == (0, 0, 0)


def test_a_palette_is_looked_up() -> None:
    assert_shows_quarters(open_picture(saved(quarters().convert("P"), "PNG")), tolerance=60)


def with_a_hole(mode: str) -> Image.Image:
    """Black, and transparent in its right half."""
    image = Image.new("RGBA", (8, 4), (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (4, 0, 8, 4))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (saved(with_a_hole("RGBA"), "PNG"), "rgba"),
        (saved(with_a_hole("LA"), "PNG"), "gray with transparency"),
        (saved(with_a_hole("RGBA"), "WEBP", lossless=True), "webp"),
        (saved(with_a_hole("RGBA"), "TIFF"), "tiff"),
        (saved(with_a_hole("RGBA"), "GIF"), "gif"),
        (saved(with_a_hole("RGBA").quantize(4), "PNG"), "palette with alpha"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_transparent_parts_are_shown_on_white(content: bytes, name: str) -> None:
    image = open_picture(content)
    assert image.getpixel((1, 1)) == (0, 0, 0)
    assert image.getpixel((6, 1)) == WHITE


def test_half_transparent_red_is_pink() -> None:
    content = saved(Image.new("RGBA", (4, 4), (255, 0, 0, 128)), "PNG")
    assert open_picture(content).getpixel((0, 0)) == pytest.approx((255, 127, 127), abs=1)


def test_one_colour_marked_as_transparent_is_shown_on_white() -> None:
    image = Image.new("RGB", (4, 4), (10, 20, 30))
    image.putpixel((0, 0), (1, 2, 3))
    read = open_picture(saved(image, "PNG", transparency=(10, 20, 30)))
    assert read.getpixel((2, 2)) == WHITE
    assert read.getpixel((0, 0)) == (1, 2, 3)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_many_frames_or_pages_the_first_is_read(format_name: str) -> None:
    others = [Image.new("RGB", (48, 32), colour) for colour in (GREEN, BLUE)]
    options = {"lossless": True} if format_name == "WEBP" else {}
    content = saved(quarters(), format_name, save_all=True, append_images=others, **options)
    assert_shows_quarters(open_picture(content))


def test_a_heic_picture_is_read_where_the_optional_package_is_there() -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    stream = io.BytesIO()
    try:
        pillow_heif.from_pillow(quarters(64, 64)).save(stream, quality=95)
    except RuntimeError:
        pytest.skip("this pillow-heif cannot write")
    assert_shows_quarters(open_picture(stream.getvalue()))


def test_without_the_optional_package_heic_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    head = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic")
    assert "pip install 'cnnstudio[heic]'" in reason_of(head + bytes(100))


# ---------------------------------------------------------------------------- reasons


def test_an_empty_file_is_reported_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "zero.jpg"
    path.touch()
    assert reason_of(path) == "the file is empty"
    with pytest.raises(UnreadablePicture, match=r"zero\.jpg cannot be read: the file is empty\."):
        inspect(path)


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("WEBP", {}),
        ("AVIF", {}),
        ("PPM", {}),
    ],
)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_cut_short_is_reported_and_never_half_read(
    format_name: str, options: dict[str, Any], share: float, tmp_path: Path
) -> None:
    content = saved(photo(400, 300), format_name, **options)
    path = tmp_path / "cut.jpg"
    path.write_bytes(content[: int(len(content) * share)])
    kilobytes = round(path.stat().st_size / 1000)
    assert reason_of(path) == f"the file ends too early ({kilobytes} KB read)"
    for read in (inspect, open_picture, lambda source: thumbnail(source, 20)):
        with pytest.raises(UnreadablePicture):
            read(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"  <!DOCTYPE html><html><body>404</body></html>", "it begins like a web page"),
        (b'<?xml version="1.0"?><svg xmlns="x"></svg>', "a line drawing (SVG)"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04....", "a zip archive"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2", "a video"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "a video"),
        (bytes(4000), "only zeros"),
        (b"shopping list\n- milk\n", "it begins like text"),
        (b"\x93\x01\xfe\x88\x03" * 40, "its first bytes are of no known kind"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "this is not a picture"),
    ],
)
def test_something_else_with_the_name_of_a_picture_is_called_what_it_is(
    content: bytes, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(content)
    assert expected in reason_of(path)


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of_size(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", rows)
        + png_chunk(b"IEND", b"")
    )


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header() -> None:
    assert reason_of(png_of_size(30_000, 30_000)) == (
        "too large: 900 megapixels; at most 200 are read"
    )


def test_the_limit_is_ours_and_pillows_own_is_left_alone() -> None:
    pillows_limit = Image.MAX_IMAGE_PIXELS
    assert pillows_limit is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Larger than Pillow's warning and error limits, smaller than ours: tried, and cut short.
        assert 2 * pillows_limit < 190_000_000 < MAXIMUM_PIXELS
        assert "too large" not in reason_of(png_of_size(19_000, 10_000))
    assert pillows_limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
def test_flipped_bytes_are_read_or_reported_but_never_raise_anything_else(
    format_name: str,
) -> None:
    content = bytearray(saved(photo(64, 48), format_name))
    generator = np.random.default_rng(1)
    for _ in range(60):
        damaged = bytearray(content)
        for position in generator.integers(0, min(400, len(content)), 3):
            damaged[position] = int(generator.integers(0, 256))
        with suppress(UnreadablePicture):
            assert read_array(bytes(damaged), 16, "crop").shape == (16, 16, 3)


def test_a_file_that_is_gone_and_a_folder_are_reported(tmp_path: Path) -> None:
    assert reason_of(tmp_path / "gone.jpg") == "there is no such file"
    with pytest.raises(UnreadablePicture, match="there is no such file"):
        fingerprint(tmp_path / "gone.jpg")
    folder = tmp_path / "folder.jpg"
    folder.mkdir()
    with pytest.raises(UnreadablePicture):
        open_picture(folder)


def test_pixels_of_a_kind_that_is_not_read_are_reported_as_that() -> None:
    fractions_in_colour = bytes(cv2.imencode(".tiff", np.ones((8, 8, 3), dtype=np.float32))[1])
    assert reason_of(fractions_in_colour) == "its pixels are stored in a way that is not read"


def test_the_reason_survives_the_way_through_another_process() -> None:
    problem = UnreadablePicture("the file is empty", "Copy it again.", "a.jpg")
    copy = pickle.loads(pickle.dumps(problem))
    assert (copy.reason, copy.sentence, copy.hint) == (
        problem.reason,
        problem.sentence,
        problem.hint,
    )
    assert str(copy) == "a.jpg cannot be read: the file is empty. Copy it again."


# ---------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "A.JPG", "b.jpeg", "c.PNG", "写真 😀.webp", "d.heic", "e.tiff", "f.jfif", "x y.bmp"],
)
def test_a_name_of_a_picture_is_tried(name: str) -> None:
    assert may_be_picture(Path("somewhere") / name)


@pytest.mark.parametrize(
    "name",
    [
        "._a.jpg", ".hidden.png", "Thumbs.db", "desktop.ini", ".DS_Store", "drawing.eps",
        "clip.mp4", "notes.txt", "readme.md", "a.jpg.part", "model.keras", "gone",
    ],
)  # fmt: skip
def test_a_name_of_something_else_is_passed_over(name: str) -> None:
    assert not may_be_picture(Path("somewhere") / name)


def test_without_an_ending_the_first_bytes_decide(tmp_path: Path) -> None:
    picture, text, dated, folder = (
        tmp_path / name for name in ("picture", "text", "Photo 2024.05.03", "folder")
    )
    picture.write_bytes(saved(quarters(), "JPEG"))
    dated.write_bytes(saved(quarters(), "JPEG"))
    text.write_text("hello")
    folder.mkdir()
    assert may_be_picture(picture)
    assert may_be_picture(dated)
    assert not may_be_picture(text)
    assert not may_be_picture(folder)


def test_folders_of_programs_are_junk_and_folders_of_people_are_not() -> None:
    for name in ("__MACOSX", ".ipynb_checkpoints", ".git", "@eaDir", "$RECYCLE.BIN"):
        assert is_junk_folder(name)
    for name in ("cats", "_unlabelled", "dress.v2", "Hüte (帽子)", "T-Shirt & Tops"):
        assert not is_junk_folder(name)


# ---------------------------------------------------------------------------- sizes


@pytest.mark.parametrize("size", [(48, 32), (32, 48)])
def test_crop_takes_the_square_in_the_middle(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, RED)
    left, top = (size[0] - 32) // 2, (size[1] - 32) // 2
    image.paste(BLUE, (left, top, left + 32, top + 32))
    for size_px in (16, 32, 50):
        cropped = np.asarray(fit(image, size_px, "crop"))
        assert (cropped[2:-2, 2:-2] == BLUE).all()
        assert cropped[..., 2].min() > 200, "its edge may be blended with what was cut off"


def test_crop_is_centred_between_pixels_where_the_middle_is() -> None:
    image = quarters(47, 20)
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    one = np.asarray(fit(image, 10, "crop"), dtype=int)
    other = np.asarray(fit(mirrored, 10, "crop"), dtype=int)[:, ::-1]
    assert np.abs(one - other).max() <= 1


def test_a_picture_of_the_right_size_keeps_its_pixels() -> None:
    image = photo(33, 32)
    cropped = np.asarray(fit(image, 32, "crop"))
    assert np.array_equal(cropped, np.asarray(image)[:, :32])
    square = photo(32, 32)
    for mode in ("crop", "pad", "stretch"):
        assert np.array_equal(np.asarray(fit(square, 32, mode)), np.asarray(square))


def test_pad_shows_the_whole_picture_between_grey_bars() -> None:
    padded = fit(quarters(48, 24), 24, "pad")
    assert padded.size == (24, 24)
    assert_shows_quarters(padded.crop((0, 6, 24, 18)))
    assert padded.getpixel((12, 5)) == padded.getpixel((12, 18)) == PADDING


def test_stretch_shows_the_whole_picture_without_bars() -> None:
    assert_shows_quarters(fit(quarters(96, 24), 24, "stretch"))


def test_a_fine_pattern_becomes_grey_and_not_stripes() -> None:
    stripes = np.zeros((400, 400, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    small = np.asarray(fit(Image.fromarray(stripes), 37, "crop"), dtype=int)
    assert np.abs(small - 127).max() < 12


@pytest.mark.parametrize("size", [(1, 1), (3000, 3), (3, 3000), (1, 500)])
@pytest.mark.parametrize("mode", ["crop", "pad", "stretch"])
def test_the_oddest_shapes_fit(size: tuple[int, int], mode: Any) -> None:
    array = read_array(saved(Image.new("RGB", size, GREEN), "PNG"), 20, mode)
    assert array.shape == (20, 20, 3)
    assert (array == GREEN).all(axis=-1).any()


def test_an_array_is_what_numpy_and_the_network_can_work_with() -> None:
    array = read_array(saved(quarters(), "PNG"), 20, "crop")
    assert array.shape == (20, 20, 3)
    assert array.dtype == np.uint8
    assert array.flags.c_contiguous
    assert array.flags.writeable


def test_a_large_jpeg_is_decoded_smaller_but_not_smaller_than_asked_for() -> None:
    content = saved(quarters(1600, 1200), "JPEG")
    assert open_picture(content).size == (1600, 1200)
    assert open_picture(content, at_least_px=300).size == (400, 300)
    assert open_picture(content, at_least_px=301).size == (800, 600)
    assert open_picture(content, at_least_px=1300).size == (1600, 1200)
    assert_shows_quarters(open_picture(content, at_least_px=10))


@pytest.mark.parametrize("mode", ["crop", "pad", "stretch"])
def test_the_fast_decoding_shows_the_same_as_the_full_one(mode: Any) -> None:
    content = saved(photo(1600, 1200).resize((1600, 1200)), "JPEG", quality=95)
    fast = read_array(content, 100, mode).astype(int)
    full = np.asarray(fit(open_picture(content), 100, mode), dtype=int)
    assert np.abs(fast - full).mean() < 3


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
def test_a_thumbnail_keeps_the_proportions_and_never_grows(format_name: str) -> None:
    content = saved(quarters(900, 600), format_name)
    small = thumbnail(content, 90)
    assert small.size == (90, 60)
    assert_shows_quarters(small)
    assert thumbnail(saved(quarters(30, 20), format_name), 90).size == (30, 20)
    assert thumbnail(saved(quarters(2000, 2), format_name), 90).size == (90, 1)


# ---------------------------------------------------------------------------- fingerprints, threads


def test_copies_share_their_fingerprint_and_changed_files_do_not(tmp_path: Path) -> None:
    content = saved(photo(), "PNG")
    paths = [tmp_path / name for name in ("a.png", "copy of a.jpg", "changed.png")]
    for path, bytes_ in zip(paths, (content, content, content + b"\x00"), strict=True):
        path.write_bytes(bytes_)
    first, copy, changed = (fingerprint(path) for path in paths)
    assert first == copy != changed
    assert len(first) == 32
    assert int(first, 16) >= 0


def test_many_threads_read_the_same_as_one(tmp_path: Path) -> None:
    makers: list[Callable[[], bytes]] = [
        lambda: saved(photo(), "JPEG"),
        lambda: saved(photo(), "PNG"),
        lambda: saved(photo(), "WEBP"),
        lambda: saved(photo().convert("CMYK"), "TIFF"),
        lambda: saved(photo().convert("P"), "GIF"),
    ]
    contents = [make() for make in makers] * 8
    alone = [read_array(content, 40, "crop") for content in contents]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda content: read_array(content, 40, "crop"), contents))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
