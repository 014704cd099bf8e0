"""The library's log as lines on stderr."""

import logging
import sys

from .text import visible


class _Line(logging.Formatter):
    """Warnings as the programs' other lines, the rest with its time."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        text = visible(" ".join(record.getMessage().split()))
        if record.levelno >= logging.WARNING:
            return f"warning: {text}"
        return f"debug {self.formatTime(record, '%H:%M:%S')}: {text}"


def attach(*, debug: bool) -> None:
    """Write the library's log to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    for name in ("cloudmux_py", "climc_py"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.DEBUG if debug else logging.WARNING)
