"""Serves a run until it is told to stop: the socket, the signals, and the connections."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import errno
import ipaddress
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import ClassVar
from urllib.parse import quote

import h11
import psutil
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from cnnstudio.core.engine_api import Engine
from cnnstudio.core.errors import StudioError
from cnnstudio.core.runs import Run
from cnnstudio.serve.answering import Answering
from cnnstudio.serve.guard import LOOPBACK_NAMES
from cnnstudio.serve.limits import Limits
from cnnstudio.serve.refusal import Refusal, busy
from cnnstudio.serve.service import Service

_PORT_TAKEN_HINT = "Choose another with --port, or --port 0 for any that is free."
_TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_EVERYWHERE = ("0.0.0.0", "::")
_KEPT_OPEN_S = 10
_CROWDED = busy("More programs are connected than are answered.", closes=True)
_NO_HTTP = Refusal(
    400,
    "The request is not HTTP that can be understood.",
    "Use an address that begins with http://, not https://. /docs has examples.",
    {"Connection": "close"},
)


@dataclass(frozen=True)
class Place:
    """Where to serve. Port 0 is any free one; with a token only those who know it are answered."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def is_local(self) -> bool:
        """Whether only programs on this computer reach it."""
        return is_local(self.host)


def is_local(host: str) -> bool:
    """Whether a host is this computer as only itself sees it."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    engine: Engine,
    run: Run,
    place: Place,
    announce: Callable[[str], None],
    *,
    stops_with_stdin: bool = False,
) -> None:
    """Answer requests until SIGINT or SIGTERM; what is in work then is still answered.

    Args:
        engine: it is called on one thread of its own.
        run: what answers.
        place: where.
        announce: called with the address once it answers there.
        stops_with_stdin: also stop once standard input ends, as it does when the program that
            started this one is gone.

    Raises:
        StudioError: the port is taken, or the model cannot be loaded.
    """
    with bound_socket(place) as listening:
        if stops_with_stdin:
            threading.Thread(target=_stop_with_stdin, name="stdin", daemon=True).start()
        answering = Answering(engine, run, place.limits)
        answering.start()
        try:
            names = LOOPBACK_NAMES | {place.host.lower()} if place.is_local else None
            service = Service(answering, place.limits, names, place.token)
            server = make_server(service, place.limits, lambda: announce(_url(place, listening)))
            server.run([listening])
        finally:
            answering.close()


def make_server(service: Service, limits: Limits, on_started: Callable[[], None]) -> uvicorn.Server:
    """Return what serves on bound sockets, by `run`, until its `should_exit` is set."""
    config = uvicorn.Config(
        service.app,
        loop="asyncio",
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=_KEPT_OPEN_S,
        timeout_graceful_shutdown=math.ceil(limits.seconds),
    )
    return _Server(config, on_started)


def bound_socket(place: Place) -> socket.socket:
    """Return a socket that is bound, so that nobody else takes the port meanwhile.

    Raises:
        StudioError: the port is taken or may not be used, or there is no such host.
    """
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise StudioError(
            f"This computer has no address {place.host}.",
            "Leave --host out for this computer alone, or give 0.0.0.0 for its network.",
        ) from None
    family, kind, protocol, _, address = sorted(found, key=lambda each: each[0])[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()  # here, because only this tells of one that listens already
    except PermissionError:
        listening.close()
        raise StudioError(
            f"The system does not allow port {place.port}.", "Choose one of 1024 or more."
        ) from None
    except OSError as error:
        listening.close()
        if place.port and error.errno in _TAKEN:
            raise StudioError(
                f"Port {place.port} is taken by another program.", _PORT_TAKEN_HINT
            ) from None
        raise StudioError(
            f"The address {place.host} cannot be used: {error.strerror or error}."
        ) from None
    return listening


class _Server(uvicorn.Server):
    """uvicorn's server: it says when it answers, and a signal is no failure."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # Python allows handlers in the main thread only
            return
        # uvicorn's own raises the signal again at the end, and the exit code would tell of it.
        before = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.force_exit = self.should_exit  # the second waits for nobody
        self.should_exit = True


class _Connection(H11Protocol):
    """One connection; it is given up when the first lines of a request do not come in time."""

    headers_seconds: ClassVar[float] = 10.0

    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        most, self.limit_concurrency = self.limit_concurrency, None  # uvicorn refuses without JSON
        if most is not None and len(self.connections) > most:
            self.app = _CROWDED.response()
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP in the words of the service; uvicorn would do it in its own."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # not amid an answer
            response = _NO_HTTP.response()
            head = h11.Response(
                status_code=400, headers=response.raw_headers, reason=b"Bad Request"
            )
            for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        asked: RequestResponseCycle | None = self.cycle  # none until a request came
        if asked is not None and not asked.response_complete:
            self._rest()
        elif self._giving_up is None:
            self._giving_up = self.loop.call_later(self.headers_seconds, self.transport.close)

    def _rest(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None


def _stop_with_stdin() -> None:
    with contextlib.suppress(OSError, ValueError):
        while sys.stdin.buffer.readline():
            pass
    _thread.interrupt_main()


def _url(place: Place, listening: socket.socket) -> str:
    """Return an address under which a browser finds the service, with its token."""
    host, port = place.host, listening.getsockname()[1]
    if host in _EVERYWHERE:
        host = _address_in_network() or socket.gethostname()
    if ":" in host:
        host = f"[{host}]"
    token = f"?token={quote(place.token, safe='')}" if place.token else ""
    return f"http://{host}:{port}/{token}"


def _address_in_network() -> str | None:
    """Return an address by which other computers reach this one."""
    for addresses in psutil.net_if_addrs().values():
        for family, address, *_ in addresses:
            if family == socket.AF_INET and not is_local(address):
                return str(address)
    return None
