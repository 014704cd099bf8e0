"""Amazon VPC subnets, EC2 2016-11-15: DescribeSubnets, DeleteSubnet."""

from cloudmux_py.engine.paging import Token
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.network import Network

from .client import Binding
from .tags import split_tags
from .vpc import api


def parse(r: Raw) -> Network:
    """A row of DescribeSubnets; its name is the tag ``Name``. Whose it is tells OwnerId, but not whether it is ours."""
    tags, sys_tags = split_tags(r)
    return Network(
        external_id=r.text("SubnetId"),
        name=tags.get("Name") or r.text("SubnetId"),
        status=r.text("State"),
        created_at=None,
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        cidr_block=r.text("CidrBlock", None) or None,
        ipv6_cidr_block=_ipv6(r),
        available_ip_count=r.number("AvailableIpAddressCount", None),
        is_default=r.flag("DefaultForAz", None),
        is_shared=None,
        vpc_id=r.text("VpcId", None),
        zone_id=r.text("AvailabilityZone", None),
    )


def _ipv6(r: Raw) -> str | None:
    """The range that is in use now; former ones stay listed for a while."""
    ranges = r.each("Ipv6CidrBlockAssociationSet") if r.any("Ipv6CidrBlockAssociationSet") else iter(())
    used = (item for item in ranges if item.text("Ipv6CidrBlockState.State", "") == "associated")
    return next((item.text("Ipv6CidrBlock", None) for item in used), None)


BINDING = Binding[Network](
    parse=parse,
    list=api("DescribeSubnets"),
    rows="Subnets",
    id="SubnetId",
    paging=Token(1000, least=5),
    get=api("DescribeSubnets"),
    get_by=lambda id: {"SubnetIds": [id]},
    delete=api("DeleteSubnet"),
    delete_by=lambda id, options: {"SubnetId": id},
    gone=frozenset({"InvalidSubnetID.NotFound"}),
    lacks=frozenset({"created_at", "project_id", "is_shared"}),
)
