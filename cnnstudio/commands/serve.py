"""`cnnstudio serve RUN`: a web service on this computer that answers pictures."""

from __future__ import annotations

import importlib.util
import secrets
from pathlib import Path

import click

from cnnstudio.commands.chosen_run import chosen_run
from cnnstudio.commands.services import Services, json_option, pass_services
from cnnstudio.core.errors import StudioError

_NEEDED = ("fastapi", "uvicorn", "python_multipart")
_SHORTEST_TOKEN = 12


@click.command(short_help="Answer pictures that other programs send, or a browser.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen: this computer alone, or 0.0.0.0 for its network, with a token.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port; 0 takes any that is free.",
)
@click.option(
    "--token",
    envvar="CNNSTUDIO_TOKEN",
    help="Answer only those who know it; made by itself where others can reach the service."
    " Also taken from CNNSTUDIO_TOKEN.",
)
@click.option("--stop-with-stdin", is_flag=True, help="Stop, too, when standard input ends.")
@json_option
@pass_services
def serve(
    services: Services,
    run: Path,
    host: str,
    port: int,
    token: str | None,
    stop_with_stdin: bool,
) -> None:
    """Answer pictures with RUN at an address on this computer, until Ctrl-C.

    That is its usual end: what is in work is still answered, and the exit code is 0. The address is
    a page for a browser, on which pictures are dropped; other programs send theirs to /predict, and
    /docs says how. Only this computer can reach it unless --host says otherwise.
    """
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise StudioError(
            "The web service needs packages that are not installed.",
            "Install them: pip install 'cnnstudio[serve]'",
        )
    _check_token(token)
    from cnnstudio.serve.server import Place, is_local
    from cnnstudio.serve.server import serve as serve_run

    output = services.output
    loaded = chosen_run(run)
    if not token and not is_local(host):
        token = secrets.token_urlsafe(24)
    output.note(f"Loading {loaded.name}.")

    def announce(url: str) -> None:
        output.event("serving", url=url, run=loaded.name, folder=loaded.folder, token=token or None)
        output.say(f"{loaded.name} answers at {url}")
        if token and not is_local(host):
            output.say("Whoever has this address can ask; it is sent unencrypted in your network.")
        output.note("Ctrl-C ends it.")

    place = Place(host, port, token or "")
    serve_run(services.engine, loaded, place, announce, stops_with_stdin=stop_with_stdin)
    output.event("finished", run=loaded.folder)


def _check_token(token: str | None) -> None:
    if token is None or token == "":
        return
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise click.BadParameter(
            f"Give at least {_SHORTEST_TOKEN} letters, digits or signs.", param_hint="--token"
        )
