"""From nothing to a member: write the settings, pin the coordinator's keys, make our own, enrol with a
code.

Takes settings and what a person confirmed; the commands around it are in `connector.py`. It never
overwrites a file that exists, and a failed enrolment can be repeated with the same keys.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import requests

from connectors.config import FILE_NAME, Config
from connectors.errors import ConfigRefused
from connectors.exchange.acts import membership
from connectors.exchange.acts.membership import Enrolment
from connectors.exchange.client import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from connectors.exchange.errors import TryLater, Unreachable
from connectors.exchange.keyring import Keyring
from connectors.exchange.pinned import PinnedKeys
from connectors.policy.policy import SHIPPED

_POLICY_FILES = ("release.cedar", "decisions.toml")


@dataclass(frozen=True, slots=True)
class Answers:
    """What `init` asks for."""

    id: str
    kind: str
    name: str
    url: str


def write_settings(folder: Path, answers: Answers) -> list[Path]:
    """Write connector.toml and the policy to start from; refuse when there are settings already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = (files("connectors.commands") / "template.toml").read_text("utf-8")
    if answers.kind == "portal":
        text += (files("connectors.commands") / "template_portal.toml").read_text("utf-8")
    for name, value in (
        ("ID", answers.id),
        ("KIND", answers.kind),
        ("NAME", answers.name),
        ("URL", answers.url),
    ):
        text = text.replace(f"@{name}@", _toml(value))
    written = [_write_new(folder / FILE_NAME, text)]
    (folder / "policy").mkdir(mode=0o700, exist_ok=True)
    for name in _POLICY_FILES:
        target = folder / "policy" / name
        if not target.exists():
            shutil.copyfile(SHIPPED / name, target)
            written.append(target)
    return written


def fetch_keys(url: str, session: requests.Session | None = None) -> dict[str, Any]:
    """Fetch the coordinator's public keys; nothing is believed before a person has compared them."""
    try:
        answer = (session or requests.Session()).get(
            f"{url}/v1/keys", timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S), allow_redirects=False
        )
        document = answer.json() if answer.ok else None
    except requests.RequestException as error:
        raise Unreachable(
            f"{url} cannot be reached.", remedy="Check [coordinator] url, the network, DNS and the proxy."
        ) from error
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise TryLater(f"{url} does not give the keys of a coordinator.", status=answer.status_code)
    PinnedKeys.from_document(document)
    return document


def fingerprints(document: Mapping[str, Any]) -> dict[str, str]:
    """Give the thumbprints that a person compares over another channel."""
    keys = PinnedKeys.from_document(document)
    found = {f"coordinator {number}": kid for number, kid in enumerate(sorted(keys.coordinator), start=1)}
    return {**found, "log": keys.log.kid, "log name": keys.origin}


def keep_keys(path: Path, document: Mapping[str, Any]) -> None:
    """Write the pinned keys, whole or not at all."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    aside.replace(path)


def enrol(config: Config, code: str, session: requests.Session | None = None) -> Keyring:
    """Make keys, or take the ones of an earlier try, and enrol with the one-time code."""
    enrolment = Enrolment(
        member=config.member.id,
        kind=config.member.kind,
        name=config.member.name,
        code=code,
        url=config.coordinator.url,
        keys=config.storage.keys,
    )
    return membership.enrol(enrolment, PinnedKeys.read(config.coordinator.keys), session=session)


def _write_new(path: Path, text: str) -> Path:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    except FileExistsError as error:
        raise ConfigRefused(
            f"{path} exists already.", remedy="Edit it, or name another folder.", file=str(path)
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _toml(value: str) -> str:
    """Escape a value for a basic string of TOML."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def session() -> requests.Session:
    """Make a session that honours the proxy of the environment."""
    return requests.Session()
