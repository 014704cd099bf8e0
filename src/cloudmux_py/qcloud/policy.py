"""How CAM policies name the calls of Tencent Cloud.

Sources: "Authorization Policy Syntax" of CBS (document 362/34221: its actions begin with ``cvm:``); "Authorizing
Sub-account Access to Perform Operations on EIPs" (598/11098: so do those of elastic addresses); the access management
pages of Elasticsearch Service (845/19550). What products are called in CAM: 598/57095 and its neighbours.
"""

from collections.abc import Sequence
from typing import Any

from cloudmux_py.engine.policy import Language


def document(names: Sequence[str]) -> dict[str, Any]:
    """A custom policy of CAM."""
    allowed = [f"name/{name}" for name in names]
    return {"version": "2.0", "statement": [{"effect": "allow", "action": allowed, "resource": ["*"]}]}


LANGUAGE = Language(
    title="CAM",
    document=document,
    prefixes={"cbs": "cvm"},
    renamed={"vpc:DescribeAddresses": "cvm:DescribeAddresses", "vpc:ReleaseAddresses": "cvm:ReleaseAddresses"},
    verified=frozenset(
        {
            "cvm:DescribeAddresses",
            "cvm:DescribeDisks",
            "cvm:ReleaseAddresses",
            "es:DeleteInstance",
            "es:DescribeInstances",
        }
    ),
)
