"""A real web server on this computer that offers a file of weights, well or badly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class WeightsServer:
    """What it offers and how it behaves; `ranges` are those asked for, one a request."""

    content: bytes
    knows_ranges: bool = True
    status: int = 200
    redirect_to: str = ""
    breaks_off_at: int | None = None
    wrong_start: bool = False
    waits_at: int | None = None
    says_length: bool = True
    extra_headers: dict[str, str] = field(default_factory=dict)
    ranges: list[str | None] = field(default_factory=list)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.ranges.append(wanted)
        if self.redirect_to:
            request.send_response(302)
            request.send_header("Location", self.redirect_to)
            request.end_headers()
            return
        if self.status != 200:
            request.send_error(self.status)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if self.knows_ranges and start >= len(self.content) and wanted:
            request.send_error(416)
            return
        start = start if self.knows_ranges else 0
        request.send_response(206 if self.knows_ranges and wanted else 200)
        if self.knows_ranges and wanted:
            said = start + 1 if self.wrong_start else start
            last = len(self.content) - 1
            request.send_header("Content-Range", f"bytes {said}-{last}/{len(self.content)}")
        self._send(request, self.content[start:])

    def _send(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        if self.says_length:
            request.send_header("Content-Length", str(len(body)))
        for name, value in self.extra_headers.items():
            request.send_header(name, value)
        request.end_headers()
        if self.waits_at is not None:
            request.wfile.write(body[: self.waits_at])
            request.wfile.flush()
            self.may_go_on.wait(30)
            return
        request.wfile.write(body[: self.breaks_off_at])


@contextmanager
def serving(server: WeightsServer) -> Iterator[WeightsServer]:
    """Run the server in a thread of its own, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                server.answer(self)
            except OSError:
                self.close_connection = True  # who asked has gone

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        web.daemon_threads = True
        thread = threading.Thread(target=web.serve_forever, args=(0.01,))
        thread.start()
        server.url = f"http://127.0.0.1:{web.server_address[1]}/weights.h5"
        try:
            yield server
        finally:
            server.may_go_on.set()
            web.shutdown()
            thread.join()
