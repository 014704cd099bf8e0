"""Tencent Cloud subnets, vpc 2017-03-12: DescribeSubnets (Offset and Limit are texts there), DeleteSubnet."""

from cloudmux_py.cloudprovider.status import AVAILABLE
from cloudmux_py.engine.paging import Offset
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.network import Network

from .client import Binding
from .regions import regions_of
from .tags import split_tags
from .vpc import api


def parse(r: Raw) -> Network:
    """A row of DescribeSubnets; it has neither status nor project, and its times are Beijing's (guess)."""
    tags, sys_tags = split_tags(r.tags("TagSet", "Key", "Value"))
    return Network(
        external_id=r.text("SubnetId"),
        name=r.text("SubnetName", "") or r.text("SubnetId"),
        status=AVAILABLE,
        created_at=r.time("CreatedTime", BEIJING),
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        cidr_block=r.text("CidrBlock", None) or None,
        ipv6_cidr_block=r.text("Ipv6CidrBlock", None) or None,
        available_ip_count=r.number("AvailableIpAddressCount", None),
        is_default=r.flag("IsDefault", None),
        is_shared=None,
        vpc_id=r.text("VpcId", None) or None,
        zone_id=r.text("Zone", None) or None,
    )


BINDING = Binding[Network](
    parse=parse,
    list=api("DescribeSubnets"),
    rows="SubnetSet",
    id="SubnetId",
    paging=Offset(100, "TotalCount", cast=str),
    get=api("DescribeSubnets"),
    get_by=lambda id: {"SubnetIds": [id]},
    batch=100,
    # By SubnetIds one unknown id fails the whole call; by filter it is just not there.
    ask_by=lambda ids: {"Filters": [{"Name": "subnet-id", "Values": list(ids)}], "Offset": "0", "Limit": "100"},
    delete=api("DeleteSubnet"),
    delete_by=lambda id, options: {"SubnetId": id},
    gone=frozenset({"ResourceNotFound", "UnsupportedOperation.RecordNotExists"}),
    lacks=frozenset({"project_id", "is_shared"}),
    regions=regions_of("vpc"),
)
