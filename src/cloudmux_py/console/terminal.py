"""What is known of the terminal, and questions asked on it."""

import os
import shutil
import sys
from contextlib import suppress

from cloudmux_py.cloudprovider.errors import MissingCredentials

from .settings import Settings
from .text import visible


def width() -> int:
    """Columns of the terminal; COLUMNS wins."""
    return shutil.get_terminal_size((100, 24)).columns


def note(text: str) -> None:
    """One line on stderr; that nobody reads it any more, or that its disk is full, changes nothing of what is done."""
    with suppress(OSError):
        sys.stderr.write(visible(text) + "\n")
        sys.stderr.flush()


def can_ask(settings: Settings) -> bool:
    """Whether somebody sits there: stderr is a terminal, whatever stdin is."""
    return sys.stderr.isatty() and not settings.no_input and os.path.exists("/dev/tty")  # noqa: PTH110 - cheap


def confirm(question: str, settings: Settings, *, yes: bool) -> bool:
    """Whether to go on; asks on the terminal, and takes silence for no.

    Without a terminal it goes on, as the mirrored commands do: scripts said what they want.
    """
    if yes or not can_ask(settings):
        return True
    return _ask(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def typed(question: str, settings: Settings) -> str | None:
    """What is typed on the terminal; None where nobody sits there."""
    return _ask(f"{question} ").strip() if can_ask(settings) else None


def ask_secret(question: str, settings: Settings) -> str:
    """A secret, typed unseen.

    Raises:
        MissingCredentials: Nobody sits there.
    """
    if not can_ask(settings):
        raise MissingCredentials(f"{question} is missing, and there is no terminal to ask on")
    from getpass import getpass

    return getpass(f"{visible(question)}: ").strip()


def _ask(question: str) -> str:
    with open("/dev/tty", encoding="utf-8") as tty:  # noqa: PTH123 - a device
        sys.stderr.write(visible(question))
        sys.stderr.flush()
        return tty.readline()
