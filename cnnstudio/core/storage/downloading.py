"""Downloads one file over HTTPS: with progress, cancelled at any moment, and resumed later.

Only the standard library is used, which also follows the proxy that a system is set up with.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import http.client
import os
import re
import shutil
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from cnnstudio.core.errors import StudioError
from cnnstudio.core.events import Progress
from cnnstudio.core.jobs import TaskContext
from cnnstudio.core.storage.atomic import cannot_write

T = TypeVar("T")

_CHUNK_BYTES = 1 << 16
_SILENCE_S = 20
"""A server that says nothing for so long cannot be reached."""
_LOOK_EVERY_S = 0.05
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Download:
    """What is to be fetched: from where, what it is called in words, and how large it is.

    More than `most_bytes` is never taken. `hint` says what to do when it does not come.
    """

    url: str
    name: str
    size_bytes: int
    most_bytes: int
    hint: str


def fetch(download: Download, partial: Path, context: TaskContext) -> str:
    """Bring the whole file to `partial`, going on after what is there already.

    Returns:
        The MD5 digest that the server says the file has, in hexadecimal, or nothing.

    Raises:
        Cancelled: the user cancelled; what came stays.
        StudioError: the server cannot be reached or refuses, the connection broke off (what came
            stays), what is sent is too large, or the disk is full.
    """
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        have = partial.stat().st_size if partial.exists() else 0
        free = shutil.disk_usage(partial.parent).free
    except OSError as error:
        raise cannot_write(partial, error) from error
    if have == download.size_bytes:
        return ""
    if have > download.size_bytes:
        have = 0
    if free < download.size_bytes - have:
        raise StudioError(
            f"There is no room for {download.name}: they take"
            f" {_megabytes(download.size_bytes - have)}, and {_megabytes(free)} are free on the"
            f" disk of {partial.parent}.",
            "Free some space, then try again.",
        )
    context.report(Progress(f"Downloading {download.name}", have, download.size_bytes))
    response = _waited_for(lambda: _opened(download, have), context)
    # It closes itself at its end. Closing it sooner would wait for the thread that reads from it.
    _take(response, download, partial, have if _is_rest(response) else 0, context)
    return _md5_of(response.headers)


def _opened(download: Download, have: int) -> http.client.HTTPResponse:
    """Ask the server for what is missing, or for all where it does not do that."""
    try:
        response = _asked(download, have)
        if _is_rest(response) and not _goes_on_at(response, have):
            response.close()
            response = _asked(download, 0)
        return response
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and have:
                return _opened(download, 0)
            raise StudioError(
                f"The server {_host(download)} does not offer {download.name}"
                f" (it answered {error.code}).",
                download.hint,
            ) from error
    except (OSError, http.client.HTTPException) as error:
        raise StudioError(
            f"The server {_host(download)} could not be reached.", download.hint
        ) from error


def _asked(download: Download, have: int) -> http.client.HTTPResponse:
    if not _is_allowed(download.url, download.url):
        raise OSError(f"not over HTTPS: {download.url}")
    # Compressed on the way, the file could not be resumed.
    headers = {"Accept-Encoding": "identity", "User-Agent": "cnnstudio"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(download.url, headers=headers)
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=_certificates()), _Redirects(download.url)
    )
    response: http.client.HTTPResponse = opener.open(request, timeout=_SILENCE_S)
    return response


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a server that sends us elsewhere, but never to a connection that is not encrypted."""

    def __init__(self, begun_at: str) -> None:
        self._begun_at = begun_at

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _is_allowed(newurl, self._begun_at):
            fp.close()
            raise OSError(f"sent on to {newurl}, which is not over HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_allowed(url: str, begun_at: str) -> bool:
    """HTTPS, always; plain HTTP only within this computer, where tests run their server."""
    parts, begun = urlsplit(url), urlsplit(begun_at)
    within = parts.hostname in _LOOPBACK and begun.hostname in _LOOPBACK
    return parts.scheme == "https" or (parts.scheme == "http" and begun.scheme == "http" and within)


def _certificates() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        # Python for macOS and a frozen program on Linux may find none of the system's.
        with contextlib.suppress(ImportError):
            import certifi

            context.load_verify_locations(certifi.where())
    return context


def _is_rest(response: http.client.HTTPResponse) -> bool:
    """Whether the answer is only what was missing; otherwise it begins at the beginning."""
    return response.status == http.client.PARTIAL_CONTENT


def _goes_on_at(response: http.client.HTTPResponse, have: int) -> bool:
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return found is not None and int(found[1]) == have


def _take(
    response: http.client.HTTPResponse,
    download: Download,
    partial: Path,
    began_at: int,
    context: TaskContext,
) -> None:
    words, began = f"Downloading {download.name}", time.monotonic()
    length = response.headers.get("Content-Length")
    total = began_at + int(length) if length and length.isdigit() else download.size_bytes
    done = began_at
    try:
        with partial.open("ab" if began_at else "wb") as stream:
            while max(done, total) <= download.most_bytes:
                chunk = _waited_for(lambda: _next_chunk(response), context)
                if not chunk:
                    break
                stream.write(chunk)
                done += len(chunk)
                left = (time.monotonic() - began) / (done - began_at) * max(total - done, 0)
                context.report(Progress(words, done, total, left))
            stream.flush()
            os.fsync(stream.fileno())
        if max(done, total) > download.most_bytes:
            partial.unlink()
    except OSError as error:
        raise cannot_write(partial, error) from error
    if max(done, total) > download.most_bytes:
        raise StudioError(
            f"The server {_host(download)} sends more than {download.name}; nothing was kept.",
            download.hint,
        )
    if done < total:
        raise StudioError(
            f"The connection broke off after {_megabytes(done)} of {_megabytes(total)}.",
            "Start the download again: it goes on where it ended.",
        )


def _next_chunk(response: http.client.HTTPResponse) -> bytes:
    """Return what comes next; nothing at the end, and nothing when the connection is lost."""
    try:
        return response.read1(_CHUNK_BYTES)
    except (OSError, http.client.HTTPException):
        return b""


def _waited_for(call: Callable[[], T], context: TaskContext) -> T:
    """Return what a call returns that may wait for the network, and let the user cancel meanwhile.

    The call is made in a thread of its own, which ends by itself when nobody waits any more.
    """
    outcome: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def make() -> None:
        try:
            outcome.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            outcome.put((None, error))

    threading.Thread(target=make, name="download", daemon=True).start()
    while True:
        context.checkpoint()
        try:
            result, error = outcome.get(timeout=_LOOK_EVERY_S)
        except Empty:
            continue
        if error is not None:
            raise error
        return result  # type: ignore[return-value]


def _md5_of(headers: Any) -> str:
    """Return the digest that Google's servers send along: "x-goog-hash: md5=" and base 64."""
    for value in headers.get_all("x-goog-hash") or ():
        for part in value.split(","):
            kind, _, digest = part.strip().partition("=")
            if kind == "md5":
                with contextlib.suppress(binascii.Error, ValueError):
                    return base64.b64decode(digest, validate=True).hex()
    return ""


def _host(download: Download) -> str:
    return urlsplit(download.url).hostname or download.url


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
