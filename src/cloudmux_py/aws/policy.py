"""How IAM policies name the calls of AWS.

Source: the Service Authorization Reference, which names every action: OpenSearch's begin with ``es:``.
GetCallerIdentity needs no permission (STS API reference).
"""

from collections.abc import Sequence
from typing import Any

from cloudmux_py.engine.policy import Language


def document(names: Sequence[str]) -> dict[str, Any]:
    """A policy of IAM."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(names), "Resource": "*"}]}


LANGUAGE = Language(
    title="IAM",
    document=document,
    prefixes={"opensearch": "es"},
    verified=None,
    free=frozenset({"sts:GetCallerIdentity"}),
)
