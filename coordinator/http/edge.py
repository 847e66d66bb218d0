"""What every route can reach: the settings, the coordinator behind them, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from coordinator.config import Config
from coordinator.service import Coordinator

_NAME = "accord.edge"


@dataclass(frozen=True, slots=True)
class Edge:
    """One application's settings, coordinator and clock."""

    config: Config
    coordinator: Coordinator
    now: Callable[[], datetime]

    def address(self, path: str) -> str:
        """Give the address of a path as clients see it; the Host header has no say in it."""
        return self.config.public_url + path


def attach(app: Flask, made: Edge) -> None:
    """Put it where `edge` finds it."""
    app.extensions[_NAME] = made


def edge(app: Flask | None = None) -> Edge:
    """Give the edge of this application, or of the one that answers now."""
    found: Edge = (app or current_app).extensions[_NAME]
    return found
