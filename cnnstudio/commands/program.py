"""The program of commands, and how each of them ends.

Every way to end has its exit code here: 0 done, 1 failed with a sentence, 2 not understood,
130 interrupted, 141 nobody read the output to its end.
"""

from __future__ import annotations

import difflib
import os.path
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnstudio.commands.backbones import backbones
from cnnstudio.commands.check import check
from cnnstudio.commands.compare import compare
from cnnstudio.commands.demo import demo
from cnnstudio.commands.evaluate import evaluate
from cnnstudio.commands.explain import explain
from cnnstudio.commands.export import export
from cnnstudio.commands.import_model import import_model
from cnnstudio.commands.info import info, program_version
from cnnstudio.commands.interrupts import INTERRUPTED
from cnnstudio.commands.open import open_project
from cnnstudio.commands.output import ReaderLeft, silence_standard_output
from cnnstudio.commands.predict import predict
from cnnstudio.commands.report import report
from cnnstudio.commands.run_sample import run_sample
from cnnstudio.commands.search import search
from cnnstudio.commands.serve import serve
from cnnstudio.commands.services import Services
from cnnstudio.commands.summary import summary
from cnnstudio.commands.train import train
from cnnstudio.commands.watch import watch
from cnnstudio.commands.work_apart import work_apart
from cnnstudio.core.errors import Cancelled, StudioError

if TYPE_CHECKING:
    from cnnstudio.core.engine_api import Engine

FAILED = 1
READER_LEFT = 141
"""As if the signal of a broken pipe (13) had ended us, which is what `head` does to programs."""

COMMANDS = (
    open_project,
    demo,
    info,
    check,
    summary,
    search,
    train,
    evaluate,
    compare,
    report,
    predict,
    explain,
    watch,
    export,
    serve,
    import_model,
    backbones,
    run_sample,
    work_apart,
)


class StudioGroup(click.Group):
    """The program: a command, or a project folder to open in the window.

    Errors end here, each as one sentence and an exit code.
    """

    def __init__(self, make_services: Callable[[], Services], **options: Any) -> None:
        super().__init__(**options)
        self._make_services = make_services

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of their use, as --help lists them."""
        return [name for name, each in self.commands.items() if not each.hidden]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take a folder, or nothing at all, as the wish to open the window."""
        # os.path, because Path.is_dir() raises for names that no folder can have.
        if not args or (args[0] not in self.commands and os.path.isdir(args[0])):  # noqa: PTH112
            args.insert(0, open_project.name or "")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names.

        Raises:
            UsageError: it names neither a command nor a folder.
        """
        name = args[0]
        command = self.get_command(ctx, name)
        if command is not None:
            return name, command, args[1:]
        close = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
        guess = f" Did you mean {close[0]}?" if close else ""
        raise click.UsageError(
            f"{name!r} is neither a command nor a folder.{guess}"
            f" The commands are {', '.join(self.list_commands(ctx))}.",
            ctx,
        )

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> int:
        """Run and return the exit code, or leave the interpreter with it when standing alone."""
        services = self._make_services()
        try:
            result = super().main(
                args,
                prog_name or "cnnstudio",
                complete_var,
                # Left to itself, click would show a traceback for what it does not know.
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                obj=services,
                **extra,
            )
            code = result if isinstance(result, int) else 0
            services.output.check()
        except SystemExit:  # what click makes of a broken pipe
            silence_standard_output()
            code = READER_LEFT
        except Exception as error:  # noqa: BLE001 - the one place where every error ends
            services.output.outlives_its_reader = True  # there is one error already
            code = _exit_code_of(error, services)
        if standalone_mode:
            sys.exit(code)
        return code


def make_cli(
    make_engine: Callable[[], Engine],
    open_window: Callable[[Path | None, bool], int],
) -> StudioGroup:
    """Return the program, to be run with `main()`.

    Args:
        make_engine: Called at most once by commands that compute.
        open_window: Shows the window on a project until it is closed and returns the exit code;
            its second argument asks to start training at once.
    """
    group = StudioGroup(
        lambda: Services(make_engine, open_window),
        name="cnnstudio",
        help=(
            "Sort pictures into classes, train a network on them, and use it, on this computer."
            "\n\nWithout a command the window opens, on the project folder if one is given."
        ),
        subcommand_metavar="[PROJECT | COMMAND [ARGUMENTS]...]",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for command in COMMANDS:
        group.add_command(command)
    return click.option(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_say_version,
        help="Say which version this is.",
    )(group)


def _say_version(context: click.Context, _option: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        click.echo(f"cnnstudio {program_version()}")
        context.exit()


def _exit_code_of(error: Exception, services: Services) -> int:
    """Say what went wrong and return the exit code for it."""
    output = services.output
    if isinstance(error, ReaderLeft):
        return READER_LEFT
    if isinstance(error, click.ClickException):
        error.show()
        output.event("failed", reason=error.format_message(), hint="")
        return error.exit_code
    if isinstance(error, Cancelled):
        output.failed(str(error) or "Cancelled: nothing was kept.")
        return INTERRUPTED
    if isinstance(error, click.Abort):  # what click makes of Ctrl-C
        output.failed("Interrupted.")
        return INTERRUPTED
    if isinstance(error, StudioError):
        output.failed(error.sentence, error.hint)
        return FAILED
    from cnnstudio.program_log import log_unexpected

    log = log_unexpected(error)
    reason = f"{type(error).__name__}: {error}".strip().splitlines()[0].rstrip(":. ")
    output.failed(
        f"Something unexpected went wrong: {reason}.",
        f"Details are in {log}." if log else "No details could be written to the log file.",
    )
    return FAILED
