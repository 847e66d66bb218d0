"""Packs pages for the way (gzip), so that they are light on a slow line, without telling by their length.

A page holds a secret (the token of its forms) and may hold words that a visitor sent; the length of a packed
page tells whether they are alike (BREACH, CVE-2013-3587). So each answer gets a name of random length into
its gzip header, which every reader skips (Palacios et al., "Heal the BREACH", 2022; Django does the same).
"""

from __future__ import annotations

import gzip
import io
import secrets
from typing import Final

from flask import Flask, Response, request

_WORTH_IT: Final = 1000
"""Bytes below which a page goes as it is."""
_LEVEL: Final = 6
_MOST_ADDED: Final = 100


def pack_pages(app: Flask) -> None:
    """Pack every page of this application for browsers that take it packed."""

    @app.after_request
    def pack(response: Response) -> Response:
        if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
            return response
        response.vary.add("Accept-Encoding")
        page = response.get_data()
        if request.accept_encodings["gzip"] and len(page) >= _WORTH_IT:
            response.set_data(packed(page))
            response.headers["Content-Encoding"] = "gzip"
        return response


def packed(page: bytes) -> bytes:
    """Give a page packed, longer by a random number of bytes."""
    whole = io.BytesIO()
    name = "x" * secrets.randbelow(_MOST_ADDED + 1)
    with gzip.GzipFile(name, "wb", compresslevel=_LEVEL, fileobj=whole, mtime=0) as file:
        file.write(page)
    return whole.getvalue()
