"""How RAM policies name the calls of Alibaba Cloud.

Sources: "RAM authorization" of the API references of Elasticsearch (document 63415), ApsaraMQ for Kafka (458792), Tair
(93217: the RAM code is ``kvstore``), ECS and ApsaraDB for MongoDB (api-ecs-2014-05-26-ram, api-dds-2015-12-01-ram), and
the section of that name on the pages of the calls themselves for Kafka, Tair, RDS, VPC and elastic addresses;
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
            "dds:DeleteDBInstance",
            "dds:DescribeDBInstanceAttribute",
            "dds:DescribeDBInstances",
            "dds:DescribeInstanceAutoRenewalAttribute",
            "ecs:DeleteDisk",
            "ecs:DeleteInstance",
            "ecs:DescribeDisks",
            "ecs:DescribeInstances",
            "ecs:StopInstance",
            "elasticsearch:DeleteInstance",
            "elasticsearch:DescribeInstance",
            "elasticsearch:ListInstance",
            "kvstore:DeleteInstance",
            "kvstore:DescribeInstanceAttribute",
            "kvstore:DescribeInstances",
            "ram:GetResourceGroup",
            "ram:ListResourceGroups",
            "rds:DescribeDBInstanceAttribute",
            "rds:DescribeDBInstances",
            "vpc:DescribeEipAddresses",
            "vpc:DescribeVSwitches",
            "vpc:DescribeVpcs",
            "vpc:ReleaseEipAddress",
        }
    ),
    free=frozenset({"sts:GetCallerIdentity"}),
    silent=frozenset({"ecs:DescribeInstances"}),
)
