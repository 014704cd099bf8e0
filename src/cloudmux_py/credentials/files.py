"""Reading the vendors' own files: only read, tolerantly, and never taken for what they are not."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudmux_py.cloudprovider.errors import AuthFailed

TRIES = 4
PAUSE = 0.05


def read_json(file: Path) -> dict[str, Any] | None:
    """A JSON file, or None where there is none; one that another process is writing is read again.

    Raises:
        AuthFailed: It holds no JSON object.
    """
    reason = ""
    for _ in range(TRIES):
        try:
            value = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, OSError, RecursionError) as error:
            reason = str(error)
            time.sleep(PAUSE)
            continue
        if isinstance(value, dict):
            return value
        reason = "it holds no JSON object"
    raise AuthFailed(f"{file} cannot be read: {reason}")


def text(values: Mapping[str, Any], key: str) -> str:
    """A text of such a file, without stray white space; empty for anything else."""
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""
