"""The service as an ASGI application: which addresses there are, and what they answer."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Collection, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from cnnstudio.core.dataset.images import pixels_in_header
from cnnstudio.core.errors import StudioError
from cnnstudio.core.file_names import legible
from cnnstudio.core.predictions import NamedBytes, PictureProblem
from cnnstudio.serve.answering import Answer, Answering
from cnnstudio.serve.documented import PREDICT_BODY, Answers, Fault, Health, Labels
from cnnstudio.serve.guard import Guard
from cnnstudio.serve.limits import Limits
from cnnstudio.serve.pages import documentation_page, drop_page
from cnnstudio.serve.receiving import BodyReader, pictures_in
from cnnstudio.serve.refusal import Refusal

_log = logging.getLogger(__name__)

_LARGE_BYTES = 1_000_000

_PLACES = "POST /predict asks; GET /, /docs, /labels and /health tell about the service."


class Service:
    """Answers requests with one run.

    `answering` must have been started. `host_names` and `token` are as in `Guard`.
    """

    def __init__(
        self,
        answering: Answering,
        limits: Limits,
        host_names: Collection[str] | None = None,
        token: str = "",
    ) -> None:
        self._answering = answering
        self._limits = limits
        self._bodies = BodyReader(limits)
        run = answering.run
        self._run_name = legible(run.name)
        self._names = [legible(name) for name in run.class_names]
        self._titles = [legible(title) for title in run.class_titles]
        self.app = FastAPI(
            title=f"CNN Studio: {self._run_name}",
            description="Says which class a picture belongs to.",
            version=_program_version(),
            docs_url=None,  # FastAPI's own pages load their scripts from the internet
            redoc_url=None,
        )
        self._add_routes()
        self._add_errors()
        self.app.add_middleware(Guard, host_names=host_names, token=token)

    def _add_routes(self) -> None:
        faults: dict[int | str, dict[str, Any]] = {
            status: {"model": Fault, "description": meaning}
            for status, meaning in (
                (400, "Not understood"),
                (413, "Too large, or too many pictures"),
                (415, "Of a type that is not understood"),
                (422, "None of the pictures can be read"),
                (503, "Busy: try again after the seconds in Retry-After"),
            )
        }
        self.app.post(
            "/predict",
            summary="Ask about one picture or several",
            response_model=None,
            responses={200: {"model": Answers}, **faults},
            openapi_extra={"requestBody": PREDICT_BODY},
        )(self.predict)
        told: tuple[tuple[str, str, Any, Any], ...] = (
            ("/labels", "The classes it tells apart", self.labels, Labels),
            ("/health", "Whether it is ready", self.health, Health),
        )
        for path, summary, handler, model in told:
            self.app.get(
                path, summary=summary, response_model=None, responses={200: {"model": model}}
            )(handler)
            self.app.head(path, include_in_schema=False, response_model=None)(handler)
        for path, shown in (("/", self.page), ("/docs", self.documentation)):
            self.app.api_route(
                path, methods=["GET", "HEAD"], include_in_schema=False, response_model=None
            )(shown)

    def _add_errors(self) -> None:
        self.app.add_exception_handler(Refusal, _refused)
        self.app.add_exception_handler(StudioError, _failed)
        self.app.add_exception_handler(HTTPException, _not_there)
        self.app.add_exception_handler(Exception, _unexpected)

    async def predict(self, request: Request) -> Response:
        """Answer every picture; one that cannot be read has its problem in the answer's place."""
        async with self._bodies.body(request) as body:
            kind = request.headers.get("content-type", "")
            if len(body) > _LARGE_BYTES:  # it would keep the others waiting
                pictures = await asyncio.to_thread(pictures_in, kind, body, self._limits)
            else:
                pictures = pictures_in(kind, body, self._limits)
            del body
            if len(pictures) > 1:  # one alone is held to its own limit before it is decoded
                await asyncio.to_thread(_check_pixels, pictures, self._limits)
            answers = await self._answering.answers_to(pictures)
        content: dict[str, Any] = {
            "run": self._run_name,
            "answers": [self._plain(answer) for answer in answers],
        }
        problems = [each.reason for each in answers if isinstance(each, PictureProblem)]
        if len(problems) == len(answers):
            alone = len(problems) == 1
            words = "The picture cannot be read" if alone else "None of the pictures can be read"
            content = {"error": f"{words}: {problems[0]}.", "hint": "", **content}
            return _Json(content, 422)
        return _Json(content)

    async def labels(self) -> Response:
        """Say the classes, in the order of the network's answers."""
        classes = [
            {"name": name, "title": title}
            for name, title in zip(self._names, self._titles, strict=True)
        ]
        return _Json({"run": self._run_name, "classes": classes})

    async def health(self) -> Response:
        """Say that it is ready, and how many pictures wait."""
        content = {
            "status": "ready",
            "run": self._run_name,
            "pictures_waiting": self._answering.waiting,
        }
        return _Json(content)

    async def page(self) -> Response:
        """Return the page on which pictures are dropped."""
        title_of = dict(zip(self._names, self._titles, strict=True))
        page = drop_page(self._run_name, title_of, self._limits)
        return HTMLResponse(page.html, headers={"Content-Security-Policy": page.policy})

    async def documentation(self, request: Request) -> Response:
        """Return the page that tells programmers how to ask."""
        url = request.url_for("predict")
        page = documentation_page(self.app.openapi(), str(url), request.url.query)
        return HTMLResponse(page.html, headers={"Content-Security-Policy": page.policy})

    def _plain(self, answer: Answer) -> dict[str, Any]:
        if isinstance(answer, PictureProblem):
            return {"name": answer.source, "problem": answer.reason}
        place = answer.predicted_index
        order = sorted(range(len(self._names)), key=lambda each: -answer.probabilities[each])
        return {
            "name": answer.source,
            "predicted_class": self._names[place],
            "title": self._titles[place],
            "probability": _number(answer.probabilities[place]),
            "not_sure": answer.is_unsure,
            "reason": answer.reason(self._titles),
            "probabilities": {
                self._names[each]: _number(answer.probabilities[each]) for each in order
            },
        }


def _check_pixels(pictures: Sequence[NamedBytes], limits: Limits) -> None:
    limits.check_pixels(pixels_in_header(each.data) for each in pictures)


class _Json(JSONResponse):
    """JSON as the command line writes it: words as they are."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None  # JSON has nothing else


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return error.response()


async def _failed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, StudioError)
    return Refusal(500, error.sentence, error.hint).response()


async def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = legible(request.url.path[:80])
    words = {404: f"There is nothing at {path}.", 405: f"{path} takes no {request.method}."}
    sentence = words.get(error.status_code, f"{error.detail}.")
    return Refusal(error.status_code, sentence, _PLACES, error.headers).response()


async def _unexpected(_request: Request, error: Exception) -> Response:
    _log.error("A request failed", exc_info=error)
    return Refusal(500, "Something unexpected went wrong.", "Try again.").response()


def _program_version() -> str:
    try:
        return version("cnnstudio")
    except PackageNotFoundError:
        return "unknown"
