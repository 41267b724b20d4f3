"""The service on a real socket: what clients do wrong, and how it stops."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.serve import server as serving
from cnnstudio.serve.answering import Answering
from cnnstudio.serve.guard import LOOPBACK_NAMES
from cnnstudio.serve.limits import Limits
from cnnstudio.serve.server import Place, bound_socket, is_local, make_server
from cnnstudio.serve.service import Service
from tests.fakes import FakeEngine
from tests.serve.conftest import coloured

RED = coloured("red")
_LIMITS = Limits(seconds=0.5)


class Served:
    """A service on a port of this computer."""

    def __init__(self, answering: Answering) -> None:
        self.listening = bound_socket(Place(port=0))
        self.address: tuple[str, int] = self.listening.getsockname()
        is_up = threading.Event()
        service = Service(answering, _LIMITS, LOOPBACK_NAMES)
        self.server = make_server(service, _LIMITS, is_up.set)
        self.thread = threading.Thread(target=self.server.run, args=([self.listening],))
        self.thread.start()
        assert is_up.wait(10)

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=10)

    def say(self, request: bytes) -> bytes:
        """Send bytes as they are and return all that comes back until the end."""
        with self.connect() as stream:
            stream.sendall(request)
            return read_all(stream)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()


def read_all(stream: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionResetError):
        while more := stream.recv(65536):
            received += more
    return received


def request(body: bytes, *headers: str) -> bytes:
    lines = ["POST /predict HTTP/1.1", "Host: localhost", "Content-Type: image/png", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def length_of(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


@pytest.fixture
def served(
    answering: Callable[[Limits], Answering], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    monkeypatch.setattr(serving._Connection, "headers_seconds", 0.3)
    it = Served(answering(_LIMITS))
    yield it
    it.stop()


def test_a_picture_is_answered_over_the_wire(served: Served) -> None:
    answer = served.say(request(RED, length_of(RED), "Connection: close"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"uvicorn" not in head
    assert json.loads(body)["answers"][0]["predicted_class"] == "red"


def test_what_is_cut_off_or_no_http_harms_nobody(served: Served) -> None:
    assert b" 400 " in served.say(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    with served.connect() as stream:  # a body in pieces that breaks off
        stream.sendall(request(b"400\r\nabc", "Transfer-Encoding: chunked"))
    with served.connect() as stream:  # a length that is never reached
        stream.sendall(request(RED[:20], "Content-Length: 5000"))
    assert b" 400 " in served.say(request(b"zz\r\n", "Transfer-Encoding: chunked"))
    both = request(b"", "Transfer-Encoding: chunked", "Content-Length: 5", "Connection: close")
    assert b" 200 " not in served.say(both + b"0\r\n\r\n")
    assert b" 200 " in served.say(request(RED, length_of(RED), "Connection: close"))


@pytest.mark.parametrize("sent", [b"", b"POST /pre", b"GET /health HTTP/1.1\r\nHost: loc"])
def test_whoever_does_not_finish_the_first_lines_is_hung_up_on(served: Served, sent: bytes) -> None:
    began = time.monotonic()
    assert served.say(sent) == b""
    assert time.monotonic() - began < 5


def test_so_is_a_second_request_on_the_same_connection(served: Served) -> None:
    with served.connect() as stream:
        stream.sendall(request(RED, length_of(RED)))
        assert b" 200 " in stream.recv(65536)
        stream.sendall(b"GET /health HTTP/1.1\r\n")
        assert b"HTTP/1.1" not in read_all(stream)


def test_a_body_that_trickles_in_is_given_up(served: Served) -> None:
    answer = served.say(request(RED[:20], "Content-Length: 5000"))
    assert b" 408 " in answer
    assert b"did not arrive within" in answer


def test_what_is_in_work_is_answered_before_the_end(
    served: Served, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, is_asked, may_answer = fake_engine.predict, threading.Event(), threading.Event()

    def slow(*given: object) -> object:
        is_asked.set()
        assert may_answer.wait(10)
        return ask(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(fake_engine, "predict", slow)
    with served.connect() as stream:
        stream.sendall(request(RED, length_of(RED)))
        assert is_asked.wait(10)
        served.server.should_exit = True
        threading.Timer(0.2, may_answer.set).start()
        assert b'"predicted_class":"red"' in read_all(stream)
    served.thread.join(10)
    with pytest.raises(OSError, match="refused"):
        served.connect()


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    port = served.address[1]
    with pytest.raises(StudioError, match=f"Port {port} is taken") as caught:
        bound_socket(Place(port=port))
    assert "--port 0" in caught.value.hint


def test_an_address_of_another_computer_is_said() -> None:
    for host in ("192.0.2.1", "no such host"):
        with pytest.raises(StudioError, match="address"):
            bound_socket(Place(host=host, port=0))


def test_only_this_computer_is_local() -> None:
    assert all(map(is_local, ("127.0.0.1", "localhost", "::1", "127.1.2.3")))
    assert not any(map(is_local, ("0.0.0.0", "::", "192.168.1.5", "example.org")))
