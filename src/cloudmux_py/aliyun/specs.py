"""vCPUs and memory of an Alibaba Cloud Elasticsearch node, from the name of its specification.

The API gives no figures. Sources: the node specification tables of the product's documentation, and the table that
cloudmux keeps; names that neither has are read from ``specInfo`` ("2C 8G "), which documented samples fill with a
constant, so the table comes first.
"""

import re
from functools import cache

SIZES = {"large": 2, "xlarge": 4, "2xlarge": 8, "3xlarge": 12, "4xlarge": 16, "8xlarge": 32, "16xlarge": 64}
"""vCPUs of a size."""

FAMILIES: dict[str, tuple[int, str]] = {
    # family: (GiB for each vCPU, sizes it is sold in)
    "ic5": (1, "large xlarge 2xlarge 3xlarge 4xlarge"),
    "sn1ne": (2, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "c7a": (2, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "turbo1.ca": (2, "large xlarge 2xlarge 4xlarge 8xlarge 16xlarge"),
    "sn2ne": (4, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "g7a": (4, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "turbo1.ga": (4, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "d1": (4, "2xlarge 4xlarge"),
    "i2g": (4, "2xlarge 4xlarge 8xlarge"),
    "r7a": (8, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "turbo1.ra": (8, "large xlarge 2xlarge 4xlarge 8xlarge"),
    "r5": (8, "large xlarge 2xlarge"),
    "r6": (8, "4xlarge 8xlarge"),
    "i2": (8, "2xlarge 4xlarge"),
}

SINGLE = {
    "n4.small": (1, 2),
    "t6.large": (2, 4),
    "c6.13xlarge": (52, 96),
    "d2s.5xlarge": (20, 88),
}
"""Specifications that follow no rule: (vCPUs, GiB)."""

PREFIXES = ("elasticsearch.", "openstore.hybrid.")
INFO = re.compile(r"\s*(\d+)C\s*(\d+)G\s*")


@cache
def node_size(spec: str | None, info: str | None) -> tuple[int | None, int | None]:
    """Count the vCPUs and GiB of a node; None twice where neither the name nor ``specInfo`` tells, never 0."""
    name = (spec or "").removesuffix(".new")
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    if name in SINGLE:
        return SINGLE[name]
    family, _, size = name.rpartition(".")
    memory, sizes = FAMILIES.get(family, (0, ""))
    if size in sizes.split():
        return SIZES[size], SIZES[size] * memory
    told = INFO.fullmatch(info or "")
    return (int(told[1]), int(told[2])) if told else (None, None)
