"""Where a user's files lie: platformdirs knows, but takes a list's time again to import where the answer is plain."""

import os
import sys
from pathlib import Path


def config_folder(program: str) -> Path:
    """A program's settings."""
    if sys.platform == "linux" and "XDG_CONFIG_HOME" not in os.environ:
        return Path.home() / ".config" / program
    from platformdirs import user_config_path

    return user_config_path(program, appauthor=False)


def data_folder(program: str) -> Path:
    """What a program keeps."""
    if sys.platform == "linux" and "XDG_DATA_HOME" not in os.environ:
        return Path.home() / ".local" / "share" / program
    from platformdirs import user_data_path

    return user_data_path(program, appauthor=False)
