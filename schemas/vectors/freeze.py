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
        sender = envelope["from"]
        attested = statement.attest(
            examples.contents()[envelope["schema"]],
            id=examples.STATEMENT,
            iss=sender,
            case=examples.CASE,
            schema=envelope["schema"],
            at=instant.parse(examples.AT),
            key=SIGNING[sender],
        )
        frozen[type_name] = {
            to: seal.seal(attested.encode(), to=SEALING[to].public, sender_kid=SIGNING[sender].kid)
            for to in envelope["to"]
        }
    return frozen


if __name__ == "__main__":
    FILE.write_text(json.dumps(freeze(), indent=1, sort_keys=True) + "\n", "utf-8")
