"""From an image file of any kind that Pillow reads to 8 bits grey or RGB."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from kgan.data.image_files import formats

WHITE = 255  # What transparent pixels are laid on.

_ORIENTATION = 0x0112  # The EXIF tag.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Form(NamedTuple):
    """What all images of a set are brought to.

    Attributes:
        channels: 1 if all are grey, else 3.
        bits: of the largest value in files of 16 bits, 8 to 16: white is 2 ^ bits - 1.
    """

    channels: int = 1
    bits: int = 8


class WiderError(Exception):
    """An image does not fit the form; `form` is one that it fits."""

    def __init__(self, form: Form):
        super().__init__(f"not {form}")
        self.form = form


class Pixels(NamedTuple):
    """A decoded file.

    Attributes:
        image: 8 bits, of mode "L" or "RGB".
        seen: what a user should know of it: "deep" (more than 8 bits), "transparent", "animated".
    """

    image: Image.Image
    seen: tuple[str, ...]


def decode(path: str, form: Form, image_size: int | None) -> Pixels:
    """Reads a file; of an animated one the first frame.

    Args:
        path: of the file.
        form: of the result.
        image_size: side of the square that the largest centre square is resized to (bilinear,
            antialiased); None to keep the size.

    Raises:
        WiderError: the image has colours or bits that the form has not.
        Exception: of any kind, by Pillow's plugins: the file is no whole image.
    """
    # Read at once: Pillow would come back for pieces, and a PNG of 16 bits is read by another.
    with open(path, "rb", buffering=0) as stream:  # noqa: PTH123
        content = stream.read()
    with Image.open(io.BytesIO(content), formats=formats()) as file:
        if image_size is not None and min(file.size) >= 2 * image_size:
            # Halves a JPEG while decoding, as often as it stays large enough.
            file.draft(None, (image_size, image_size))
        seen = ["animated"] if _is_animated(file) else []
        values = _deep_values(content, file)
        if values is None:
            file.load()
            image, transparent = _plain(file)
        else:
            seen.append("deep")
            image, transparent = _shallow(values, form)
        orientation = _orientation(file)
    if transparent:
        seen.append("transparent")
    if image.mode == "RGB" and form.channels == 1:
        raise WiderError(form._replace(channels=3))
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    if image_size is not None:
        image = _centre_square(image, image_size)
    if form.channels == 3 and image.mode == "L":
        image = image.convert("RGB")
    return Pixels(image, tuple(seen))


def size(path: str, form: Form, deep: bool = False) -> tuple[int, int]:
    """Returns (height, width), of the file's head alone.

    Args:
        path: of the file.
        form: that it should fit.
        deep: whether to decode files of more than 8 bits, to see how many they need.

    Raises:
        WiderError: the image has colours or bits that the form has not.
        Exception: of any kind, by Pillow's plugins: the file has no head of an image.
    """
    with Image.open(path, formats=formats()) as file:
        width, height = file.size
        # A TIFF is said to have the size that it has upright.
        if file.format != "TIFF" and _orientation(file) >= 5:  # 5 to 8 swap the sides.
            width, height = height, width
        if form.channels == 1 and not _is_grey(file):
            raise WiderError(form._replace(channels=3))
        if deep:
            values = _deep_values(Path(path).read_bytes(), file)
            if values is not None:
                _shallow(values, form)
    return height, width


def _is_grey(file: Image.Image) -> bool:
    grey_modes = ("1", "L", "LA", "La", "F")
    # Pillow gives grey and alpha of 16 bits the mode RGBA.
    return file.mode in grey_modes or file.mode.startswith("I") or _raw_mode(file) == "LA;16B"


def _raw_mode(file: Image.Image) -> str:
    """How an unread PNG keeps its pixels, in Pillow's words; nothing for other files."""
    tile = getattr(file, "tile", None)
    return str(tile[0][3]) if file.format == "PNG" and tile else ""


def _is_animated(file: Image.Image) -> bool:
    # An MPO is a photo with further views of it.
    return getattr(file, "is_animated", False) and file.format != "MPO"


def _orientation(file: Image.Image) -> int:
    if file.format == "PNG" and "exif" not in file.info:  # Pillow would decode it to look.
        return 1
    try:
        return file.getexif().get(_ORIENTATION, 1)
    except Exception:  # The picture may be whole where its notes are not.
        return 1


def _plain(file: Image.Image) -> tuple[Image.Image, bool]:
    """Returns a loaded image of 8 bits as "L" or "RGB", and whether parts were transparent."""
    if file.mode == "F":
        floats = np.asarray(file)
        if not (floats.min() >= 0 and floats.max() <= 1):  # NaN, too.
            raise ValueError(f"floats in {floats.min()}..{floats.max()}, not 0..1")
        return Image.fromarray(np.round(floats * 255).astype(np.uint8)), False
    if file.has_transparency_data:
        grey = _is_grey(file)
        image = file.convert("LA" if grey else "RGBA")
        alpha = image.getchannel("A")
        opaque = image.convert("L" if grey else "RGB")
        if alpha.getextrema()[0] == 255:
            return opaque, False
        paper = Image.new(opaque.mode, opaque.size, WHITE if grey else (WHITE,) * 3)
        paper.paste(opaque, mask=alpha)
        return paper, True
    if file.mode in ("L", "RGB"):
        return file, False
    return file.convert("L" if file.mode == "1" else "RGB"), False


def _deep_values(content: bytes, file: Image.Image) -> np.ndarray | None:
    """Returns the values of a file of more than 8 bits a value, `(height, width, 1 to 4)` uint16.

    None for a file of 8 bits. A second or fourth channel is alpha.
    """
    if file.mode.startswith("I"):
        values = np.asarray(file)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise ValueError(f"integers in {values.min()}..{values.max()}, not 0..65535")
        return values.astype(np.uint16)[..., None]
    if ";16" in _raw_mode(file):
        import tensorflow as tf  # Who looks at the sizes of files does not wait for it.

        # Pillow keeps the upper half of 16 bits a colour.
        return tf.io.decode_png(content, dtype=tf.uint16).numpy()
    return None


def _shallow(values: np.ndarray, form: Form) -> tuple[Image.Image, bool]:
    """Returns `_deep_values` as an 8-bit image, and whether parts were transparent."""
    has_alpha = values.shape[2] in (2, 4)
    colours = values[..., :-1] if has_alpha else values
    bits = int(colours.max()).bit_length()
    if bits > form.bits:
        raise WiderError(form._replace(bits=bits))
    top = 2**form.bits - 1
    scaled = colours * np.float32(1 / top)
    alpha = np.minimum(values[..., -1:] * np.float32(1 / top), 1) if has_alpha else np.ones(1)
    on_white = scaled * alpha + (1 - alpha)
    pixels = np.round(on_white * 255).astype(np.uint8)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    return image, bool((alpha < 1).any())


def _centre_square(image: Image.Image, side: int) -> Image.Image:
    least = min(image.size)
    left, top = (image.width - least) // 2, (image.height - least) // 2
    if image.size != (least, least):
        image = image.crop((left, top, left + least, top + least))
    if least == side:
        return image
    # Pillow's bilinear filter is always antialiased.
    return image.resize((side, side), Image.Resampling.BILINEAR)
