"""The service on a real socket: what clients do wrong, and how it stops."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.serve import server as serving
from cnnstudio.serve.answering import Answering
from cnnstudio.serve.limits import Limits
from cnnstudio.serve.server import Place, bound_socket, is_local
from tests.fakes import FakeEngine
from tests.serve.conftest import Served, coloured, read_all

RED = coloured("red")
_LIMITS = Limits(seconds=0.5, connections=8)


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
    it = Served(answering(_LIMITS), _LIMITS)
    yield it
    it.stop()


def test_a_picture_is_answered_over_the_wire(served: Served) -> None:
    answer = served.say(request(RED, length_of(RED), "Connection: close"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"uvicorn" not in head
    assert json.loads(body)["answers"][0]["predicted_class"] == "red"


def test_what_is_cut_off_or_no_http_harms_nobody(served: Served) -> None:
    head, _, body = served.say(b"\x16\x03\x01 this is no HTTP\r\n\r\n").partition(b"\r\n\r\n")
    assert b" 400 " in head
    assert "http://" in json.loads(body)["hint"], "as every error of the service looks"
    with served.connect() as stream:  # a body in pieces that breaks off
        stream.sendall(request(b"400\r\nabc", "Transfer-Encoding: chunked"))
    with served.connect() as stream:  # a length that is never reached
        stream.sendall(request(RED[:20], "Content-Length: 5000"))
    assert b" 400 " in served.say(request(b"zz\r\n", "Transfer-Encoding: chunked"))
    both = request(b"", "Transfer-Encoding: chunked", "Content-Length: 5", "Connection: close")
    assert b" 200 " not in served.say(both + b"0\r\n\r\n")
    assert b" 200 " in served.say(request(RED, length_of(RED), "Connection: close"))


def test_a_connection_too_many_is_told_to_come_back(served: Served) -> None:
    asked = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    others = [served.connect() for _ in range(_LIMITS.connections)]
    head, _, body = served.say(asked).partition(b"\r\n\r\n")
    assert b" 503 " in head
    assert b"retry-after" in head
    assert "connected" in json.loads(body)["error"]
    for each in others:  # whoever was there before is answered
        each.sendall(asked)
        assert b" 200 " in each.recv(65536)
        each.close()


def test_what_is_there_can_be_asked_after_without_its_content(served: Served) -> None:
    for path in ("/", "/docs", "/health", "/labels", "/openapi.json"):
        rest = f" {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        head, _, nothing = served.say(b"HEAD" + rest).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), path
        assert nothing == b""
        content = served.say(b"GET" + rest).partition(b"\r\n\r\n")[2]
        assert f"content-length: {len(content)}".encode() in head


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
