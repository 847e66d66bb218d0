"""What every route can reach: the connector, how it is doing, and the public log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from connectors.errors import NotAnAgency, NotAPortal
from connectors.evidence.log_source import LogSource
from connectors.exchange.connector import Connector

_NAME = "accord.edge"


@dataclass(frozen=True, slots=True)
class Edge:
    """One application's connector, its log, and what its threads say about themselves."""

    connector: Connector
    log: LogSource
    health: Callable[[], Mapping[str, Any]]

    def portal(self) -> Connector:
        """Give the connector; raise NotAPortal for an agency's."""
        if not self.connector.acts_for_citizens:
            raise NotAPortal(remedy="This is done at the portal that serves the citizen.")
        return self.connector

    def agency(self) -> Connector:
        """Give the connector; raise NotAnAgency for a portal's."""
        if self.connector.acts_for_citizens:
            raise NotAnAgency(remedy="This is done at an agency's connector.")
        return self.connector


def attach(app: Flask, made: Edge) -> None:
    """Put it where `edge` finds it."""
    app.extensions[_NAME] = made


def edge() -> Edge:
    """Give the edge of the application that answers now."""
    found: Edge = current_app.extensions[_NAME]
    return found
