"""Alibaba Cloud VSwitches, vpc 2016-04-28 (RPC): DescribeVSwitches, DeleteVSwitch."""

from cloudmux_py.engine.paging import PageNumber
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.network import Network

from .client import Binding
from .tags import split_tags
from .vpc import REGIONS, STATUS, api


def parse(r: Raw) -> Network:
    """A row of DescribeVSwitches; it does not say which region it is in."""
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "Key", "Value"))
    return Network(
        external_id=r.text("VSwitchId"),
        name=r.text("VSwitchName", "") or r.text("VSwitchId"),
        status=STATUS.get(r.text("Status"), r.text("Status")),
        created_at=r.time("CreationTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        cidr_block=r.text("CidrBlock", None) or None,
        ipv6_cidr_block=r.text("Ipv6CidrBlock", None) or None,
        available_ip_count=r.number("AvailableIpAddressCount", None),
        is_default=r.flag("IsDefault", None),
        is_shared=bool(r.text("ShareType", "")),
        vpc_id=r.text("VpcId", None) or None,
        zone_id=r.text("ZoneId", None) or None,
    )


def refuse(r: Raw) -> str:
    """Neither ``Shared`` nor ``Sharing`` says clearly whose it is; what is being deleted is Pending, as the new is."""
    if r.text("ShareType", ""):
        return f"accounts share it, and it belongs to {r.text('OwnerId', 'one of them')}: end the sharing first"
    if r.text("Status") != "Available":
        return f"it is {r.text('Status')}: being made, changed or deleted"
    return ""


BINDING = Binding[Network](
    parse=parse,
    list=api("DescribeVSwitches"),
    rows="VSwitches.VSwitch",
    id="VSwitchId",
    paging=PageNumber(50, "TotalCount"),
    get=api("DescribeVSwitches"),
    get_by=lambda id: {"VSwitchId": id, "PageSize": 50},
    batch=20,  # there is a limit, its value is not documented: as for VPCs (guess)
    ask_by=lambda ids: {"VSwitchId": ",".join(ids), "PageSize": 50},
    delete=api("DeleteVSwitch"),
    delete_by=lambda id, options: {"VSwitchId": id},
    gone=frozenset({"InvalidVSwitchId.NotFound", "InvalidVswitchID.NotFound"}),
    refuse=refuse,
    regions=REGIONS,
)
