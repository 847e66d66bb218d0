"""Sealed attachments: taken and given as bytes under their own hash; nobody here can open one.

A blob is taken from any member, and given to those who sent or received a message that names it.
"""

from __future__ import annotations

import hashlib
import re

from flask import Request, Response, g, request
from flask_smorest import Blueprint

from coordinator.http import reading as read
from coordinator.http.describe import BYTES, describe
from coordinator.http.edge import edge
from schemas.errors import Malformed, NotFound, NotSignedIn, TooLarge

blueprint = Blueprint("attachments", __name__, description="Sealed blobs that messages name.")

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CHUNK = 256 * 1024
_HASH = {"in": "path", "name": "sha256", "required": True, "schema": {"type": "string", "minLength": 1}}


@blueprint.route("/v1/attachments/<sha256>", methods=["PUT"], parameters=[_HASH])
@describe(
    "Upload a sealed blob",
    body={read.BLOB: BYTES},
    answers={201: ("It is kept.", {}), 204: ("It was kept before.", {})},
    refuses=[NotSignedIn],
)
def put(sha256: str) -> Response:
    """Keep a blob under its hash, at most 25 MiB of it."""
    read.no_query(request)
    name = _hash(sha256)
    here = edge()
    data = _read_hashed(request, name, here.config.limits.attachment_bytes)
    new = here.coordinator.attachments.keep(name, data, by=g.member, now=here.now())
    return Response(status=201 if new else 204)


@blueprint.route("/v1/attachments/<sha256>", methods=["GET"], parameters=[_HASH])
@describe("Download a sealed blob", answers={200: ("The blob.", {read.BLOB: BYTES})}, refuses=[NotSignedIn])
def get(sha256: str) -> Response:
    """Give a blob to a member that sent or received a message naming it."""
    read.no_query(request)
    data = edge().coordinator.attachments.give(_hash(sha256), to=g.member)
    return Response(data, content_type=read.BLOB)


def _read_hashed(request: Request, name: bytes, limit: int) -> bytes:
    """Read piece by piece, counting and hashing: more than the limit is never in memory."""
    read.check_kind(request, read.BLOB)
    # One byte more than allowed: Werkzeug cuts a body of unknown length off at its limit, without a word.
    request.max_content_length = limit + 1
    if (request.content_length or 0) > limit:
        raise TooLarge(f"At most {limit} bytes are kept.", limit=limit)
    digest, pieces, size = hashlib.sha256(), [], 0
    while piece := request.stream.read(_CHUNK):
        size += len(piece)
        if size > limit:
            raise TooLarge(f"At most {limit} bytes are kept.", limit=limit)
        digest.update(piece)
        pieces.append(piece)
    if digest.digest() != name:
        raise Malformed("The blob's SHA-256 is not the one in the address.")
    return b"".join(pieces)


def _hash(text: str) -> bytes:
    if not _SHA256.fullmatch(text):
        raise NotFound("A blob is named by its SHA-256, 64 lower-case hexadecimal digits.")
    return bytes.fromhex(text)
