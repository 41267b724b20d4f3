"""Pictures stored in every way there is, as files' contents by name."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

SIZE = 48
"""In pixels, the size that the large ones are large for."""


def photo(width: int = 150, height: int = 90) -> Image.Image:
    """Smooth colours with some noise, nothing symmetrical."""
    random = np.random.default_rng(0)
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    values = np.stack([across, down, (across + down) / 2], axis=-1)
    values = values + random.normal(0, 20, values.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(orientation: int, kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(photo(), kind, exif=exif)


def wide(dtype: type, factor: float, offset: float = 0.0) -> Image.Image:
    gray = np.asarray(photo().convert("L"), np.float64)
    return Image.fromarray((gray * factor + offset).astype(dtype))


def palette(**options: Any) -> bytes:
    return saved(photo().quantize(16), "PNG", **options)


def see_through() -> Image.Image:
    image = photo().convert("RGBA")
    image.putalpha(photo().convert("L"))
    return image


ODD: dict[str, Callable[[], bytes]] = {
    "ordinary": lambda: saved(photo(), "PNG"),
    "large JPEG, draft by 2": lambda: saved(photo(230, 150), "JPEG"),
    "large JPEG, draft by 4": lambda: saved(photo(613, 401), "JPEG"),
    "large JPEG, draft by 8": lambda: saved(photo(801, 603), "JPEG"),
    "as large as wanted": lambda: saved(photo(75, SIZE), "PNG"),
    "smaller than wanted": lambda: saved(photo(20, 9), "PNG"),
    "CMYK": lambda: saved(photo(400, 300).convert("CMYK"), "JPEG"),
    "gray": lambda: saved(photo().convert("L"), "JPEG"),
    "one bit": lambda: saved(photo().convert("1"), "PNG"),
    "16 bits": lambda: saved(wide(np.uint16, 257), "PNG"),
    "16 bits, TIFF": lambda: saved(wide(np.uint16, 200), "TIFF"),
    "16 bits, white is 0": lambda: saved(wide(np.uint16, 200), "TIFF", tiffinfo={262: 0}),
    "32 bits": lambda: saved(wide(np.int32, 300, -9), "TIFF"),
    "fractions": lambda: saved(wide(np.float32, 1 / 255), "TIFF"),
    "fractions below 0": lambda: saved(wide(np.float32, 1 / 255, -0.5), "TIFF"),
    "transparent": lambda: saved(see_through(), "PNG"),
    "transparent gray": lambda: saved(see_through().convert("LA"), "PNG"),
    "palette with a transparent colour": lambda: palette(transparency=3),
    "palette with transparencies": lambda: palette(transparency=bytes(range(0, 256, 16))),
    "one colour transparent": lambda: saved(photo(), "PNG", transparency=photo().getpixel((0, 0))),
    "GIF": lambda: saved(photo().quantize(8), "GIF", transparency=2),
    "WebP": lambda: saved(see_through(), "WEBP", lossless=True),
    "two frames in a JPEG": lambda: saved(
        photo(500, 300), "MPO", save_all=True, append_images=[photo(500, 300).rotate(90)]
    ),
    "orientation without sense": lambda: turned(9),
    "turned PNG": lambda: turned(6, "PNG"),
    "turned TIFF": lambda: turned(8, "TIFF"),
    **{f"turned {each}": lambda each=each: turned(each) for each in range(1, 9)},
}
