"""An image that a person draws on."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from dashboards.kit.elements import Children, Element

MOST_ASKED = 2**53  # number of a question, as a browser counts


@dataclass(frozen=True)
class Drawing(Element):
    """It asks for `act` with {about, number, image, reset} whenever it has changed, one at a time.

    The image is in base64; the next question is put when `answer` has the number of the last one, and where
    `context`, which the answer depends on, is another than it was. A reset takes back that, too.
    """

    act: str
    about: str  # another one begins with its own pixels
    pixels: bytes
    shape: tuple[int, ...]
    answer: int = 0
    context: str = ""
    disabled: bool = False  # nothing can be drawn
    children: Children = ()  # the first among its tools, the others beside the image

    def accepts(self, value: Any) -> bool:
        match value:
            case {"about": self.about, "number": int(number), "image": image, "reset": bool()}:
                count = self.shape[0] * self.shape[1] * self.shape[2]
                return not self.disabled and 0 < number < MOST_ASKED and image_bytes(image, count) is not None
        return False


def image_bytes(told: Any, count: int) -> bytes | None:
    """An image of so many bytes that a browser tells in base64; None where it tells none."""
    if not isinstance(told, str) or len(told) != 4 * -(-count // 3):
        return None
    try:
        image = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return None
    return image if len(image) == count else None
