"""How much a service takes at once, so that no request can use up the computer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cnnstudio.serve.refusal import Refusal

FEWER_OR_SMALLER = "Send fewer or smaller pictures in one request."


@dataclass(frozen=True)
class Limits:
    """Each in the unit of its name; what exceeds one is refused with a sentence.

    `body_bytes` are those of one request, `held_bytes` those of all requests together. `pixels` are
    those of one picture before it is made smaller, `request_pixels` those of all in one request:
    JPEG 2000, the slowest kind, keeps one core busy for 40 s with them. `waiting` is how many
    pictures may wait for the network: a second or two of work. `seconds` is how long a request may
    take to arrive, and again how long its answer may take.
    """

    body_bytes: int = 64_000_000
    held_bytes: int = 256_000_000
    pixels: int = 50_000_000
    request_pixels: int = 500_000_000
    pictures: int = 100
    waiting: int = 256
    seconds: float = 60.0
    connections: int = 512

    def check_count(self, count: int) -> None:
        """Refuse more pictures than one request may have.

        Raises:
            Refusal: there are more.
        """
        if count > self.pictures:
            raise Refusal(
                413,
                f"These are too many pictures: at most {self.pictures} are taken at once.",
                "Send them in several requests.",
            )

    def check_pixels(self, counts: Iterable[int]) -> None:
        """Refuse pictures of so many pixels each if one request may not have them together.

        One that is too large by itself is not counted: it is never decoded.

        Raises:
            Refusal: they have more.
        """
        count = sum(each for each in counts if each <= self.pixels)
        if count > self.request_pixels:
            raise Refusal(
                413,
                f"The pictures have {count / 1e6:,.0f} megapixels together: at most"
                f" {self.request_pixels / 1e6:,.0f} are taken in one request.",
                FEWER_OR_SMALLER,
            )
