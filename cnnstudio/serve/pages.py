"""The pages for a browser: one to drop pictures on, and one that tells programmers how to ask.

Both are whole in themselves: nothing is loaded from anywhere, and the policy sent with each lets
no script run but its own.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cnnstudio.core.resources import resource_path
from cnnstudio.serve.limits import Limits

_EXAMPLES = (
    ("One file, or several", "curl -F file=@one.jpg -F file=@two.png {url}"),
    ("The bytes of one", "curl -H 'Content-Type: image/jpeg' --data-binary @one.jpg {url}"),
    (
        "JSON with base64",
        """printf '{{"picture": "%s"}}' "$(base64 -w0 one.jpg)" | \\\n"""
        "  curl -H 'Content-Type: application/json' -d @- {url}",
    ),
    (
        "Python",
        'import requests\nfiles = [("file", open("one.jpg", "rb"))]\n'
        'print(requests.post("{url}", files=files).json())',
    ),
)

_NOTHING = "'none'"
_POLICY = (
    "default-src 'none'",
    "img-src blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)


@dataclass(frozen=True)
class Page:
    """A page, and the Content-Security-Policy to send with it."""

    html: str
    policy: str


def drop_page(run_name: str, title_of: Mapping[str, str], limits: Limits) -> Page:
    """Return the page that asks about dropped pictures; `title_of` has each class, in order."""
    facts = {
        "run": run_name,
        "titles": [*title_of.values()],
        "title_of": title_of,
        "most_bytes": limits.body_bytes,
    }
    # In a script element nothing but this sign could end it.
    plain = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    return _page(_template("drop.html").replace("{{facts}}", plain))


def documentation_page(description: Mapping[str, Any], url: str, query: str) -> Page:
    """Return the page made from the OpenAPI description.

    `url` is where to ask, `query` what the page was asked with, such as the token.
    """
    parts = [
        f"<h3>{_text(title)}</h3><pre>{_text(example.format(url=url))}</pre>"
        for title, example in _EXAMPLES
    ]
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            parts += _operation(method, path, told)
    parts.append("<h2>What they are made of</h2>")
    for name, schema in description["components"]["schemas"].items():
        parts += _schema(name, schema)
    page = _template("docs.html").replace("{{title}}", _text(description["info"]["title"]))
    page = page.replace("{{openapi}}", _text(f"openapi.json?{query}" if query else "openapi.json"))
    return _page(page.replace("{{body}}", "\n".join(parts)))


def _operation(method: str, path: str, told: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {_text(path)}</code></h2>"
    yield f"<p>{_text(told['description'])}</p>"
    content = told.get("requestBody", {}).get("content", {})
    if content:
        kinds = ", ".join(f"<code>{_text(kind)}</code>" for kind in content)
        yield f"<p>Takes {kinds}.</p>"
    yield "<table><tr><th>Status</th><th>Meaning</th><th>Content</th></tr>"
    for status, response in told["responses"].items():
        media = response.get("content", {}).get("application/json", {})
        kind = _kind(media.get("schema", {}))
        words = _text(response["description"].replace("Successful Response", "Answered"))
        yield f"<tr><td>{_text(status)}</td><td>{words}</td><td>{kind}</td></tr>"
    yield "</table>"


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h3 id="{_text(name)}">{_text(name)}</h3><p>{_text(schema.get("description", ""))}</p>'
    yield "<table><tr><th>Name</th><th>Type</th><th>Meaning</th></tr>"
    for key, told in schema.get("properties", {}).items():
        words = _text(told.get("description", ""))
        yield f"<tr><td><code>{_text(key)}</code></td><td>{_kind(told)}</td><td>{words}</td></tr>"
    yield "</table>"


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = _text(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_kind(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return _text(kind)


def _text(words: str) -> str:
    return html.escape(words.replace("`", ""))


def _template(name: str) -> str:
    return resource_path("serve", name).read_text(encoding="utf-8")


def _page(content: str) -> Page:
    """Join a page to the policy that allows its own style and script, by their hashes."""
    allowed = {
        kind: [_digest(each) for each in re.findall(f"<{kind}>(.*?)</{kind}>", content, re.DOTALL)]
        for kind in ("style", "script")
    }
    policy = [f"{kind}-src {' '.join(each) or _NOTHING}" for kind, each in allowed.items()]
    return Page(content, "; ".join([*policy, *_POLICY]))


def _digest(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
