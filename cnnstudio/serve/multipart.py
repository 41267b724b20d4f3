"""Takes the files out of a form (multipart/form-data), in memory."""

from __future__ import annotations

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from cnnstudio.core.file_names import legible
from cnnstudio.core.predictions import NamedBytes
from cnnstudio.serve.limits import Limits
from cnnstudio.serve.refusal import Refusal

_AN_EXAMPLE = "curl -F file=@picture.jpg sends one."


def files_in(content_type: str, body: bytes, limits: Limits) -> list[NamedBytes]:
    """Return the files of a form, in order; its other fields are passed over.

    Raises:
        Refusal: it is damaged or ends too early, or has too many parts.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise Refusal(400, "The form does not say its boundary.", _AN_EXAMPLE)
    form = _Form(limits)
    try:
        MultipartParser(
            boundary,
            {
                "on_part_begin": form.begin,
                "on_header_begin": form.begin_header,
                "on_header_field": form.add_name,
                "on_header_value": form.add_value,
                "on_header_end": form.end_header,
                "on_part_data": form.add_data,
                "on_part_end": form.end,
                "on_end": form.finish,
            },
        ).write(body)
    except (FormParserError, ValueError):
        raise Refusal(400, "The form is damaged.", _AN_EXAMPLE) from None
    if not form.is_whole:
        raise Refusal(400, "The form ends too early.", "Send it again.")
    return form.files


class _Form:
    """What was found in a form so far."""

    def __init__(self, limits: Limits) -> None:
        self.files: list[NamedBytes] = []
        self.is_whole = False
        self._limits = limits
        self._parts = 0
        self._name = self._value = b""
        self._file_name: str | None = None
        self._data: list[bytes] = []

    def begin(self) -> None:
        self._parts += 1
        self._limits.check_count(self._parts)
        self._file_name, self._data = None, []

    def begin_header(self) -> None:
        self._name = self._value = b""

    def add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def end_header(self) -> None:
        if self._name.lower() == b"content-disposition":
            options = parse_options_header(self._value)[1]
            if b"filename" in options:
                self._file_name = options[b"filename"].decode("utf-8", "backslashreplace")

    def add_data(self, data: bytes, start: int, end: int) -> None:
        if self._file_name is not None:
            self._data.append(data[start:end])

    def end(self) -> None:
        if self._file_name is not None:
            name = legible(self._file_name) or f"picture {len(self.files) + 1}"
            self.files.append(NamedBytes(name, b"".join(self._data)))

    def finish(self) -> None:
        self.is_whole = True
