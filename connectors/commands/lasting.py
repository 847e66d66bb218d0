"""What every command that goes on until it is stopped has: its log, and the signals that end it."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

import structlog


def log_as_json() -> None:
    """Write each event as one line of JSON; what may be in an event is chosen where it is written."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def asked_to_stop() -> threading.Event:
    """Give what is set as soon as SIGTERM or SIGINT arrives."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    return stop
