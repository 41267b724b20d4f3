"""Reading pictures: the one door through which training, preview, prediction and thumbnails read.

Start at `open_picture`. Whatever is wrong with a file ends as `UnreadablePicture` with a reason in
plain words; no other exception leaves this module. Every function may be called from several
threads at once: nothing is shared, and Pillow's decoding, scaling and converting let other threads
run meanwhile.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from cnnstudio.core.config import ResizeMode
from cnnstudio.core.dataset.picture_kinds import (
    HEAD_BYTES,
    PICTURE_SUFFIXES,
    LinkToNowhere,
    NotARegularFile,
    PictureKind,
    ends_too_early,
    is_junk_folder,
    kind_of,
    may_be_picture,
    not_a_picture_because,
    open_file,
)
from cnnstudio.core.dataset.rgb import to_rgb
from cnnstudio.core.errors import StudioError

__all__ = [
    "MAXIMUM_PIXELS",
    "PADDING",
    "PICTURE_SUFFIXES",
    "ImageSource",
    "PictureFacts",
    "ResizeMode",
    "UnreadablePicture",
    "fingerprint",
    "fit",
    "inspect",
    "inspect_and_shrink",
    "is_junk_folder",
    "may_be_picture",
    "open_picture",
    "pixels_in_header",
    "read_array",
    "thumbnail",
]

ImageSource = Path | bytes
"""A file, or the content of one (pasted, or dropped from a browser)."""

MAXIMUM_PIXELS = 200_000_000
"""Larger pictures are refused before decoding: a file of a few KB can ask for all the memory."""

PADDING = (127, 127, 127)
"""What `fit` puts beside a padded picture: mid-grey, the least of an edge for most pictures."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = (5, 6, 7, 8)
_EXIF_ORIENTATION = 0x0112

_COPY_AGAIN = "Copy it again from the camera or the place it came from."


class UnreadablePicture(StudioError):
    """A file that cannot be used as a picture.

    `reason` is a few plain words for a table ("the file is empty"), `hint` says what to do, and
    `sentence` is the reason with the file's name in front of it.
    """

    def __init__(self, reason: str, hint: str = "", name: str = "") -> None:
        super().__init__(f"{name or 'This picture'} cannot be read: {reason}.", hint)
        self.args = (reason, hint, name)  # for pickling
        self.reason = reason


@dataclass(frozen=True)
class PictureFacts:
    """What is known of a picture after it was decoded; width and height in pixels, upright."""

    width: int
    height: int
    format: str
    """The kind its content shows, whatever its name says: "JPEG", "PNG", "HEIF" and so on."""


def open_picture(
    source: ImageSource, *, at_least_px: int | None = None, most_pixels: int = MAXIMUM_PIXELS
) -> Image.Image:
    """The picture as 8-bit RGB, upright, on white where it is transparent; first of its frames.

    Args:
        source: the file or its content.
        at_least_px: a JPEG may be decoded smaller (by 2, 4 or 8, and several times as fast) as
            long as its short side keeps this length. None decodes it in full.
        most_pixels: a larger picture is refused before decoding.

    Raises:
        UnreadablePicture: for every reason there is.
    """
    size = None if at_least_px is None else (at_least_px, at_least_px)
    return _read(source, lambda _: size, _rgb_upright, most_pixels)


def read_array(
    source: ImageSource, size_px: int, mode: ResizeMode, most_pixels: int = MAXIMUM_PIXELS
) -> NDArray[np.uint8]:
    """The picture as the network sees it: uint8 (size_px, size_px, 3), RGB, contiguous, writable.

    One of more than `most_pixels` is refused before decoding.

    Raises:
        UnreadablePicture: for every reason there is.
    """
    # np.array copies; np.asarray would give an array that cannot be written to.
    picture = open_picture(source, at_least_px=size_px, most_pixels=most_pixels)
    return np.array(fit(picture, size_px, mode), dtype=np.uint8)


def pixels_in_header(content: bytes) -> int:
    """How many pixels a picture says it has; nothing is decoded. 0 where it cannot be read."""
    try:
        stream = io.BytesIO(content)
        width, height = _opener(_kind(stream, ""), "")(stream).size
    except Exception:  # noqa: BLE001 - on damaged files decoders raise anything
        return 0
    return width * height


def fit(image: Image.Image, size_px: int, mode: ResizeMode) -> Image.Image:
    """The RGB picture brought to size_px x size_px, antialiased.

    "crop" takes the square in the middle, "pad" the whole picture with `PADDING` above and below or
    left and right, "stretch" the whole picture with its proportions changed.
    """
    width, height = image.size
    if mode == "pad":
        return _padded(image, size_px)
    box = (0.0, 0.0, float(width), float(height))
    if mode == "crop":
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        if side == size_px:
            # Half a pixel would blur a picture that needs no scaling at all.
            left, top = float(int(left)), float(int(top))
        box = (left, top, left + side, top + side)
    return _scaled(image, (size_px, size_px), box)


def thumbnail(source: ImageSource, size_px: int) -> Image.Image:
    """The whole picture in RGB, upright, its long side at most size_px; never enlarged.

    Raises:
        UnreadablePicture: for every reason there is.
    """
    return _read(
        source,
        lambda full_size: _within(full_size, size_px),
        lambda image, full_size: _shrunk(image, full_size, size_px),
    )


def inspect(path: Path) -> PictureFacts:
    """Size and kind of the picture, decoded to its end so that a damaged file is found out.

    Raises:
        UnreadablePicture: for every reason there is.
    """
    return _read(path, lambda _: (1, 1), _facts)


def inspect_and_shrink(source: ImageSource, size_px: int) -> tuple[PictureFacts, Image.Image]:
    """What `inspect` and `thumbnail` give, from one decoding.

    Raises:
        UnreadablePicture: for every reason there is.
    """

    def both(image: ImageFile.ImageFile, full_size: _Size) -> tuple[PictureFacts, Image.Image]:
        return _facts(image, full_size), _shrunk(image, full_size, size_px)

    return _read(source, lambda full_size: _within(full_size, size_px), both)


def fingerprint(path: Path) -> str:
    """The BLAKE2b-128 of the file's bytes in hexadecimal: equal for exact copies only.

    Raises:
        UnreadablePicture: the file cannot be opened.
    """
    try:
        with open_file(path) as stream:
            return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as error:
        raise _explained(error, path.name) from error


# ---------------------------------------------------------------------------- decoding


_Size = tuple[int, int]
_Result = TypeVar("_Result")

_OPENERS: dict[PictureKind, Callable[[BinaryIO], ImageFile.ImageFile]] = {
    # Called directly: Image.open would try many more kinds, and warns and fails by limits of its
    # own that are set for the whole process.
    "AVIF": AvifImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "JPEG": JpegImageFile,
    "JPEG2000": Jpeg2KImageFile,
    "PNG": PngImageFile,
    "PPM": PpmImageFile,
    "TIFF": TiffImageFile,
    "WEBP": WebPImageFile,
}


def _read(
    source: ImageSource,
    wanted: Callable[[_Size], _Size | None],
    use: Callable[[ImageFile.ImageFile, _Size], _Result],
    most_pixels: int = MAXIMUM_PIXELS,
) -> _Result:
    """Decode, and turn every failure into `UnreadablePicture`.

    Args:
        source: the file or its content.
        wanted: from the full size, the smallest size that will do (JPEG only).
        use: makes the result from the loaded picture and its full size, while the file is open.
        most_pixels: a larger picture is refused.
    """
    name = source.name if isinstance(source, Path) else ""
    try:
        with open_file(source) if isinstance(source, Path) else io.BytesIO(source) as stream:
            kind = _kind(stream, name)
            try:
                return _decode(stream, kind, name, wanted, use, most_pixels)
            except UnreadablePicture:
                raise
            except Exception as error:  # on damaged files decoders raise anything
                early = _says_truncated(error) or ends_too_early(stream, kind)
                raise _undecodable(error, name, _length(stream), early) from error
    except OSError as error:
        raise _explained(error, name) from error


def _kind(stream: BinaryIO, name: str) -> PictureKind:
    head = stream.read(HEAD_BYTES)
    if not head:
        raise UnreadablePicture("the file is empty", _COPY_AGAIN, name)
    kind = kind_of(head)
    if kind is None:
        raise UnreadablePicture(*not_a_picture_because(head), name)
    stream.seek(0)
    return kind


def _decode(
    stream: BinaryIO,
    kind: PictureKind,
    name: str,
    wanted: Callable[[_Size], _Size | None],
    use: Callable[[ImageFile.ImageFile, _Size], _Result],
    most_pixels: int,
) -> _Result:
    image = _opener(kind, name)(stream)
    size = image.size
    if size[0] * size[1] > most_pixels:
        raise UnreadablePicture(
            f"too large: {size[0] * size[1] / 1e6:.0f} megapixels; "
            f"at most {most_pixels / 1e6:.0f} are read",
            "Make it smaller in another program.",
            name,
        )
    if kind == "JPEG" and (smallest := wanted(size)) is not None:
        image.draft(None, smallest)
    image.load()
    return use(image, size)


def _opener(kind: PictureKind, name: str) -> Callable[[BinaryIO], ImageFile.ImageFile]:
    return _heif_opener(name) if kind == "HEIF" else _OPENERS[kind]


def _heif_opener(name: str) -> Callable[[BinaryIO], ImageFile.ImageFile]:
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise UnreadablePicture(
            "HEIC pictures need the optional package: pip install 'cnnstudio[heic]'",
            "Or save the pictures as JPEG.",
            name,
        ) from error
    opener: Callable[[BinaryIO], ImageFile.ImageFile] = HeifImageFile
    return opener


def _rgb_upright(image: ImageFile.ImageFile, _full_size: _Size) -> Image.Image:
    turn = _UPRIGHT.get(_orientation(image))
    rgb = to_rgb(image)
    if turn is not None:
        rgb = rgb.transpose(turn)
    rgb.info = {}  # nobody shall turn it a second time
    return rgb


def _shrunk(image: ImageFile.ImageFile, full_size: _Size, size_px: int) -> Image.Image:
    rgb = _rgb_upright(image, full_size)
    # From the full size: the smaller one that a JPEG was decoded to is rounded already.
    size = _within(_upright_size(image, full_size), size_px)
    return rgb if size == rgb.size else _scaled(rgb, size, (0.0, 0.0, *rgb.size))


def _facts(image: ImageFile.ImageFile, full_size: _Size) -> PictureFacts:
    return PictureFacts(*_upright_size(image, full_size), image.format or "")


def _upright_size(image: ImageFile.ImageFile, full_size: _Size) -> _Size:
    width, height = full_size
    return (height, width) if _orientation(image) in _ON_ITS_SIDE else full_size


def _orientation(image: ImageFile.ImageFile) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it makes no sense."""
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a picture with damaged EXIF is still a picture
        return 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


# ---------------------------------------------------------------------------- scaling


def _scaled(image: Image.Image, size: _Size, box: tuple[float, float, float, float]) -> Image.Image:
    # reducing_gap: whole-number reduction first, where at least twice the size remains after it.
    return image.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)


def _padded(image: Image.Image, size_px: int) -> Image.Image:
    width, height = image.size
    scale = size_px / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = Image.new("RGB", (size_px, size_px), PADDING)
    corner = ((size_px - size[0]) // 2, (size_px - size[1]) // 2)
    canvas.paste(_scaled(image, size, (0.0, 0.0, width, height)), corner)
    return canvas


def _within(size: _Size, size_px: int) -> _Size:
    longest = max(size)
    if longest <= size_px:
        return size
    return max(1, round(size[0] * size_px / longest)), max(1, round(size[1] * size_px / longest))


# ---------------------------------------------------------------------------- reasons


def _explained(error: OSError, name: str) -> UnreadablePicture:
    """The reason why a file cannot be opened or read at all."""
    if isinstance(error, LinkToNowhere):
        return UnreadablePicture(
            "this is a link to a file that is not there", "Remove it, or restore the file.", name
        )
    if isinstance(error, FileNotFoundError):
        return UnreadablePicture(
            "there is no such file", "It may have been moved, renamed or deleted.", name
        )
    if isinstance(error, NotARegularFile):
        return UnreadablePicture("this is not a regular file", "Remove it.", name)
    if isinstance(error, PermissionError):
        return UnreadablePicture(
            "there is no permission to read the file", "Change its permissions.", name
        )
    if isinstance(error, IsADirectoryError):
        return UnreadablePicture("this is a folder", "Choose the pictures inside it.", name)
    detail = error.strerror or "the disk reports an error"
    return UnreadablePicture(f"the file cannot be opened ({detail})", _COPY_AGAIN, name)


def _undecodable(error: Exception, name: str, length_bytes: int, early: bool) -> UnreadablePicture:
    """The reason why a file that begins like a picture is none."""
    text = str(error).lower()
    if isinstance(error, MemoryError):
        return UnreadablePicture(
            "too large for the memory of this computer", "Make it smaller in another program.", name
        )
    if isinstance(error, Image.DecompressionBombError):
        return UnreadablePicture(
            "too large to be read safely", "Make it smaller in another program.", name
        )
    if isinstance(error, OSError) and error.errno is not None:
        return _explained(error, name)  # the disk or the network failed, not the picture
    if early:
        read = f"{length_bytes / 1000:.0f} KB" if length_bytes >= 1000 else f"{length_bytes} bytes"
        return UnreadablePicture(f"the file ends too early ({read} read)", _COPY_AGAIN, name)
    if "unknown pixel mode" in text or "conversion" in text or "not supported" in text:
        return UnreadablePicture(
            "its pixels are stored in a way that is not read",
            "Save it as an ordinary JPEG or PNG.",
            name,
        )
    return UnreadablePicture("the picture data is damaged", _COPY_AGAIN, name)


def _says_truncated(error: Exception) -> bool:
    return isinstance(error, EOFError) or "truncated" in str(error).lower()


def _length(stream: BinaryIO) -> int:
    return stream.seek(0, os.SEEK_END)
