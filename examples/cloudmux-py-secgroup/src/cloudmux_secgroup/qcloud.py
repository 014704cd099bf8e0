"""Security groups of Tencent Cloud, vpc 2017-03-12: DescribeSecurityGroups (pages by texts), DeleteSecurityGroup."""

from functools import partial

from cloudmux_py.cloudprovider.status import AVAILABLE
from cloudmux_py.engine.paging import Offset
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.qcloud.client import Api, Binding
from cloudmux_py.qcloud.regions import regions_of
from cloudmux_py.qcloud.tags import split_tags

from .secgroup import Secgroup

api = partial(Api, "vpc", "2017-03-12")


def parse(r: Raw) -> Secgroup:
    """A row of DescribeSecurityGroups, which has neither status nor VPC; its times are Beijing's (guess)."""
    tags, sys_tags = split_tags(r.tags("TagSet", "Key", "Value"))
    return Secgroup(
        external_id=r.text("SecurityGroupId"),
        name=r.text("SecurityGroupName", "") or r.text("SecurityGroupId"),
        status=AVAILABLE,
        created_at=r.time("CreatedTime", BEIJING),
        project_id=r.text("ProjectId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        vpc_id=None,
        is_default=r.flag("IsDefault", None),
    )


def refuse(r: Raw) -> str:
    """The default group cannot be deleted, as the vendor's model says."""
    return "it is the default security group" if r.flag("IsDefault", None) else ""


BINDING = Binding[Secgroup](
    parse=parse,
    list=api("DescribeSecurityGroups"),
    rows="SecurityGroupSet",
    id="SecurityGroupId",
    paging=Offset(100, "TotalCount", cast=str),
    get=api("DescribeSecurityGroups"),
    get_by=lambda id: {"SecurityGroupIds": [id]},
    delete=api("DeleteSecurityGroup"),
    delete_by=lambda id, options: {"SecurityGroupId": id},
    # Both are in the product's list of codes; which one each call answers is not documented (unverified).
    gone=frozenset({"ResourceNotFound", "InvalidSecurityGroupID.NotFound"}),
    lacks=frozenset({"vpc_id"}),
    refuse=refuse,
    regions=regions_of("vpc"),
)
