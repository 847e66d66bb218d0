"""Looks at everything a connector needs, one line each: ok, warn or fail, what is wrong, and what to do.

Each check raises a Refusal or says what it found; one that fails never hides the next. Sends no message,
opens no record.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import requests

from connectors.commands.setting_up import fetch_keys
from connectors.config import Config
from connectors.exchange.client import CONNECT_TIMEOUT_S, Coordinator
from connectors.exchange.keyring import Keyring
from connectors.exchange.pinned import PinnedKeys
from connectors.exchange.store import agreements, alarms, inbox
from connectors.exchange.store.database import Database, open_database
from connectors.policy.policy import Policy
from connectors.systems.registry import open_system
from schemas import instant
from schemas.errors import KeyNotInForce, Refusal, Unverified

Verdict = Literal["ok", "warn", "fail"]
CLOCK_WARN: Final = timedelta(seconds=5)
CLOCK_FAIL: Final = timedelta(seconds=60)
"""The protocol refuses messages from more than 60 s ahead."""
KEY_WARN: Final = timedelta(days=30)
HEAD_WARN: Final = timedelta(hours=1)
_MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    found: str
    remedy: str | None = None


class Doubt(Refusal):
    """Something works, but not for long or not well."""

    code = "doubt"


@dataclass(slots=True)
class Patient:
    """The connector as far as it could be opened; later checks use what earlier ones opened."""

    config: Config
    session: requests.Session
    now: Callable[[], datetime] = instant.now
    keyring: Keyring | None = None
    pinned: PinnedKeys | None = None
    database: Database | None = None
    coordinator: Coordinator | None = None
    _notes: dict[str, str] = field(default_factory=dict)


Check = Callable[[Patient], str]


def examine(patient: Patient) -> Iterator[Line]:
    """Make every check in order and give its line."""
    for name, check in _checks(patient):
        try:
            yield Line(name, "ok", check(patient))
        except Doubt as doubt:
            yield Line(name, "warn", doubt.detail, doubt.remedy)
        except Refusal as refusal:
            yield Line(name, "fail", refusal.detail, refusal.remedy)
        except Exception as error:  # noqa: BLE001 - a broken check must not hide the others
            yield Line(name, "fail", f"The check itself failed: {type(error).__name__}.", "Report this.")
    if patient.database is not None:
        patient.database.close()


def _checks(patient: Patient) -> Iterator[tuple[str, Check]]:
    yield "settings", lambda p: f"{p.config.file} is complete"
    yield from _OWN
    yield from _WAY
    if not patient.config.is_portal:
        yield "policy", _policy
        for name in patient.config.systems:
            yield f"system {name}", lambda p, name=name: _system(p, name)  # type: ignore[misc]  # binds the loop's name


# --- here -------------------------------------------------------------------------------------------


def _keys(patient: Patient) -> str:
    patient.keyring = Keyring(patient.config.storage.keys)
    now = patient.now()
    for use, key in (("sign", patient.keyring.signing_key(now)), ("seal", patient.keyring.sealing_key(now))):
        until = instant.parse(patient.keyring.entry(key.kid).valid_until)
        if until - now < KEY_WARN:
            raise Doubt(
                f"The key {key.kid} to {use} ends on {until:%Y-%m-%d}.",
                remedy="Run: accord connector keys rotate",
            )
    return f"{len(patient.keyring.entries)} keys, folder 0700, files 0600"


def _token(patient: Patient) -> str:
    path = patient.config.api.token_file
    if not path.exists():
        return "no token yet; made at the first start"
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise Refusal(
            f"{path} can be read by others (mode {mode:04o}).",
            remedy="Delete it and start the connector again.",
        )
    return f"{path.name}, mode {mode:04o}"


def _disk(patient: Patient) -> str:
    free = shutil.disk_usage(patient.config.folder).free // _MEGABYTE
    if free < patient.config.limits.disk_free_mb:
        raise Doubt(f"{free} MB are free.", remedy="Make room: a full disk stops sending and receiving.")
    return f"{free} MB free"


def _database(patient: Patient) -> str:
    patient.database = open_database(patient.config.storage.url)
    with patient.database.reading() as connection:
        found = alarms.open_alarms(connection)
        at = inbox.position(connection).head_seen_at
    if found:
        raise Refusal(
            f"{len(found)} alarms are open, the first: {found[0].kind}. {found[0].detail}",
            remedy="Look at them with: accord connector alarms list",
        )
    if at is not None and patient.now() - instant.from_ms(at) > HEAD_WARN:
        raise Doubt(
            f"The mailbox was last read at {instant.from_ms(at):%Y-%m-%d %H:%M} UTC.",
            remedy="Start the connector, or look why it does not reach the coordinator.",
        )
    return "opens, tables up to date, no alarm"


def _agreements(patient: Patient) -> str:
    if patient.database is None:
        raise Doubt("Not looked at: the database does not open.")
    with patient.database.reading() as connection:
        held = agreements.everything(connection)
    force = [row.ref for row in held if row.status == "in_force"]
    if not force:
        raise Doubt("No agreement is in force here.", remedy="See: accord connector agreement list")
    return ", ".join(force)


def _policy(patient: Patient) -> str:
    policy = Policy.load(patient.config.policy.folder)
    return f"{len(policy.rules)} rules fit the schema"


def _system(patient: Patient, name: str) -> str:
    open_system(name, patient.config.systems[name], patient.config.folder).check()
    return "reachable, mapping fits"


# --- the way to the coordinator ---------------------------------------------------------------------


def _proxy(patient: Patient) -> str:
    found = requests.utils.get_environ_proxies(patient.config.coordinator.url, no_proxy=None)
    scheme = urlsplit(patient.config.coordinator.url).scheme
    return f"through {urlsplit(found[scheme]).hostname}" if scheme in found else "none, dials directly"


def _through_proxy(patient: Patient) -> bool:
    return not _proxy(patient).startswith("none")


def _dns(patient: Patient) -> str:
    host = urlsplit(patient.config.coordinator.url).hostname or ""
    if _through_proxy(patient):
        return "left to the proxy"
    try:
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise Refusal(
            f"The name {host} is not known here.",
            remedy="Check the DNS of this machine and [coordinator] url.",
        ) from error
    return f"{host} is {', '.join(sorted(addresses)[:3])}"


def _tls(patient: Patient) -> str:
    parts = urlsplit(patient.config.coordinator.url)
    if _through_proxy(patient):
        return "left to the proxy"
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S) as plain:
            if parts.scheme != "https":
                return f"port {port} answers (no TLS on this machine)"
            bundle = os.environ.get("REQUESTS_CA_BUNDLE") or requests.utils.DEFAULT_CA_BUNDLE_PATH
            context = ssl.create_default_context(cafile=bundle if Path(bundle).is_file() else None)
            with context.wrap_socket(plain, server_hostname=host) as secured:
                return f"port {port} answers, {secured.version()}"
    except ssl.SSLError as error:
        raise Refusal(
            f"The certificate of {host} is not trusted: {error.reason}.",
            remedy="Check the clock and, behind an inspecting proxy, REQUESTS_CA_BUNDLE.",
        ) from error
    except OSError as error:
        raise Refusal(
            f"Port {port} of {host} does not answer.",
            remedy="Open outbound HTTPS to it in the firewall, or set HTTPS_PROXY.",
        ) from error


def _clock(patient: Patient) -> str:
    """Compare with the Date header, which is cut to seconds: half a second is added."""
    try:
        answer = patient.session.get(f"{patient.config.coordinator.url}/healthz", timeout=CONNECT_TIMEOUT_S)
        theirs = parsedate_to_datetime(answer.headers["Date"]) + timedelta(seconds=0.5)
    except (requests.RequestException, KeyError, ValueError) as error:
        raise Doubt("The coordinator's clock could not be read.") from error
    ahead = patient.now() - theirs
    side = "ahead of" if ahead > timedelta(0) else "behind"
    text = f"{abs(ahead.total_seconds()):.0f} s {side} the coordinator"
    if abs(ahead) > CLOCK_FAIL:
        raise Refusal(f"This machine's clock is {text}.", remedy="Set it, and run a time service (NTP).")
    if abs(ahead) > CLOCK_WARN:
        raise Doubt(f"This machine's clock is {text}.", remedy="Run a time service (NTP).")
    return text


def _pinned(patient: Patient) -> str:
    patient.pinned = PinnedKeys.read(patient.config.coordinator.keys)
    shown = PinnedKeys.from_document(fetch_keys(patient.config.coordinator.url, patient.session))
    ours = {*patient.pinned.coordinator, patient.pinned.log.kid}
    new = {*shown.coordinator, shown.log.kid} - ours
    if shown.log.kid != patient.pinned.log.kid or shown.origin != patient.pinned.origin:
        raise Unverified(
            f"The coordinator shows another log ({shown.origin}, key {shown.log.kid}) than the pinned one.",
            remedy="Do not pin it. Ask the coordinator's operator and other members over another channel.",
        )
    if new:
        raise Doubt(
            f"The coordinator shows new keys: {', '.join(sorted(new))}.",
            remedy="Compare them over another channel, then run: accord connector pin",
        )
    return f"{len(ours)} keys as pinned"


def _sign_in(patient: Patient) -> str:
    if patient.keyring is None or patient.pinned is None:
        raise Doubt("Not tried: keys of ours or of the coordinator are missing.")
    config = patient.config
    patient.coordinator = Coordinator(
        config.coordinator.url,
        config.member.id,
        patient.keyring,
        patient.pinned,
        clock=patient.now,
        session=patient.session,
    )
    patient.coordinator.token()
    return "the coordinator gave a token"


def _own_keys_known(patient: Patient) -> str:
    """Compare the keys that others are told are ours with the ones that we hold."""
    if patient.coordinator is None or patient.keyring is None:
        raise Doubt("Not tried: there is no sign-in.")
    shown = {key["kid"] for key in patient.coordinator.member(patient.config.member.id)["keys"]}
    now = patient.now()
    used = {patient.keyring.signing_key(now).kid, patient.keyring.sealing_key(now).kid}
    if not used <= shown:
        raise KeyNotInForce(
            f"The coordinator does not know our keys {', '.join(sorted(used - shown))}.",
            remedy="Start the connector, so that they are announced; if that was done, enrol anew.",
        )
    return "others are given the keys that we hold"


def _mailbox(patient: Patient) -> str:
    if patient.coordinator is None:
        raise Doubt("Not tried: there is no sign-in.")
    after = -1
    if patient.database is not None:
        with patient.database.reading() as connection:
            after = inbox.position(connection).position
    page = patient.coordinator.mailbox(after, limit=1)
    return "empty" if not page.messages else "reachable, messages are waiting"


_OWN: Final[tuple[tuple[str, Check], ...]] = (
    ("keys", _keys),
    ("api token", _token),
    ("disk", _disk),
    ("database", _database),
)
_WAY: Final[tuple[tuple[str, Check], ...]] = (
    ("proxy", _proxy),
    ("dns", _dns),
    ("tls", _tls),
    ("clock", _clock),
    ("coordinator keys", _pinned),
    ("sign-in", _sign_in),
    ("own keys", _own_keys_known),
    ("mailbox", _mailbox),
    ("agreements", _agreements),
)
