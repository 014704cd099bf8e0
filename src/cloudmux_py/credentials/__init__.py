"""Where keys come from, for both programs: flags, environment, the vendors' own profile files."""

from .chain import available, resolve
from .keys import AssumeRole, Credentials

__all__ = ["AssumeRole", "Credentials", "available", "resolve"]
