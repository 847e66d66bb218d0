"""Seals the examples once and keeps the bytes: `python -m schemas.vectors.freeze`. Run only when an example's
content changes, because every run gives other bytes (sealing draws fresh randomness).
"""

from __future__ import annotations

import json
from pathlib import Path

from schemas import instant, seal, statement
from schemas.vectors import examples
from schemas.vectors.known_keys import SEALING, SIGNING

FILE = Path(__file__).with_name("frozen_seals.json")


def freeze() -> dict[str, dict[str, str]]:
    """Attest and seal one statement of every sealed type for each of its recipients."""
    frozen = {}
    for type_name, envelope in examples.sealed_types().items():
        attested = _attested(envelope)
        frozen[type_name] = {to: _sealed(attested, to, envelope["from"]) for to in envelope["to"]}
    # What a recipient would do to pass a record on as its own.
    release = _attested(examples.sealed_types()["record.release/1"])
    frozen["forwarded"] = {"citizen": _sealed(release, "citizen", examples.SOUTH)}
    return frozen


def _attested(envelope: examples.Json) -> str:
    return statement.attest(
        examples.contents()[envelope["schema"]],
        id=examples.STATEMENT,
        iss=envelope["from"],
        case=examples.CASE,
        schema=envelope["schema"],
        at=instant.parse(examples.AT),
        key=SIGNING[envelope["from"]],
    )


def _sealed(attested: str, reader: str, sender: str) -> str:
    return seal.seal(attested.encode(), to=SEALING[reader].public, sender_kid=SIGNING[sender].kid)


if __name__ == "__main__":
    FILE.write_text(json.dumps(freeze(), indent=1, sort_keys=True) + "\n", "utf-8")
