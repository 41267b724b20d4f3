"""The page's own decoding and scaling in JavaScript against Pillow's, byte by byte, in Node.js."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cnnstudio.core.dataset.images import fit, open_picture, read_array
from cnnstudio.core.resources import resource_path

_SCALING = """
const {{ fit }} = await import({module});
const answer = ({{ width, height, size, mode, file }}) =>
  fit({{ data: readFileSync(file), width, height }}, size, mode).data;
"""

_JPEG = """
const {{ decodedJpeg }} = await import({module});
const answer = ({{ file, factor }}) => decodedJpeg(new Uint8Array(readFileSync(file)), factor).data;
"""

_PNG = """
const {{ decodedPng, pngFacts }} = await import({module});
const answer = async ({{ file }}) => {{
  const bytes = new Uint8Array(readFileSync(file));
  return (await decodedPng(bytes, await pngFacts(bytes))).data;
}};
"""

_WHOLE = """
const {{ networkPixels }} = await import({module});
const answer = ({{ file }}) => networkPixels(new Blob([readFileSync(file)]), 32, "crop");
"""

_REST = """
import {{ readFileSync, writeFileSync }} from "node:fs";
const parts = [];
for (const each of JSON.parse(readFileSync({cases}, "utf-8"))) parts.push(await answer(each));
writeFileSync({out}, Buffer.concat(parts.map((part) => Buffer.from(part))));
"""

_SIZES = [(64, 64), (65, 64), (224, 224), (640, 480), (331, 1009), (3, 500), (1, 1), (97, 31)]


pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


def test_a_page_scales_pictures_to_the_very_bytes_that_training_saw(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    cases, expected = [], []
    for number, (width, height) in enumerate(_SIZES):
        pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        raw = tmp_path / f"{number}.rgb"
        raw.write_bytes(pixels.tobytes())
        for mode in ("crop", "pad", "stretch"):
            for size in (1, 32, 64, 97):
                case = {"width": width, "height": height, "size": size, "mode": mode}
                cases.append({**case, "file": str(raw)})
                expected.append(np.asarray(fit(Image.fromarray(pixels), size, mode)).ravel())
    _assert_same(_SCALING, "preprocessing.mjs", tmp_path, cases, expected)


_WAYS: list[dict[str, Any]] = [
    {"quality": 95, "subsampling": "4:4:4"},
    {"quality": 60, "subsampling": "4:2:2", "optimize": True},
    {"quality": 85, "subsampling": "4:2:0", "restart_marker_blocks": 3},
    {"quality": 70, "subsampling": "4:2:0", "progressive": True},
    {"quality": 90, "subsampling": "4:2:2", "progressive": True},
    {"quality": 99, "keep_rgb": True},
]


def test_a_page_decodes_jpegs_to_the_very_bytes_that_training_saw(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    cases, expected = [], []
    for width, height in [(1, 1), (8, 8), (3, 50), (17, 33), (100, 9), (331, 217)]:
        for mode, channels in (("RGB", 3), ("L", 1), ("CMYK", 4)):
            blots = random.integers(0, 256, (height // 6 + 2, width // 6 + 2, channels), np.uint8)
            large = Image.fromarray(blots.squeeze(), mode).resize((width, height))
            for number, options in enumerate(_WAYS):
                file = tmp_path / f"{width}x{height} {mode} {number}.jpg"
                large.save(file, **options)
                for factor in (1, 2, 4, 8):
                    with Image.open(file) as image:
                        size = (math.ceil(width / factor), math.ceil(height / factor))
                        if factor > 1:
                            image.draft(None, (max(1, width // factor), max(1, height // factor)))
                        if image.size == size:  # very narrow ones are not made smaller at all
                            cases.append({"file": str(file), "factor": factor})
                            expected.append(np.asarray(image.convert("RGB")).ravel())
    _assert_same(_JPEG, "jpeg.mjs", tmp_path, cases, expected)


@pytest.mark.parametrize("is_interlaced", [False, True])
def test_a_page_reads_pngs_to_the_very_bytes_that_training_saw(
    tmp_path: Path, is_interlaced: bool
) -> None:
    random = np.random.default_rng(0)
    cases, expected = [], []
    for (colours, channels), depth in itertools.product(_COLOURS.items(), (1, 2, 4, 8, 16)):
        if (depth < 8 and colours not in (0, 3)) or (depth == 16 and colours == 3):
            continue  # there are none of these
        for width, height in [(1, 1), (3, 5), (40, 31)]:
            values = random.integers(0, 1 << depth, (height, width, channels), dtype=np.uint16)
            file = tmp_path / f"{colours} {depth} {width}.png"
            file.write_bytes(_png(values, colours, depth, is_interlaced))
            cases.append({"file": str(file)})
            expected.append(np.asarray(open_picture(file)).ravel())
    _assert_same(_PNG, "png.mjs", tmp_path, cases, expected)


def test_a_page_turns_pictures_by_all_the_ways_to_say_so_and_reads_on_in_damaged_ones(
    tmp_path: Path,
) -> None:
    blots = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)
    plain = Image.fromarray(blots).resize((120, 90))
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\0"  # of 32 bits
    as_text = PngInfo()
    as_text.add_text("Raw profile type exif", f"\nexif\n{len(exif)}\n{exif.hex()}\n", zip=True)
    in_xmp = PngInfo()
    in_xmp.add_itxt("XML:com.adobe.xmp", xmp.decode())
    plain.save(tmp_path / "xmp.jpg", xmp=xmp)
    plain.save(tmp_path / "exif.jpg", exif=b"Exif\0\0" + exif)
    plain.save(tmp_path / "exif.png", exif=exif)
    plain.save(tmp_path / "text.png", pnginfo=as_text)
    plain.save(tmp_path / "xmp.png", pnginfo=in_xmp)
    plain.resize((70_000, 3)).save(tmp_path / "wide.png")
    for number, options in enumerate(({}, {"restart_marker_blocks": 4})):
        plain.save(tmp_path / "whole.jpg", **options)
        content = bytearray((tmp_path / "whole.jpg").read_bytes())
        content[len(content) * 3 // 4] ^= 0x55
        (tmp_path / f"damaged {number}.jpg").write_bytes(content)
    files = sorted(tmp_path.iterdir())
    expected = [read_array(file, 32, "crop").ravel() for file in files]
    assert not np.array_equal(expected[files.index(tmp_path / "xmp.jpg")], expected[-3])
    _assert_same(_WHOLE, "preprocessing.mjs", tmp_path, [{"file": str(f)} for f in files], expected)


_COLOURS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # and how many values each pixel has


def _png(values: NDArray[np.uint16], colours: int, depth: int, is_interlaced: bool) -> bytes:
    """A PNG that uses all five ways to store a line; no library at hand writes interlaced ones."""
    height, width, channels = values.shape
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
    raw = b""
    for left, top, by_x, by_y in [*passes, (0, 1, 1, 2)] if is_interlaced else [(0, 0, 1, 1)]:
        part = values[top::by_y, left::by_x]
        if not part.size:
            continue
        bits = np.unpackbits(part.astype(">u2").view(np.uint8).reshape(*part.shape, 2), axis=-1)
        lines = np.packbits(bits[..., 16 - depth :].reshape(len(part), -1), axis=1).astype(int)
        step = max(1, channels * depth // 8)
        before = np.pad(lines, ((1, 0), (step, 0)))
        here, left_of = before[1:, step:], before[1:, :-step]
        above, corner = before[:-1, step:], before[:-1, :-step]
        guess = left_of + above - corner
        far = [np.abs(guess - each) for each in (left_of, above, corner)]
        nearest = np.where(far[1] <= far[2], above, corner)
        nearest = np.where((far[0] <= far[1]) & (far[0] <= far[2]), left_of, nearest)
        guesses = [0 * here, left_of, above, (left_of + above) // 2, nearest]
        for row in range(len(lines)):
            kind = row % 5
            raw += bytes([kind]) + ((here - guesses[kind])[row] % 256).astype(np.uint8).tobytes()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, is_interlaced)),
        (b"IDAT", zlib.compress(raw)),
        (b"IEND", b""),
    ]
    if colours == 3:
        palette = np.random.default_rng(1).integers(0, 256, (1 << depth, 4), np.uint8)
        chunks[1:1] = [(b"PLTE", palette[:, :3].tobytes()), (b"tRNS", palette[:, 3].tobytes())]
    elif colours in (0, 2):
        chunks.insert(1, (b"tRNS", values[0, 0].astype(">u2").tobytes()))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )  # fmt: skip


def _assert_same(
    program: str,
    module: str,
    folder: Path,
    cases: list[dict[str, Any]],
    expected: list[NDArray[np.uint8]],
) -> None:
    (folder / "cases.json").write_text(json.dumps(cases))
    words = {
        "module": resource_path("export", module).as_uri(),
        "cases": str(folder / "cases.json"),
        "out": str(folder / "out.rgb"),
    }
    whole = (program + _REST).format(**{name: json.dumps(value) for name, value in words.items()})
    command = ["node", "--input-type=module", "-e", whole]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    answered = np.frombuffer((folder / "out.rgb").read_bytes(), np.uint8)
    assert len(answered) == sum(map(len, expected))
    bounds = np.cumsum([len(each) for each in expected])[:-1]
    for case, ours, theirs in zip(cases, np.split(answered, bounds), expected, strict=True):
        assert np.array_equal(ours, theirs), case
