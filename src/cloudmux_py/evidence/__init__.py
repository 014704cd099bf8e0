"""Recordings of real sessions, held against what the emulator and the parsers believe (``cloudcli emulator check``)."""

from .comparison import Difference, check

__all__ = ["Difference", "check"]
