"""Security groups of Alibaba Cloud, ecs 2014-05-26 (RPC): DescribeSecurityGroups, DeleteSecurityGroup."""

import json
from functools import partial

from cloudmux_py.aliyun.client import Binding, Rpc
from cloudmux_py.aliyun.tags import split_tags
from cloudmux_py.cloudprovider.status import AVAILABLE
from cloudmux_py.engine.paging import Token
from cloudmux_py.engine.raw import Raw

from .secgroup import Secgroup

api = partial(Rpc, "ecs", "2014-05-26")


def parse(r: Raw) -> Secgroup:
    """A row of DescribeSecurityGroups, which has no status."""
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "TagKey", "TagValue"))
    return Secgroup(
        external_id=r.text("SecurityGroupId"),
        name=r.text("SecurityGroupName", "") or r.text("SecurityGroupId"),
        status=AVAILABLE,
        created_at=r.time("CreationTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        vpc_id=r.text("VpcId", None) or None,
        is_default=None,
    )


def refuse(r: Raw) -> str:
    """Groups that a product of the cloud manages are not the user's to delete."""
    return "a service of the cloud manages it" if r.flag("ServiceManaged", None) else ""


BINDING = Binding[Secgroup](
    parse=parse,
    list=api("DescribeSecurityGroups"),
    rows="SecurityGroups.SecurityGroup",
    id="SecurityGroupId",
    paging=Token(100),
    get=api("DescribeSecurityGroups"),
    get_by=lambda id: {"SecurityGroupIds": json.dumps([id]), "MaxResults": 100},
    batch=100,
    ask_by=lambda ids: {"SecurityGroupIds": json.dumps(list(ids)), "MaxResults": 100},
    delete=api("DeleteSecurityGroup"),
    delete_by=lambda id, options: {"SecurityGroupId": id},
    gone=frozenset({"InvalidSecurityGroupId.NotFound"}),
    lacks=frozenset({"is_default"}),
    refuse=refuse,
)
