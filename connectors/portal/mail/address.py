"""What is taken for an e-mail address; it is not looked up, and nothing is sent to try it.

The strict half of RFC 5321: what is not taken here could end a header line and begin another.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.errors import Invalid

_LONGEST: Final = 254  # RFC 5321 §4.5.3.1, as RFC 3696's erratum 1690 reads it
_LONGEST_LOCAL: Final = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})+", re.ASCII)


def check_address(text: str) -> str:
    """Give an address back as it may be written into a header; raise Invalid."""
    found = _ADDRESS.fullmatch(text)
    if found is None or len(text) > _LONGEST or len(found["local"]) > _LONGEST_LOCAL:
        raise Invalid("Write an e-mail address like name@example.org.", path="email")
    return text
