"""The library's log as lines on stderr."""

import logging
import sys
from typing import TextIO

from .text import visible


class _Line(logging.Formatter):
    """Warnings as the programs' other lines, the rest with its time."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        text = visible(" ".join(record.getMessage().split()))
        if record.levelno >= logging.WARNING:
            return f"warning: {text}"
        return f"debug {self.formatTime(record, '%H:%M:%S')}: {text}"


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what stderr is now: a live display puts itself in its place for a while."""

    @property
    def stream(self) -> TextIO:
        """Where lines go."""
        return sys.stderr

    @stream.setter
    def stream(self, _: TextIO) -> None:
        """Nowhere else."""


def attach(*, debug: bool) -> None:
    """Write the library's log to stderr."""
    handler = _Stderr()
    handler.setFormatter(_Line())
    for name in ("cloudmux_py", "climc_py"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.DEBUG if debug else logging.WARNING)
