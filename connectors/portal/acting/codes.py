"""One-time codes of the portal: for whoever is to act for somebody, and for a ward's first sign-in.

A code has 100 bits; only its digest is kept, so that the tables do not give it away. How often codes may be
tried is the caller's to limit.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

from schemas.messages import joining

CODE_LIFE: Final = timedelta(days=14)
"""Long enough for a letter."""


def new_code() -> str:
    """Make a code in groups of five, without signs that are mistaken for each other."""
    return joining.new_code()


def code_hash(purpose: str, code: str) -> str:
    """Give what is kept of a code, bound to what it is for: mandate or link.

    Spaces, any kind of dash and small letters are as people type them.
    """
    plain = "".join(sign for sign in code if sign.isalnum()).upper()
    return hashlib.sha256(f"accord/portal/{purpose}/1\x00{plain}".encode("utf-8", "replace")).hexdigest()
