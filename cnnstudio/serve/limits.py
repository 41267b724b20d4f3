"""How much a service takes at once, so that no request can use up the computer."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.serve.refusal import Refusal


@dataclass(frozen=True)
class Limits:
    """Each in the unit of its name; what exceeds one is refused with a sentence.

    `body_bytes` are those of one request, `held_bytes` those of all requests together.
    `pixels` are those of one picture before it is made smaller. `waiting` is how many pictures may
    wait for the network: a second or two of work. `seconds` is how long a request may take to
    arrive, and again how long its answer may take.
    """

    body_bytes: int = 64_000_000
    held_bytes: int = 256_000_000
    pixels: int = 50_000_000
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
