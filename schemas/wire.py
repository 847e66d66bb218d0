"""From bytes to JSON, bounded and strict; from JSON to canonical bytes; base64url without slack.

Everything that arrives from outside passes here first. It does not know what the JSON means.
Rules: I-JSON (RFC 7493), JSON Canonicalization Scheme (RFC 8785), base64url without padding (RFC 7515 §2).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import rfc8785

from schemas.errors import DuplicateName, Malformed, NotInteroperable, TooDeep, TooLarge, TooManyNames

MESSAGE_LIMIT = 256 * 1024
"""Bytes of one message: what a sealed record for several readers needs, and no more to parse than that."""
DEPTH_LIMIT = 16
"""Levels of nesting; the deepest published schema has seven."""
NAMES_LIMIT = 1000
"""Members over all objects together: bounds the work of validation."""
INTEGER_LIMIT = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 7493 §2.2)."""

_STRUCTURE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]|[\]}]|:', re.DOTALL)
_TO_BASE64 = bytes.maketrans(b"-_+/=", b"+/***")
"""base64url in the letters that the library reads; what only the other alphabet has becomes no letter."""
_LAST = {
    0: frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    1: frozenset(""),
    2: frozenset("AQgw"),
    3: frozenset("AEIMQUYcgkosw048"),
}
"""Last characters whose unused bits are zero, by length modulo four (RFC 4648 §3.5)."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(data: bytes, *, limit: int = MESSAGE_LIMIT) -> dict[str, Any]:
    """Read one JSON object.

    Bounded before it is parsed (size, depth, number of names), then strict: UTF-8 without byte order mark,
    no duplicate names, no numbers but integers that are exact everywhere, no lone surrogates.
    Raises Malformed or one of its kinds.
    """
    if len(data) > limit:
        raise TooLarge(f"At most {limit} bytes are read here.", limit=limit, size=len(data))
    _bound(data)
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise NotInteroperable("The JSON is not valid UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("The bytes are not JSON.") from error
    if not isinstance(value, dict):
        raise Malformed("The JSON is not an object.")
    if "\\u" in text:
        _refuse_surrogates(value)
    return value


def canonical(value: Mapping[str, Any]) -> bytes:
    """Give the one byte string that stands for this JSON (RFC 8785)."""
    try:
        return rfc8785.dumps(dict(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotInteroperable("The value has no canonical form.") from error


def b64u(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(text: str) -> bytes:
    """Decode base64url; refuse padding, other alphabets and non-zero trailing bits.

    One value has one spelling, so that a token cannot be altered and still verify.
    """
    try:
        encoded = text.encode("ascii").translate(_TO_BASE64)
        data = binascii.a2b_base64(encoded + b"=" * (-len(encoded) % 4), strict_mode=True)
    except ValueError as error:  # other characters, or a length that nothing has
        raise Malformed("This is not base64url without padding.") from error
    if text and text[-1] not in _LAST[len(text) % 4]:
        raise Malformed("This base64url has bits set that mean nothing.")
    return data


def split_compact(token: bytes, segments: int, *, limit: int) -> list[str]:
    """Cut a compact JOSE token at its dots; refuse another number of parts, size or alphabet."""
    if len(token) > limit:
        raise TooLarge(f"At most {limit} bytes are read here.", limit=limit, size=len(token))
    try:
        parts = token.decode("ascii").split(".")
    except UnicodeDecodeError as error:
        raise Malformed("A compact token is ASCII.") from error
    if len(parts) != segments:
        raise Malformed(f"A compact token of this kind has {segments} parts.", parts=len(parts))
    return parts


def _bound(data: bytes) -> None:
    if data.count(b"{") + data.count(b"[") <= DEPTH_LIMIT and data.count(b":") <= NAMES_LIMIT:
        return  # even if every one of them counted; a sealed message needs no closer look
    depth = names = 0
    for token in _STRUCTURE.findall(data):
        if token in b"[{":
            depth += 1
            if depth > DEPTH_LIMIT:
                raise TooDeep(f"JSON is read to {DEPTH_LIMIT} levels.", limit=DEPTH_LIMIT)
        elif token in b"]}":
            depth -= 1
        elif token == b":":
            names += 1
            if names > NAMES_LIMIT:
                raise TooManyNames(f"JSON is read with up to {NAMES_LIMIT} names.", limit=NAMES_LIMIT)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateName
    return found


def _integer(literal: str) -> int:
    number = int(literal) if len(literal) <= len(str(INTEGER_LIMIT)) + 1 else INTEGER_LIMIT + 1
    if abs(number) > INTEGER_LIMIT or literal == "-0":
        raise NotInteroperable("An integer is larger than every reader keeps exact.")
    return number


def _no_float(_literal: str) -> NoReturn:
    raise NotInteroperable("Numbers are integers here; amounts are in minor units.")


def _refuse_surrogates(value: Any) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise NotInteroperable("A string holds a lone surrogate.")
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_surrogates(name)
            _refuse_surrogates(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_surrogates(member)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_no_float, parse_constant=_no_float
)
