"""What the coordinator writes down about itself: JSON lines with a fixed set of names, and nothing personal.

Takes a stream. A name that is not on the list is dropped, and of the libraries' own lines only the unfilled
template is kept: the values that would fill it may quote a request.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "request",
        "route",
        "method",
        "status",
        "code",
        "ms",
        "kind",
        "at",
        "logger",
        "reason",
        "count",
        "size",
        "worker",
    }
)
"""All that a line may say. Route is the template (/v1/cases/<case>), never the address that was asked for."""


def configure(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Send our lines and those of the libraries to the stream."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TemplateFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def keep_allowed(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Drop every name that is not on the list."""
    return {name: value for name, value in line.items() if name in ALLOWED}


class TemplateFormatter(logging.Formatter):
    """Writes a library's line without what it was filled with."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one JSON line: template, logger, level and the kind of exception."""
        line = {
            "event": str(record.msg)[:200] if record.args else "(a library's line without a template)",
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        if record.exc_info and record.exc_info[0]:
            line["kind"] = record.exc_info[0].__qualname__
        return json.dumps(line)
