"""The strict reading of bytes: what I-JSON allows passes, everything else is refused by its own name."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import wire
from schemas.errors import DuplicateName, Malformed, NotInteroperable, TooDeep, TooLarge, TooManyNames

_INTEGERS = st.integers(-wire.INTEGER_LIMIT, wire.INTEGER_LIMIT)
_LEAVES = (
    st.none() | st.booleans() | _INTEGERS | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
_OBJECTS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3), max_leaves=6),
    max_size=6,
)


@given(_OBJECTS)
def test_canonical_bytes_read_back_as_the_same_object(value: dict[str, object]) -> None:
    assert wire.parse(wire.canonical(value)) == value


@given(st.binary(max_size=300))
def test_random_bytes_are_read_or_refused_and_never_anything_else(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(wire.parse(data), dict)


@given(st.binary(max_size=100))
def test_base64url_round_trips(data: bytes) -> None:
    assert wire.unb64u(wire.b64u(data)) == data


@given(st.text(alphabet="ABCabc019-_=+/ \n", max_size=8))
def test_one_value_has_one_base64url_spelling(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert wire.b64u(wire.unb64u(text)) == text


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b'{"a":1,"a":1}', DuplicateName),
        (b'{"a":{"b":1,"\\u0062":2}}', DuplicateName),
        (b'{"a":1.0}', NotInteroperable),
        (b'{"a":1e3}', NotInteroperable),
        (b'{"a":NaN}', NotInteroperable),
        (b'{"a":-Infinity}', NotInteroperable),
        (b'{"a":9007199254740992}', NotInteroperable),
        (b'{"a":-0}', NotInteroperable),
        (b'{"a":"\\ud800"}', NotInteroperable),
        (b'{"\\udfff":1}', NotInteroperable),
        (b'{"a":["\\ud800"]}', NotInteroperable),
        (b'{"a":"\xff"}', NotInteroperable),
        (b'\xef\xbb\xbf{"a":1}', Malformed),
        (b"[1]", Malformed),
        (b"", Malformed),
        (b'{"a":1}x', Malformed),
        (b'{"a":"\x01"}', Malformed),
        (b'{"a":' + b"9" * 5000 + b"}", NotInteroperable),
    ],
)
def test_what_readers_could_read_differently_is_refused(data: bytes, refusal: type[Malformed]) -> None:
    with pytest.raises(refusal):
        wire.parse(data)


def test_size_is_bounded_before_parsing() -> None:
    with pytest.raises(TooLarge) as caught:
        wire.parse(b" " * (wire.MESSAGE_LIMIT + 1))
    assert caught.value.facts["limit"] == wire.MESSAGE_LIMIT


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_is_bounded_even_for_a_hundred_thousand_levels(opening: bytes) -> None:
    with pytest.raises(TooDeep):
        wire.parse(opening * 40_000)


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    value = {"a": '[[[[{{{{\\"' * 50}
    assert wire.parse(json.dumps(value).encode()) == value


def test_the_number_of_names_is_bounded() -> None:
    with pytest.raises(TooManyNames):
        wire.parse(json.dumps({str(n): n for n in range(wire.NAMES_LIMIT + 1)}).encode())


@pytest.mark.parametrize("text", ["YQ==", "YQ=", "YR", "YQ\n", " YQ", "Y", "a+b/", "é"])
def test_malleable_base64url_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        wire.unb64u(text)


@pytest.mark.parametrize("token", [b"a.b", b"a.b.c.d", "é.b.c".encode()])
def test_a_compact_token_has_its_number_of_parts(token: bytes) -> None:
    with pytest.raises(Malformed):
        wire.split_compact(token, 3, limit=100)
