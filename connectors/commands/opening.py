"""Puts a connector together from its settings: the one place where settings become keys, database, policy,
systems.
"""

from __future__ import annotations

import requests

from connectors.config import Config
from connectors.exchange.connector import Connector, Limits, open_connector
from connectors.exchange.pinned import PinnedKeys
from connectors.policy.question import ReleaseNothing, ReleaseRules
from connectors.systems.registry import open_systems


def opened(config: Config, session: requests.Session | None = None) -> Connector:
    """Open everything that `run` needs; raise what is wrong, naming it."""
    return open_connector(
        member=config.member.id,
        kind=config.member.kind,
        name=config.member.name,
        storage=config.storage.url,
        keys=config.storage.keys,
        url=config.coordinator.url,
        pinned=PinnedKeys.read(config.coordinator.keys),
        policy=_rules(config),
        sources=open_systems(config.systems, config.folder),
        session=session,
        limits=Limits(page=config.limits.mailbox_page, long_poll_s=config.limits.mailbox_wait_s),
    )


def _rules(config: Config) -> ReleaseRules:
    if config.is_portal:
        return ReleaseNothing()
    from connectors.policy.policy import Policy  # noqa: PLC0415 - the engine takes memory that a portal saves

    return Policy.load(config.policy.folder)
