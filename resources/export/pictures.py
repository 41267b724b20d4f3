"""Makes a picture ready for the network, by the very steps of CNN Studio. Needs Pillow, NumPy."""

import numpy as np
from PIL import Image

try:  # HEIC pictures from phones, where this package is installed
    import pillow_heif

    pillow_heif.register_heif_opener()
except ImportError:
    pass

TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF orientation: Pillow's way to turn


def read_picture(path, size, mode):
    """Return the picture as an array, float32 (1, size, size, 3), RGB from 0 to 255, upright."""
    with Image.open(path) as image:
        image.draft(None, (size, size))  # large JPEGs are decoded smaller, as far as that does
        image.load()
        turn = TURNS.get(image.getexif().get(0x0112))
        picture = to_rgb(image)
    picture = picture if turn is None else picture.transpose(turn)
    return np.asarray(fit(picture, size, mode), np.float32)[None]


def to_rgb(image):
    """Bring any way of storing pixels to 8-bit RGB: 16 bits scaled, transparent parts on white."""
    if image.mode.startswith("I;16"):
        tags = getattr(image, "tag_v2", {})  # of a TIFF: 12 bits? is 0 white?
        gray = np.asarray(image) * (255 / (4095 if tags.get(258) == (12,) else 65535))
        gray = np.rint(gray).clip(0, 255).astype(np.uint8)
        return Image.fromarray(255 - gray if tags.get(262) == 0 else gray).convert("RGB")
    if image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image).astype(np.float32), posinf=0.0, neginf=0.0)
        low, high = min(0.0, float(values.min())), float(values.max())
        usual = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
        if low == 0:  # the smallest usual range that holds all values
            high = next((limit for limit in usual if high <= limit), high)
        values = (values - low) * (255 / ((high - low) or 1.0))
        return Image.fromarray(np.rint(values).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        colour = image.info.get("transparency")
        if isinstance(colour, tuple) and max(colour) > 255:  # given in 16 bits
            image.info["transparency"] = tuple(value >> 8 for value in colour)
        white = Image.new("RGB", image.size, (255, 255, 255))
        white.paste(
            image.convert("RGBA").convert("RGB"), mask=image.convert("RGBA").getchannel("A")
        )
        return white
    return image.convert("RGB")


def fit(image, size, mode):
    """Scale to size x size: "crop" the middle, "pad" with grey, or "stretch"."""
    width, height = image.size
    left = top = 0.0
    scaled, right, bottom = (size, size), width, height
    if mode == "crop":
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        if side == size:
            left, top = int(left), int(top)
        right, bottom = left + side, top + side
    elif mode == "pad":
        scale = size / max(width, height)
        scaled = (max(1, round(width * scale)), max(1, round(height * scale)))
    box = (left, top, right, bottom)
    image = image.resize(scaled, Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    square = Image.new("RGB", (size, size), (127, 127, 127))
    square.paste(image, ((size - scaled[0]) // 2, (size - scaled[1]) // 2))
    return square
