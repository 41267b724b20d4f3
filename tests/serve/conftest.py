"""A service in this process, with a run that tells red from green and needs no TensorFlow."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from cnnstudio.commands.program import make_cli
from cnnstudio.core.runs import Run, load_run
from cnnstudio.serve.answering import Answering
from cnnstudio.serve.guard import LOOPBACK_NAMES
from cnnstudio.serve.limits import Limits
from cnnstudio.serve.server import Place, bound_socket, make_server
from cnnstudio.serve.service import Service
from tests.builders import COLOURS, coloured_folder
from tests.fakes import FakeEngine

URL = "http://127.0.0.1:8000"


def asking(service: Service) -> httpx.AsyncClient:
    """A program that asks a service, in this process."""
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=URL)


class Asking:
    """The same for one request after the other."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("POST", path, **options)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with asking(self._service) as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())


Serve = Callable[..., Asking]


def coloured(colour: str, size: tuple[int, int] = (20, 20), kind: str = "PNG") -> bytes:
    """The content of a picture of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", size, COLOURS[colour]).save(stream, kind)
    return stream.getvalue()


class Served:
    """A service on a port of this computer."""

    def __init__(self, answering: Answering, limits: Limits) -> None:
        self.listening = bound_socket(Place(port=0))
        self.address: tuple[str, int] = self.listening.getsockname()
        is_up = threading.Event()
        service = Service(answering, limits, LOOPBACK_NAMES)
        self.server = make_server(service, limits, is_up.set)
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


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("serve")
    coloured_folder(folder / "colours", {"red": 12, "green": 12})
    train = ["train", folder / "colours", "--size", 32, "--epochs", 2, "--out", folder / "run"]
    cli = make_cli(FakeEngine, lambda *_: 0)
    assert cli.main([str(each) for each in train], standalone_mode=False) == 0
    return load_run(folder / "run")


@pytest.fixture
def answering(run: Run, fake_engine: FakeEngine) -> Iterator[Callable[[Limits], Answering]]:
    """Starts what answers, and ends it."""
    started: list[Answering] = []

    def start(limits: Limits) -> Answering:
        started.append(Answering(fake_engine, run, limits))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def serve(answering: Callable[[Limits], Answering]) -> Serve:
    """Makes a service with limits and a token, and a program that asks it."""

    def start(limits: Limits | None = None, token: str = "") -> Asking:
        limits = limits or Limits()
        service = Service(answering(limits), limits, LOOPBACK_NAMES, token)
        return Asking(service)

    return start


@pytest.fixture
def service(serve: Serve) -> Asking:
    return serve()


@pytest.fixture
def model_file_gone(run: Run) -> Iterator[Path]:
    """The run as if its model had been deleted while it is served."""
    hidden = run.model_file.with_suffix(".hidden")
    run.model_file.rename(hidden)
    yield run.model_file
    hidden.rename(run.model_file)
