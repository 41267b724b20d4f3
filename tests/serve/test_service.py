"""What the web service answers, and how it refuses."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import struct
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from cnnstudio.core.errors import StudioError
from cnnstudio.core.evaluation.caution import load_caution, save_caution
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.predicting import predict_pictures
from cnnstudio.core.predictions import NamedBytes, Prediction
from cnnstudio.core.runs import Run
from cnnstudio.serve.answering import Answering
from cnnstudio.serve.limits import Limits
from cnnstudio.serve.service import Service
from tests.fakes import FakeEngine
from tests.serve.conftest import URL, Asking, Serve, asking, coloured

RED, GREEN = coloured("red"), coloured("green", kind="JPEG")
TOKEN = "a token of some length"
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=x"}


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def classes_in(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [each.get("predicted_class", "a problem") for each in response.json()["answers"]]


def fault_of(response: httpx.Response, status: int) -> str:
    """The sentence of an error, which looks as all of them do."""
    assert response.status_code == status, response.text
    content = response.json()
    assert {"error", "hint"} <= set(content)
    assert content["error"].endswith(".")
    return str(content["error"])


def part(name: str, content: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n"


# Three ways to ask


def test_files_json_and_bytes_are_answered_alike(service: Asking) -> None:
    form = [("a", ("one.png", RED)), ("b", ("two.jpg", GREEN)), ("c", ("three.png", RED))]
    assert classes_in(service.post("/predict", files=form)) == ["red", "green", "red"]
    single = service.post("/predict", json={"picture": in_base64(RED)})
    assert classes_in(single) == ["red"]
    several = [in_base64(GREEN), {"name": "my red", "data": f"data:x;base64,{in_base64(RED)}"}]
    response = service.post("/predict", json={"pictures": several, "picture": None})
    assert classes_in(response) == ["green", "red"]
    assert [each["name"] for each in response.json()["answers"]] == ["picture 1", "my red"]
    kind = {"Content-Type": "image/jpeg"}
    assert classes_in(service.post("/predict", content=GREEN, headers=kind)) == ["green"]


def test_an_answer_is_what_the_window_says(
    service: Asking, run: Run, fake_engine: FakeEngine
) -> None:
    (told,) = service.post("/predict", files={"file": ("one.png", RED)}).json()["answers"]
    made: list[Any] = []
    task = predict_pictures(fake_engine, run, [NamedBytes("one.png", RED)])
    task(TaskContext(made.append))
    expected = next(each.prediction for each in made if hasattr(each, "prediction"))
    assert isinstance(expected, Prediction)
    assert told == {
        "name": "one.png",
        "predicted_class": expected.predicted_class,
        "title": "red",
        "probability": expected.probability,
        "not_sure": expected.is_unsure,
        "reason": expected.reason(),
        "probabilities": dict(expected.ranked()),
    }
    assert list(told["probabilities"]) == ["red", "green"], "the likeliest first"


def test_a_choice_made_meanwhile_counts_at_once(service: Asking, run: Run) -> None:
    caution = load_caution(run.folder)
    assert caution is not None
    before = service.post("/predict", files={"file": RED}).json()["answers"][0]
    save_caution(run.folder, replace(caution, least_probability=0.9999999))
    try:
        after = service.post("/predict", files={"file": RED}).json()["answers"][0]
    finally:
        save_caution(run.folder, caution)
    assert (before["not_sure"], after["not_sure"]) == (False, True)
    assert "red" in after["reason"]


def test_one_bad_picture_among_many_does_not_keep_the_others_from_their_answers(
    service: Asking,
) -> None:
    files = [("f", ("a.png", RED)), ("f", ("b.png", RED[:60])), ("f", ("c.txt", b"hello you"))]
    answers = service.post("/predict", files=files).json()["answers"]
    assert answers[0]["predicted_class"] == "red"
    assert set(answers[1]) == {"name", "problem"}
    assert "too early" in answers[1]["problem"]
    assert "not a picture" in answers[2]["problem"]
    only = service.post("/predict", files={"file": ("c.txt", b"hello you")})
    assert "not a picture" in fault_of(only, 422)
    assert only.json()["answers"][0]["problem"]


def test_the_service_tells_about_itself(service: Asking) -> None:
    assert service.get("/health").json()["status"] == "ready"
    assert [each["name"] for each in service.get("/labels").json()["classes"]] == ["green", "red"]
    description = service.get("/openapi.json").json()
    assert set(description["paths"]) == {"/predict", "/labels", "/health"}
    for path in ("/", "/docs"):
        page = service.get(path)
        assert page.headers["content-type"].startswith("text/html")
        assert "http://" not in page.text.replace(URL, ""), "nothing is loaded from elsewhere"
        assert "https://" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert f"{URL}/predict" in service.get("/docs").text


def test_a_class_cannot_bring_a_script_into_the_page(
    answering: Callable[[Limits], Answering], run: Run
) -> None:
    what = answering(Limits())
    evil = "</script><script>alert(1)"
    what.run = replace(run, name=evil, class_titles=(evil, "red"))
    client = Asking(Service(what, Limits()))
    assert evil not in client.get("/").text
    assert evil not in client.get("/docs").text


# Who may ask


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:8000"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Host": ""}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_other_websites_are_refused(service: Asking, headers: dict[str, str], status: int) -> None:
    response = service.post(
        "/predict", content=RED, headers={"Content-Type": "image/png"} | headers
    )
    fault_of(response, status)
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_the_names_of_this_computer_are_answered(service: Asking, host: str) -> None:
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert service.get("/health", headers=headers).status_code == 200


def test_with_a_token_only_those_who_know_it_are_answered(serve: Serve) -> None:
    client = serve(token=TOKEN)
    for path in ("/", "/docs", "/health", "/openapi.json", "/labels", "/nowhere"):
        fault_of(client.get(path), 401)
    for wrong in ("Bearer", "Bearer x", f"Basic {TOKEN}", "Bearer \xe9"):
        fault_of(client.get("/health", headers={"Authorization": wrong.encode("latin-1")}), 401)
    fault_of(client.get("/health", params={"token": TOKEN[:-1]}), 401)
    assert client.get("/", params={"token": TOKEN}).status_code == 200
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert classes_in(client.post("/predict", files={"f": RED}, headers=headers)) == ["red"]


# What is refused


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (b"", "image/png", 400, "empty"),
        (b"", "multipart/form-data; boundary=x", 400, "empty"),
        (RED, "text/plain", 415, "text/plain"),
        (RED, "", 415, "type"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "x-www-form"),
        (b"{", "application/json", 400, "not JSON"),
        (b"[" * 100_000, "application/json", 400, "JSON"),
        (b"\xff\xfe", "application/json", 400, "not JSON"),
        (b"[]", "application/json", 400, "pictures"),
        (b'{"pictures": []}', "application/json", 400, "no picture"),
        (b'{"pictures": "x"}', "application/json", 400, "pictures"),
        (b'{"picture": 5}', "application/json", 400, "Picture 1 is not text"),
        (b'{"picture": "x", "pictures": ["y"]}', "application/json", 400, "both"),
        (b'{"pictures": [{"name": "x"}]}', "application/json", 400, "Picture 1 is not text"),
        (b'{"picture": "@@@"}', "application/json", 400, "not base64"),
        (b'{"picture": "caf\xc3\xa9"}', "application/json", 400, "not base64"),
        (b"no form at all", "multipart/form-data; boundary=x", 400, "form"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400, "no picture"),
        (part("a.png", RED), "multipart/form-data; boundary=x", 400, "too early"),
        (part("a.png", RED)[:50], "multipart/form-data; boundary=x", 400, "too early"),
        (part("a.png", RED) + b"--x--\r\n", "multipart/form-data", 400, "boundary"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n5\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            400,
            "no picture",
        ),
        (b"--x\r\n" + b"A: b\r\n" * 50_000, "multipart/form-data; boundary=x", 400, "form"),
    ],
)
def test_what_is_not_understood_is_said_in_a_sentence(
    service: Asking, content: bytes, kind: str, status: int, words: str
) -> None:
    response = service.post("/predict", content=content, headers={"Content-Type": kind})
    assert words in fault_of(response, status)


def test_unknown_places_and_methods_are_said(service: Asking) -> None:
    assert "/nowhere" in fault_of(service.get("/nowhere"), 404)
    assert "GET" in fault_of(service.get("/predict"), 405)
    fault_of(service.ask("DELETE", "/"), 405)
    fault_of(service.get("/../../etc/passwd"), 404)


def test_a_compressed_request_is_not_unpacked(service: Asking) -> None:
    bomb = gzip.compress(bytes(5_000_000))
    headers = {"Content-Encoding": "gzip", "Content-Type": "image/png"}
    fault_of(service.post("/predict", content=bomb, headers=headers), 415)


def test_too_much_is_refused(serve: Serve) -> None:
    client = serve(Limits(body_bytes=5000, pictures=3))
    kind = {"Content-Type": "image/png"}
    fault_of(client.post("/predict", content=bytes(5001), headers=kind), 413)

    async def untold() -> AsyncIterator[bytes]:
        for _ in range(2):
            yield bytes(3000)

    fault_of(client.post("/predict", content=untold(), headers=kind), 413)
    files = [("f", (f"{number}.png", RED)) for number in range(4)]
    assert "at most 3" in fault_of(client.post("/predict", files=files), 413)
    several = {"pictures": ["x"] * 4}
    assert "at most 3" in fault_of(client.post("/predict", json=several), 413)
    assert classes_in(client.post("/predict", files=files[:3])) == ["red"] * 3


def test_a_form_of_ten_thousand_parts_is_refused(service: Asking) -> None:
    body = b"".join(part(f"{number}.png", b"x") for number in range(10_000)) + b"--x--\r\n"
    assert "at most 100" in fault_of(service.post("/predict", content=body, headers=BOUNDARY), 413)


def pretending(side_px: int) -> bytes:
    """A PNG that says it is a large square, of a few bytes."""
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000)))):
        checked = name + content
        made += struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
    return made


def test_a_picture_of_too_many_pixels_is_not_decoded(service: Asking) -> None:
    bomb = pretending(60_000)
    answers = service.post("/predict", files=[("f", bomb), ("f", RED)]).json()["answers"]
    assert "3600 megapixels; at most 50" in answers[0]["problem"]
    assert answers[1]["predicted_class"] == "red"


def test_nor_are_many_that_have_too_many_together(service: Asking) -> None:
    response = service.post("/predict", files=[("f", pretending(7000))] * 100)
    assert "4,900 megapixels together: at most 500" in fault_of(response, 413)
    assert "fewer or smaller pictures" in response.json()["hint"]


def test_a_model_that_is_gone_is_said(service: Asking, model_file_gone: Path) -> None:
    assert "missing" in fault_of(service.post("/predict", files={"f": RED}), 500)


def test_what_nobody_foresaw_is_said_without_a_traceback(
    service: Asking, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(fake_engine, "predict_with_features", fail)
    monkeypatch.setattr(fake_engine, "predict", fail)
    response = service.post("/predict", files={"f": RED})
    assert "secret" not in response.text
    fault_of(response, 500)
    monkeypatch.undo()
    assert classes_in(service.post("/predict", files={"f": RED})) == ["red"], "it goes on"


def test_a_model_that_cannot_be_loaded_is_no_service(
    run: Run, fake_engine: FakeEngine, model_file_gone: Path
) -> None:
    answering = Answering(fake_engine, run, Limits())
    with pytest.raises(StudioError, match="missing"):
        answering.start()
    answering.close()


# Many at once


class Gate:
    """Lets the engine answer when the test says so."""

    def __init__(self, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lots: list[int] = []
        self._open = threading.Event()
        ask = engine.predict

        def waits(model_file: Path, pictures: Any) -> Any:
            self.lots.append(len(pictures))
            assert self._open.wait(10)
            return ask(model_file, pictures)

        monkeypatch.setattr(engine, "predict", waits)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Gate]:
    return lambda: Gate(fake_engine, monkeypatch)


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def test_pictures_of_waiting_requests_are_answered_together_on_one_thread(
    answering: Callable[[Limits], Answering], gate: Callable[[], Gate], fake_engine: FakeEngine
) -> None:
    limits = Limits()
    what = answering(limits)
    held = gate()

    async def ask() -> list[httpx.Response]:
        async with asking(Service(what, limits)) as client:
            asked = [
                asyncio.create_task(client.post("/predict", files={"f": RED if even else GREEN}))
                for even in (True, False) * 30
            ]
            # One is in work, whatever came with it; all others are decoded and wait.
            await wait_for(lambda: bool(held.lots) and len(what._ready) == 60 - held.lots[0])
            held.open()
            return await asyncio.gather(*asked)

    answers = asyncio.run(ask())
    assert [classes_in(each) for each in answers] == [["red"], ["green"]] * 30
    assert sum(held.lots) == 60
    assert len(held.lots) <= 4, held.lots
    assert max(held.lots) <= 32
    assert len(fake_engine.threads) == 1
    assert what.waiting == 0


def test_more_than_can_wait_is_refused_with_a_time_to_try_again(
    answering: Callable[[Limits], Answering], gate: Callable[[], Gate]
) -> None:
    limits = Limits(waiting=3)
    what = answering(limits)
    held = gate()

    async def ask() -> tuple[httpx.Response, list[httpx.Response]]:
        async with asking(Service(what, limits)) as client:
            many = [("f", RED)] * 10
            first = asyncio.create_task(client.post("/predict", files=many))  # nobody waits yet
            await wait_for(lambda: what.waiting == 10)
            refused = await client.post("/predict", files={"f": RED})
            held.open()
            return refused, [await first, await client.post("/predict", files={"f": RED})]

    refused, answered = asyncio.run(ask())
    fault_of(refused, 503)
    assert int(refused.headers["retry-after"]) >= 1
    assert [len(classes_in(each)) for each in answered] == [10, 1]


def test_an_answer_that_takes_too_long_is_given_up_and_makes_room(
    answering: Callable[[Limits], Answering], gate: Callable[[], Gate]
) -> None:
    limits = Limits(seconds=0.1)
    what = answering(limits)
    held = gate()

    async def ask() -> httpx.Response:
        async with asking(Service(what, limits)) as client:
            response = await client.post("/predict", files={"f": RED})
            held.open()
            await wait_for(lambda: what.waiting == 0)
            return response

    response = asyncio.run(ask())
    assert "longer than" in fault_of(response, 503)
    assert "fewer or smaller pictures" in response.json()["hint"]


def test_bodies_together_are_held_to_a_limit_and_slow_ones_are_given_up(serve: Serve) -> None:
    client = serve(Limits(held_bytes=1000))
    headers = {"Content-Type": "image/png"}
    for _ in range(2):  # what was refused is held no longer
        response = client.post("/predict", content=bytes(1001), headers=headers)
        fault_of(response, 503)
    assert classes_in(client.post("/predict", content=RED, headers=headers)) == ["red"]


def test_the_answers_are_json_whatever_a_network_says(
    service: Asking, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = np.full((1, 2), np.nan, np.float32)
    monkeypatch.setattr(fake_engine, "predict", lambda *_: nothing)
    text = service.post("/predict", files={"f": RED}).text
    assert "NaN" not in text
    assert json.loads(text)["answers"][0]["probability"] is None
