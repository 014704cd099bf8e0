"""How RAM policies name the calls of Alibaba Cloud.

Sources: "RAM authorization" of each product's API reference: Elasticsearch (document 63415), ApsaraMQ for Kafka
(458792, and the page of GetInstanceList), Tair (93217: the RAM code is ``kvstore``, and the page of DeleteInstance);
"Examples of RAM policies for resource groups" (280429: ``ram:*ResourceGroup*``). GetCallerIdentity needs no right
(STS). DescribeInstances of ECS answers an empty list to whoever has none.
"""

from collections.abc import Sequence
from typing import Any

from cloudmux_py.engine.policy import Language


def document(names: Sequence[str]) -> dict[str, Any]:
    """A custom policy of RAM."""
    return {"Version": "1", "Statement": [{"Effect": "Allow", "Action": list(names), "Resource": "*"}]}


LANGUAGE = Language(
    title="RAM",
    document=document,
    prefixes={"r-kvstore": "kvstore", "resourcemanager": "ram"},
    renamed={
        "alikafka:GetInstanceList": "alikafka:ListInstance",
        "alikafka:DeleteInstance": "alikafka:ReleaseInstance",
    },
    verified=frozenset(
        {
            "alikafka:ListInstance",
            "alikafka:ReleaseInstance",
            "elasticsearch:DeleteInstance",
            "elasticsearch:DescribeInstance",
            "elasticsearch:ListInstance",
            "kvstore:DeleteInstance",
            "ram:GetResourceGroup",
            "ram:ListResourceGroups",
        }
    ),
    free=frozenset({"sts:GetCallerIdentity"}),
    silent=frozenset({"ecs:DescribeInstances"}),
)
