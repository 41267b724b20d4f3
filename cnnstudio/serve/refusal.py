"""`Refusal`: why a request is not answered, as a status and in words."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import JSONResponse


class Refusal(Exception):
    """A request that is not answered: the HTTP status, what is wrong and what to do about it."""

    def __init__(
        self, status: int, sentence: str, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, sentence, hint)
        self.status = status
        self.sentence = sentence
        self.hint = hint
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """Return it as every error of the service looks: {"error": .., "hint": ..}."""
        content = {"error": self.sentence, "hint": self.hint}
        return JSONResponse(content, self.status, self.headers)


def busy(sentence: str, hint: str = "Try again in a moment.", *, closes: bool = False) -> Refusal:
    """Return the refusal of a service that has as much to do as it takes.

    `closes` ends the connection with it.
    """
    headers = {"Retry-After": "1"} | ({"Connection": "close"} if closes else {})
    return Refusal(503, sentence, hint, headers)
