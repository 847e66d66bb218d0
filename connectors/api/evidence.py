"""The evidence of a case as one file, to be kept and checked without this service."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from flask import Response
from flask_smorest import Blueprint

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.errors import EvidenceIncomplete
from connectors.evidence.export import export
from connectors.exchange.errors import NotHere
from schemas.messages import fields
from schemas.messages.fields import Strict

blueprint = Blueprint("evidence", __name__, description="Evidence files.")
_CHUNK = 1 << 16


class EvidenceBody(Strict):
    """Whether the opened statements go in: the file then holds personal data."""

    with_contents = fields.Flag(load_default=False)


@blueprint.route("/v1/cases/<case>/evidence", methods=["POST"])
@described(
    Shape(
        "Make the evidence file of a case",
        None,
        body=EvidenceBody,
        file="application/jsonl",
        refuses=[NotHere, EvidenceIncomplete],
    )
)
def make(case: str, body: dict[str, Any]) -> Response:
    """Prove, write and hand over; nothing of the file stays here."""
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        path = Path(folder) / "case.jsonl"
        export(edge().connector, case, path, source=edge().log, with_contents=body["with_contents"])
        file = path.open("rb")  # the name goes with the folder, the open file lasts until it was read
    headers = {
        "Content-Disposition": 'attachment; filename="accord-evidence.jsonl"',
        "Cache-Control": "no-store",
    }
    return Response(_chunks(file), mimetype="application/jsonl", headers=headers)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
