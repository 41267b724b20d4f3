"""The one-file classifier: an HTML page that holds a network and what runs it.

It opens by a double click, makes no connection (its own security policy forbids every one) and
runs nothing but the scripts whose digests that policy names.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from collections.abc import Mapping
from typing import Any

from cnnstudio.core.exporting.onnxruntime_web import VERSION, OnnxRuntimeWeb
from cnnstudio.core.resources import resource_path

PAGE_FILE = "classifier.html"

PREPARING_FILES = ("orientation.mjs", "jpeg.mjs", "png.mjs", "preprocessing.mjs")
"""What makes pictures ready in a browser, in `resources/export`; each after what it imports."""

# In the page all is one script, where everything is at hand already.
_IMPORT = re.compile(r'^import .* from "\./.*";\n', re.MULTILINE)
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_DEFAULT_EXPORT = re.compile(r"export\s*\{[^}]*?([\w$]+) as default\b[^}]*\}")


def one_file_page(network: bytes, card: Mapping[str, Any], runtime: OnnxRuntimeWeb) -> bytes:
    """Return the page, UTF-8.

    Args:
        network: the ONNX model; input and outputs are named in the card.
        card: what `model.json` holds.
        runtime: what runs it.
    """
    style = _text("classifier.css")
    script = "".join(_IMPORT.sub("", _text(name)) for name in (*PREPARING_FILES, "classifier.mjs"))
    ort = _as_global(runtime.script.decode())
    parts = {
        "policy": _policy(style, (ort, script)),
        "title": html.escape(str(card["name"])),
        "style": style,
        "runtime": ort,
        "script": script,
        "card": _harmless(card),
        "wasm": _packed(runtime.wasm),
        "model": _packed(network),
        "runtime_version": VERSION,
        "runtime_licence": html.escape(_text("onnxruntime_licence.txt")),
    }
    # In one pass: what is put in is never looked through for places.
    page = _PLACE.sub(lambda place: parts[place[1]], _text("classifier.html"))
    return page.encode()


def _text(name: str) -> str:
    # On Windows a checkout may have other ends of lines; a browser would digest these.
    return resource_path("export", name).read_text(encoding="utf-8")


def _as_global(module: str) -> str:
    """A module in a page exports to nobody: give what it exports the global name `ort`."""
    exported = _DEFAULT_EXPORT.search(module)
    if exported is None or "</script" in module.lower() or "\r" in module:
        raise ValueError("not the script of ONNX Runtime Web that is expected")
    # It looks for files beside itself. Firefox does not let a page that is a file name its place,
    # and nothing is to be looked for: all it needs is given to it.
    module = module.replace("import.meta.url", '"blob:null/onnxruntime-web"')
    return f"{module}\nglobalThis.ort = {exported[1]};\n"


def _policy(style: str, scripts: tuple[str, ...]) -> str:
    allowed = " ".join(map(_digest, scripts))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {allowed} 'wasm-unsafe-eval'",
            f"style-src {_digest(style)}",
            "img-src blob:",
            "media-src blob: mediastream:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _harmless(card: Mapping[str, Any]) -> str:
    """JSON that ends no script element, whatever the names of classes are."""
    return json.dumps(card, allow_nan=False).replace("<", "\\u003c")


def _packed(content: bytes) -> str:
    # Without a time in it, the same model gives the same page.
    return base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()
