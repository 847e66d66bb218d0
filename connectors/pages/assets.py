"""Gives what pages load besides themselves: style sheets, scripts, icons; packed once, and kept by browsers.

Takes names of files in `assets/` and nothing else. They are the same for everybody; pages are packed in
`packing`.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request, send_file, send_from_directory, url_for

from connectors.pages.brand import Brand

FOLDER: Final = Path(__file__).parent / "assets"
_PACKED: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HARDEST: Final = 9


def assets(brand: Brand) -> Blueprint:
    """Make the blueprint that gives them."""
    blueprint = Blueprint("assets", __name__, url_prefix="/assets")
    logo = brand.logo

    @blueprint.get("/<path:filename>", endpoint="static")
    def give(filename: str) -> Response:
        answer = _packed_answer(filename) if request.accept_encodings["gzip"] else None
        answer = answer or send_from_directory(FOLDER, filename)
        answer.vary.add("Accept-Encoding")
        return answer

    if logo is not None:

        @blueprint.get("/logo")
        def show_logo() -> Response:
            return send_file(logo)

    return blueprint


def asset(name: str) -> str:
    """Give the address of an asset, with its digest, so that a new version is never taken from a cache."""
    return url_for("assets.static", filename=name, v=_digest(name))


def _packed_answer(filename: str) -> Response | None:
    """Answer with the packed file; None for what is not one of ours, or is packed already."""
    if filename not in _names():
        return None
    answer = Response(_packed(filename), content_type=_PACKED[Path(filename).suffix])
    answer.headers["Content-Encoding"] = "gzip"
    answer.set_etag(f"{_digest(filename)}-gzip")
    answer.make_conditional(request)
    return answer


@cache
def _names() -> frozenset[str]:
    """List what can be packed: only a name that is in here is ever opened."""
    found = (path for path in FOLDER.rglob("*") if path.suffix in _PACKED)
    return frozenset(path.relative_to(FOLDER).as_posix() for path in found)


@cache
def _packed(name: str) -> bytes:
    return gzip.compress((FOLDER / name).read_bytes(), _HARDEST, mtime=0)


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
