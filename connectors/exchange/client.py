"""The coordinator as seen from here, over HTTP: sends messages, collects the mailbox, reads the register.

Answers are bounded and parsed; receipts are checked against the pinned keys before they are believed. What
the coordinator refuses becomes the Refusal of its code; trouble on the way becomes Unreachable, with what
to check. Heads, proofs and the messages inside a page are checked by `incoming`, not here.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import requests

from connectors.exchange.access import ASSERTION_TYPE, Token, assertion, proof
from connectors.exchange.answers import refusal_for, refusal_of, unreachable
from connectors.exchange.errors import ClockAhead, UnreadableAnswer
from connectors.exchange.keyring import Keyring
from connectors.exchange.pinned import PinnedKeys
from schemas import receipt
from schemas.errors import NotSignedIn, Refusal
from schemas.keys import SigningKey
from schemas.receipt import Receipt
from schemas.wire import unb64u

__all__ = ["BATCH", "Admitted", "Coordinator", "Delivered", "Page", "refusal_of"]

BATCH: Final = 64
"""Messages in one POST; what the coordinator takes at least."""
CONNECT_TIMEOUT_S: Final = 10
READ_TIMEOUT_S: Final = 30
"""Above the 25 s for which the mailbox may hold a line open."""
CLOCK_PAUSE: Final = timedelta(seconds=60)
"""How long nothing is sent after the coordinator has said that our clock is ahead."""
ANSWER_LIMIT: Final = 128 * 1024 * 1024
"""More than the largest page (200 messages of 256 KiB in base64) and the largest attachment."""
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A message that the coordinator took, with its promise and, when it has one already, its place."""

    receipt: Receipt
    index: int | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message of a mailbox page, nothing in it checked yet."""

    index: int
    message: bytes
    receipt: bytes
    inclusion: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the mailbox gave, nothing in it checked yet."""

    messages: tuple[Delivered, ...]
    head: bytes
    checkpoint: str
    consistency: tuple[bytes, ...]
    withdrawn: tuple[int, ...]


class Coordinator:
    """One coordinator, one member; safe to be used by several threads."""

    def __init__(
        self,
        url: str,
        member: str,
        keyring: Keyring,
        pinned: PinnedKeys,
        *,
        clock: Callable[[], datetime],
        session: requests.Session | None = None,
    ) -> None:
        """Take the address and who we are; `requests` honours HTTPS_PROXY and NO_PROXY by itself."""
        self._url = url.rstrip("/")
        self._member = member
        self._keyring = keyring
        self.pinned = pinned
        self._clock = clock
        self._session = session or requests.Session()
        self._dpop_key = SigningKey.generate()  # bound to this process: nothing to steal from a disk
        self._token: Token | None = None
        self._lock = threading.Lock()
        self._trusted_clock = False
        self._hold_until: datetime | None = None

    @property
    def line(self) -> tuple[str, requests.Session]:
        """The address, and the session to it: for what is public there and asks for no sign-in (the log)."""
        return self._url, self._session

    # --- messages ----------------------------------------------------------------------------------

    def send(self, messages: Sequence[bytes]) -> list[Admitted | Refusal]:
        """Hand over up to BATCH messages; each gets its own answer, in the same order."""
        body = {"messages": [raw.decode("ascii") for raw in messages]}
        answer = self._json("POST", "/v1/messages/batch", json=body)
        results = answer.get("results")
        if not isinstance(results, list) or len(results) != len(messages):
            raise UnreadableAnswer("The answer to a batch does not have one result for each message.")
        return [self._verdict(raw, result) for raw, result in zip(messages, results, strict=True)]

    def enrol(self, raw: bytes) -> Admitted:
        """Hand over a `member.enrol` message."""
        answer = self._json("POST", "/v1/members", data=raw, headers={"Content-Type": "application/jose"})
        return self._admitted(raw, answer)

    def challenge(self, sealing_jwk: Mapping[str, str]) -> str:
        """Ask for a challenge that only the holder of the sealing key can read."""
        return str(self._json("POST", "/v1/members/challenge", json={"seal": dict(sealing_jwk)})["jwe"])

    def _verdict(self, raw: bytes, result: Mapping[str, Any]) -> Admitted | Refusal:
        if "problem" in result:
            return refusal_of(result["problem"])
        return self._admitted(raw, result)

    def _admitted(self, raw: bytes, answer: Mapping[str, Any]) -> Admitted:
        """Believe a receipt only when a pinned key signed it for exactly these bytes."""
        index = answer.get("index")
        checked = receipt.check(
            str(answer["receipt"]).encode(),
            self.pinned.key_for,
            id=_id_of(raw),
            sha256=hashlib.sha256(raw).digest(),
        )
        return Admitted(checked, index if isinstance(index, int) else None)

    # --- our clock against theirs ------------------------------------------------------------------

    def batch_size(self) -> int:
        """Give how many messages to send: one until an answer has shown that our clock is not ahead.

        What is dated too late is refused for good, and a wrong clock dates everything too late.
        """
        now = self._clock()
        if self._hold_until is not None and now < self._hold_until:
            raise ClockAhead(
                "Our clock is ahead of the coordinator's; nothing is sent until it agrees.",
                remedy="Set the clock by NTP.",
                clock="yours",
            )
        return BATCH if self._trusted_clock else 1

    def clock_agrees(self, *, agrees: bool) -> None:
        """Take what an answer said about our clock."""
        self._trusted_clock = agrees
        self._hold_until = None if agrees else self._clock() + CLOCK_PAUSE

    # --- the mailbox -------------------------------------------------------------------------------

    def mailbox(self, after: int, *, wait: int = 0, limit: int = 200, seen: int = 0) -> Page:
        """Collect what lies behind `after`; `seen` is the log's size that the answer must continue."""
        params = {"after": after, "wait": wait, "limit": limit, "seen": seen}
        answer = self._json("GET", "/v1/mailbox", signed_in=True, params=params)
        try:
            return Page(
                messages=tuple(_delivered(entry) for entry in answer["messages"]),
                head=answer["head"].encode("ascii"),
                checkpoint=str(answer["checkpoint"]),
                consistency=_hashes(answer["consistency"]),
                withdrawn=tuple(int(index) for index in answer.get("withdrawn", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableAnswer("The mailbox's page is not as agreed.") from error

    def acknowledge(self, index: int) -> None:
        """Say that everything up to `index` is stored here."""
        self._request("POST", "/v1/mailbox/ack", signed_in=True, json={"index": index})

    # --- the register ------------------------------------------------------------------------------

    def member(self, member: str) -> dict[str, Any]:
        """Read a member's entry with the raw messages that prove its keys."""
        return self._json("GET", f"/v1/members/{quote(member, safe='')}")

    def members(self) -> dict[str, Any]:
        """Read the list of members; names are the coordinator's word, keys are proven by the directory."""
        return self._json("GET", "/v1/members")

    def agreement(self, ref: str) -> dict[str, Any]:
        """Read an agreement with the raw proposals and signatures."""
        return self._json("GET", f"/v1/agreements/{quote(ref, safe='')}")

    def agreements(self) -> dict[str, Any]:
        """Read the list of agreements."""
        return self._json("GET", "/v1/agreements")

    def case(self, case: str) -> dict[str, Any]:
        """Read who sits in a case, with the raw messages that prove it."""
        return self._json("GET", f"/v1/cases/{quote(case, safe='')}", signed_in=True)

    def consents(self, case: str) -> dict[str, Any]:
        """Read the consents of a case that concern us."""
        return self._json("GET", f"/v1/cases/{quote(case, safe='')}/consents", signed_in=True)

    def proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Ask for the proof that the entry at `index` is in the log of `size` entries."""
        answer = self._json("GET", "/v1/log/proof", params={"index": index, "size": size})
        for name in ("proof", "inclusion", "hashes"):
            if name in answer:
                return _hashes(answer[name])
        raise UnreadableAnswer("The answer holds no proof.")

    # --- attachments -------------------------------------------------------------------------------

    def upload(self, blob: bytes) -> str:
        """Upload a sealed blob under its own hash; doing it twice changes nothing."""
        sha256 = hashlib.sha256(blob).hexdigest()
        self._request(
            "PUT",
            f"/v1/attachments/{sha256}",
            signed_in=True,
            data=blob,
            headers={"Content-Type": "application/octet-stream"},
        )
        return sha256

    def download(self, sha256: str) -> bytes:
        """Download a sealed blob; it is what its name says, or this raises."""
        blob = self._request("GET", f"/v1/attachments/{quote(sha256, safe='')}", signed_in=True)
        if hashlib.sha256(blob).hexdigest() != sha256:
            raise UnreadableAnswer("The attachment that was given out is not the one that was asked for.")
        return blob

    def ready(self) -> None:
        """Raise Unreachable or TryLater unless the coordinator answers that it is ready."""
        self._request("GET", "/readyz")

    # --- underneath --------------------------------------------------------------------------------

    def token(self) -> str:
        """Give an access token that is good for a while yet."""
        with self._lock:
            now = self._clock()
            if self._token is None or now >= self._token.renew_at:
                self._token = self._new_token(now)
            return self._token.value

    def _new_token(self, now: datetime) -> Token:
        url = f"{self._url}/v1/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self._member,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(self._member, url, self._keyring.signing_key(now), now),
        }
        headers = {"DPoP": proof("POST", url, self._dpop_key, now)}
        answer = self._json("POST", "/v1/token", data=form, headers=headers)
        try:
            return Token.granted(str(answer["access_token"]), int(answer["expires_in"]), now)
        except (KeyError, ValueError) as error:
            raise UnreadableAnswer("The token endpoint's answer is not as agreed.") from error

    def _json(self, method: str, path: str, *, signed_in: bool = False, **kwargs: Any) -> dict[str, Any]:
        body = self._request(method, path, signed_in=signed_in, **kwargs)
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise UnreadableAnswer("The answer is not JSON; is a proxy answering in between?") from error
        if not isinstance(answer, dict):
            raise UnreadableAnswer("The answer is not a JSON object.")
        return answer

    def _request(self, method: str, path: str, *, signed_in: bool = False, **kwargs: Any) -> bytes:
        """Ask once; a token that was refused is renewed and tried once more."""
        try:
            return self._once(method, path, signed_in=signed_in, **kwargs)
        except NotSignedIn:
            if not signed_in:
                raise
            with self._lock:
                self._token = None
            return self._once(method, path, signed_in=signed_in, **kwargs)

    def _once(self, method: str, path: str, *, signed_in: bool, **kwargs: Any) -> bytes:
        url = f"{self._url}{path}"
        headers = dict(kwargs.pop("headers", {}))
        if signed_in:
            token = self.token()
            headers["Authorization"] = f"DPoP {token}"
            headers["DPoP"] = proof(method, url, self._dpop_key, self._clock(), token)
        try:
            answer = self._session.request(
                method,
                url,
                headers=headers,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                allow_redirects=False,  # a redirect would carry the token elsewhere
                stream=True,
                **kwargs,
            )
            with answer:
                return _body(answer)
        except requests.RequestException as error:
            raise unreachable(self._url, error) from error


def _body(answer: requests.Response) -> bytes:
    body = b"".join(_bounded(answer))
    if answer.status_code in _OK:
        return body
    raise refusal_for(answer.status_code, body)


def _bounded(answer: requests.Response) -> list[bytes]:
    chunks, size = [], 0
    for chunk in answer.iter_content(1 << 16):
        size += len(chunk)
        if size > ANSWER_LIMIT:
            raise UnreadableAnswer("The answer is larger than any answer should be.")
        chunks.append(chunk)
    return chunks


def _id_of(raw: bytes) -> str:
    """Read the message id out of bytes that we signed ourselves."""
    payload = json.loads(unb64u(raw.split(b".")[1].decode("ascii")))
    return str(payload["id"])


def _delivered(entry: Mapping[str, Any]) -> Delivered:
    return Delivered(
        int(entry["index"]),
        entry["message"].encode("ascii"),
        entry["receipt"].encode("ascii"),
        _hashes(entry["inclusion"]),
    )


def _hashes(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in texts)
