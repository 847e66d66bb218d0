"""The list of files of a copy that somebody takes along: SHA-256 of each, signed by the portal that made it.

SHA256SUMS
    one line for each other file, as `sha256sum` writes and checks them: digest, two spaces, name
SHA256SUMS.jws
    the portal's signature over the digest of that list, and when and by whom it was made

So a changed byte of any file is found with a tool that every system has, and who made the list with ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from schemas.keys import SigningKey
from schemas.signed import sign_typed

LIST: Final = "SHA256SUMS"
SEAL: Final = "SHA256SUMS.jws"
FORMAT: Final = "accord-copy/1"
SEAL_TYP: Final = "accord-copy+jws"


def written(digests: Mapping[str, str]) -> bytes:
    """Write the list; `digests` are hexadecimal, by the files' names in the copy."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode()


def sealed(listed: bytes, *, by: str, made_at: str, key: SigningKey) -> bytes:
    """Sign a list; `by` is the member that made the copy, whose key this is."""
    return sign_typed(about(listed, by=by, made_at=made_at), key, typ=SEAL_TYP)


def about(listed: bytes, *, by: str, made_at: str) -> dict[str, Any]:
    """Give what is signed."""
    return {"format": FORMAT, "by": by, "made_at": made_at, "sha256": hashlib.sha256(listed).hexdigest()}
