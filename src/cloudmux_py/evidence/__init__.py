"""Recordings of real sessions, held against what is believed of each cloud (``cloudcli emulator check``)."""

from .comparison import Difference, check

__all__ = ["Difference", "check"]
