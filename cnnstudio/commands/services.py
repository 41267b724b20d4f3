"""What every command gets handed: the engine, the window, and where to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cnnstudio.commands.output import Output

if TYPE_CHECKING:
    from cnnstudio.core.engine_api import Engine

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Services:
    """What commands work with.

    `make_engine` imports the engine, so it is called only for commands that compute.
    `open_window(project, demonstrate)` shows the window until it is closed and returns the exit
    code.
    """

    make_engine: Callable[[], Engine]
    open_window: Callable[[Path | None, bool], int]
    output: Output = field(default_factory=Output)

    @cached_property
    def engine(self) -> Engine:
        """The engine, the same for the whole command. What it warns of goes to the log file."""
        from cnnstudio.program_log import start_log

        start_log()
        return self.make_engine()


pass_services = click.make_pass_decorator(Services)


def _use_json(context: click.Context, _option: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        context.find_object(Services).output.use_json()  # type: ignore[union-attr]


def json_option(command: F) -> F:
    """Give a command the option --json; the command finds it in its output."""
    return click.option(
        "--json",
        is_flag=True,
        # Read before the other options, so that their errors come as JSON, too.
        is_eager=True,
        expose_value=False,
        callback=_use_json,
        help="Write one JSON object per line on standard output, and nothing else there.",
    )(command)
