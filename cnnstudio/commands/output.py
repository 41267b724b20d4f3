"""What a command says: words for people, or one JSON object per line for programs."""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_COLUMNS = 10_000
"""A table that does not go to a terminal is as wide as its names are: no line is broken."""


class Output:
    """Standard output and standard error of one command.

    With JSON asked for, standard output carries JSON lines and nothing else. Whatever is said
    to people in addition goes to standard error in both forms.
    """

    def __init__(self) -> None:
        self.is_json = False
        for stream in (sys.stdout, sys.stderr):
            _never_refuse_a_character(stream)

    def use_json(self) -> None:
        """Write JSON lines from now on, in UTF-8 whatever the system's language is."""
        self.is_json = True
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A file name that is no UTF-8 has lone surrogates: backslashreplace writes those the
            # way JSON does, so that a reader gets the same name back.
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")

    def event(self, event: str, **fields: Any) -> None:
        """Write a JSON line; nothing when words are wanted. What is not a number becomes null."""
        if self.is_json:
            line = json.dumps(_plain({"event": event, **fields}), ensure_ascii=False)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def say(self, words: str = "") -> None:
        """Write a line for people; nothing when JSON is wanted."""
        if not self.is_json:
            sys.stdout.write(f"{words}\n")
            sys.stdout.flush()

    def note(self, words: str) -> None:
        """Write a line for people on standard error, in both forms."""
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()

    def failed(self, reason: str, hint: str = "") -> None:
        """Say that the command failed: a sentence on standard error, and the last JSON line."""
        self.note(f"{reason} {hint}".strip())
        self.event("failed", reason=reason, hint=hint)

    @property
    def is_live(self) -> bool:
        """Whether a person watches, so that a progress bar makes sense."""
        return not self.is_json and sys.stdout.isatty()

    @cached_property
    def console(self) -> Console:
        """Rich's way to standard output, for tables and progress bars."""
        from rich.console import Console

        width = None if sys.stdout.isatty() else _PIPE_COLUMNS
        # Class and file names are text, never markup or emoji codes.
        return Console(markup=False, emoji=False, highlight=False, width=width)


def _never_refuse_a_character(stream: Any) -> None:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _plain(value: Any) -> Any:
    """Return a value in JSON's own types; NaN and infinities, which JSON lacks, become None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
