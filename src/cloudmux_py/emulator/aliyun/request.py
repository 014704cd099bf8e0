"""An HTTP request to Alibaba Cloud, taken apart."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class Incoming:
    """A request as it came; header names in lower case."""

    method: str
    raw_path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
