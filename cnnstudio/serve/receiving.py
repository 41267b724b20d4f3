"""What a request brings: its body, held to the limits, and the pictures in it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from cnnstudio.core.file_names import legible
from cnnstudio.core.predictions import NamedBytes
from cnnstudio.serve.limits import FEWER_OR_SMALLER, Limits
from cnnstudio.serve.multipart import files_in
from cnnstudio.serve.refusal import Refusal, busy

THREE_WAYS = (
    "Send a form with files (multipart/form-data), JSON with base64, or the bytes of one picture"
    " with its type, such as image/jpeg. /docs has examples."
)
_CLOSES = {"Connection": "close"}  # the rest of the body is not read
_JSON_FORMS = (
    'Send {"picture": "<base64>"} or {"pictures": [..]}; each is base64, or has "name" and "data".'
)


class BodyReader:
    """Reads the bodies of requests, as many bytes at once as the limits allow."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    @contextlib.asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """Give the body of a request; it counts as held until it is left.

        Raises:
            Refusal: it is empty, too large, compressed, or does not arrive in time, or too much is
                held already.
        """
        limits = self._limits
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refusal(415, "Compressed requests are not read.", "Send it as it is.")
        told = request.headers.get("content-length", "")
        if told.isdecimal() and int(told) > limits.body_bytes:
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        try:
            try:
                async with asyncio.timeout(limits.seconds):
                    async for part in request.stream():
                        parts.append(part)
                        size += len(part)
                        self._held += len(part)
                        self._check(size)
            except TimeoutError:
                raise Refusal(
                    408,
                    f"The request did not arrive within {limits.seconds:.0f} s.",
                    FEWER_OR_SMALLER,
                    _CLOSES,
                ) from None
            except ClientDisconnect:
                raise Refusal(400, "The request ended too early.", "Send it again.") from None
            body = b"".join(parts)
            if not body:
                raise Refusal(400, "There is no picture: the request is empty.", THREE_WAYS)
            yield body
        finally:
            self._held -= size

    def _check(self, size: int) -> None:
        if size > self._limits.body_bytes:
            raise self._too_large()
        if self._held > self._limits.held_bytes:
            raise busy("Too many pictures are being sent at once.")

    def _too_large(self) -> Refusal:
        most = f"{self._limits.body_bytes / 1e6:.0f} MB"
        return Refusal(
            413,
            f"The request is too large: at most {most} are taken.",
            FEWER_OR_SMALLER,
            _CLOSES,
        )


def pictures_in(content_type: str, body: bytes, limits: Limits) -> list[NamedBytes]:
    """Return the pictures in the body of a request.

    Raises:
        Refusal: it is in no form that is understood, there is none in it, or too many.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        pictures = files_in(content_type, body, limits)
    elif kind == "application/json" or kind.endswith("+json"):
        pictures = _pictures_in_json(body, limits)
    elif kind.startswith("image/") or kind == "application/octet-stream":
        pictures = [NamedBytes("picture", body)]
    else:
        what = f"The type {legible(kind)} is not understood." if kind else "The type is missing."
        raise Refusal(415, what, THREE_WAYS)
    if not pictures:
        raise Refusal(400, "There is no picture in the request.", THREE_WAYS)
    return pictures


def _pictures_in_json(body: bytes, limits: Limits) -> list[NamedBytes]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The request is not JSON.", _JSON_FORMS) from None
    given = _given(content)
    limits.check_count(len(given))
    return [_picture(each, number) for number, each in enumerate(given, 1)]


def _given(content: Any) -> Sequence[Any]:
    if isinstance(content, dict):
        many = content.get("pictures")
        if many is not None and content.get("picture") is not None:
            raise Refusal(
                400,
                'The JSON has both "picture" and "pictures": only one of them is read.',
                'Put all pictures into "pictures".',
            )
        if isinstance(many, list):
            return many
        if "picture" in content:
            return [content["picture"]]
    raise Refusal(400, 'The JSON has no "picture" and no list of "pictures".', _JSON_FORMS)


def _picture(given: Any, number: int) -> NamedBytes:
    name, data = f"picture {number}", given
    if isinstance(given, dict):
        name, data = str(given.get("name", name)), given.get("data")
    if not isinstance(data, str):
        raise Refusal(400, f"Picture {number} is not text with base64.", _JSON_FORMS)
    if data.startswith("data:"):
        data = data.partition(",")[2]  # as a browser's canvas and FileReader give it
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(
            400, f"Picture {number} is not base64.", "Encode the bytes of the file as base64."
        ) from None
    return NamedBytes(legible(name), content)
