"""What a command says: words for people, or one JSON object per line for programs."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import sys
import unicodedata
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnstudio.core.errors import StudioError
from cnnstudio.core.file_names import LEGIBLE, legible

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_COLUMNS = 10_000
"""A table that does not go to a terminal is as wide as its names are: no line is broken."""


class ReaderLeft(Exception):
    """Whoever read our standard output has closed it, as `head` does."""


class Output:
    """Standard output and standard error of one command.

    With JSON asked for, standard output carries JSON lines and nothing else. Whatever is said
    to people in addition goes to standard error in both forms.

    When standard output can no longer be written to, the writing methods raise `ReaderLeft` or
    `StudioError`, once; with `outlives_its_reader` they say nothing, and `check` raises at the end.
    """

    def __init__(self) -> None:
        self.is_json = False
        self.outlives_its_reader = False
        self._fault: Exception | None = None
        for stream in (sys.stdout, sys.stderr):
            _never_refuse_a_character(stream)

    def use_json(self) -> None:
        """Write JSON lines from now on, in UTF-8 whatever the system's language is."""
        self.is_json = True
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")

    def event(self, event: str, **fields: Any) -> None:
        """Write a JSON line; nothing when words are wanted. What is not a number becomes null."""
        if self.is_json:
            line = json.dumps(_plain({"event": event, **fields}), ensure_ascii=False)
            self._write(f"{line}\n")

    def say(self, words: str = "") -> None:
        """Write a line for people; nothing when JSON is wanted."""
        if not self.is_json:
            self._write(f"{_harmless(words)}\n")

    def note(self, words: str) -> None:
        """Write a line for people on standard error, in both forms."""
        with contextlib.suppress(OSError):  # nobody is there to be told
            sys.stderr.write(f"{words}\n")
            sys.stderr.flush()

    def failed(self, reason: str, hint: str = "") -> None:
        """Say that the command failed: a sentence on standard error, and the last JSON line."""
        self.note(f"{reason} {hint}".strip())
        self.event("failed", reason=reason, hint=hint)

    def check(self) -> None:
        """Raise what has kept standard output from being written to, if anything.

        Raises:
            ReaderLeft: nobody reads it any more.
            StudioError: the disk that it goes to refuses.
        """
        if self._fault is not None:
            raise self._fault

    def _write(self, text: str) -> None:
        if self._fault is not None:
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            self._fault = ReaderLeft()
        except OSError as error:
            self._fault = StudioError(
                f"Standard output could not be written: {error.strerror or error}.",
                "Check that the disk it goes to has free space.",
            )
        if self._fault is not None:
            silence_standard_output()
            if not self.outlives_its_reader:
                raise self._fault

    @property
    def is_live(self) -> bool:
        """Whether a person watches, so that a progress bar makes sense."""
        return not self.is_json and sys.stdout.isatty()

    @cached_property
    def console(self) -> Console:
        """Rich's way to standard output, for tables and progress bars."""
        from rich.console import Console

        # Class and file names are text, never markup or emoji codes.
        if sys.stdout.isatty():
            return Console(markup=False, emoji=False, highlight=False)
        file: Any = _Pipe(self._write)
        return Console(markup=False, emoji=False, highlight=False, width=_PIPE_COLUMNS, file=file)


class _Pipe(io.TextIOBase):
    """Lets Rich write through `Output`."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return sys.stdout.encoding

    def write(self, text: str) -> int:
        self._write(text)
        return len(text)


def silence_standard_output() -> None:
    """Send what is still to be written nowhere, so that Python does not complain at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _never_refuse_a_character(stream: Any) -> None:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=LEGIBLE)


def _plain(value: Any) -> Any:
    """Return a value in JSON's own types; NaN and infinities, which JSON lacks, become None."""
    if isinstance(value, Mapping):
        return {legible(str(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str | Path):
        return legible(str(value))
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _harmless(words: str) -> str:
    """Take out what would act on a terminal: a file may have any name."""
    return "".join(
        char if char == "\n" or unicodedata.category(char) != "Cc" else "\N{REPLACEMENT CHARACTER}"
        for char in words
    )
