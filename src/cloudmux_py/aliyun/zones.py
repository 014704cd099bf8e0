"""Zones of Alibaba Cloud's databases, which may name several at once."""

import re


def zones_of(text: str | None) -> list[str]:
    """The zones of a zone id, the first node's first: ``cn-hangzhou-MAZ10(h,i)`` is cn-hangzhou-h and cn-hangzhou-i.

    An id that names its zones in no known way, such as ``cn-hangzhou-MAZ6``, stays as it is.
    """
    several = re.fullmatch(r"(.+)-MAZ\d+\(([a-z](?:,[a-z])*)\)", text or "")
    if several:
        return [f"{several[1]}-{letter}" for letter in several[2].split(",")]
    return [text] if text else []
