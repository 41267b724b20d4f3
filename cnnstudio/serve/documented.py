"""What the OpenAPI description says of requests and answers.

Answers are written by `service.py` without going through these: checking again what we make would
cost time at every request.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class PictureAnswer(BaseModel):
    """The answer to one picture; where it could not be read, only `name` and `problem`."""

    name: str = Field(description="The file's name, or its place in the request")
    predicted_class: str | None = Field(None, description="The likeliest class, by its folder")
    title: str | None = Field(None, description="That class as people read it")
    probability: float | None = Field(None, description="Its probability, 0 to 1")
    not_sure: bool | None = Field(
        None, description="Whether the run would rather not decide; null where it keeps no choice"
    )
    reason: str | None = Field(None, description='Why it is not sure, "" where it is')
    probabilities: dict[str, float] | None = Field(
        None, description="Of every class by its folder, the likeliest first"
    )
    problem: str | None = Field(None, description="Why the picture could not be read")


class Answers(BaseModel):
    """One answer for each picture, in the order of the request."""

    run: str
    answers: list[PictureAnswer]


class ClassNames(BaseModel):
    """A class: `name` is its folder, `title` what people read."""

    name: str
    title: str


class Labels(BaseModel):
    """The classes of the run, in the order of the network's answers."""

    run: str
    classes: list[ClassNames]


class Health(BaseModel):
    """That the service is ready, and how many pictures wait for an answer."""

    status: str
    run: str
    pictures_waiting: int


class Fault(BaseModel):
    """What is wrong with a request, and what to do about it."""

    error: str
    hint: str


_BASE64 = {"type": "string", "description": "The bytes of a file in base64, or a data: address"}
_NAMED = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "data": _BASE64},
    "required": ["data"],
}
_PICTURE = {"oneOf": [_BASE64, _NAMED]}
_BYTES = {"schema": {"type": "string", "format": "binary"}}

PREDICT_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": "One file or several; the field may have any name",
                    }
                },
            }
        },
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "picture": _PICTURE,
                    "pictures": {"type": "array", "items": _PICTURE},
                },
            }
        },
        "image/*": _BYTES,
        "application/octet-stream": _BYTES,
    },
}
