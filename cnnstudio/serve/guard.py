"""`Guard`: who may ask, checked before anything of a request is read."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cnnstudio.serve.refusal import Refusal

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address may hold the token
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'"


class Guard:
    """Refuses requests from other websites and, where there is a token, all without it.

    `host_names` are those by which the service may be called, None for any. A web page elsewhere
    can give its own name the address 127.0.0.1 (DNS rebinding); its requests then still carry that
    name. What a page of another origin sends carries that origin.
    """

    def __init__(
        self, app: ASGIApp, host_names: Collection[str] | None = None, token: str = ""
    ) -> None:
        self._app = app
        self._host_names = host_names
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Content-Security-Policy", _NOTHING_RUNS)
            await send(message)

        try:
            self._check(scope)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._host_names is not None and _name_of(host) not in self._host_names:
            raise Refusal(
                421,
                "This service is not called by that name.",
                "Use the address that it said at its start.",
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise Refusal(403, "Requests from other websites are refused.")
        if self._token and not hmac.compare_digest(_token_in(scope, headers), self._token):
            raise Refusal(
                401,
                "This service asks for its token.",
                "Send the header Authorization: Bearer TOKEN, or open the address with ?token=TOKEN"
                " that was said at its start.",
                {"WWW-Authenticate": "Bearer"},
            )


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _token_in(scope: Scope, headers: Headers) -> bytes:
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip().encode("utf-8", "replace")
    query: bytes = scope.get("query_string", b"")
    return parse_qs(query.decode("latin-1")).get("token", [""])[0].encode("utf-8", "replace")
