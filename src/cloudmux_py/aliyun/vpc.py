"""Alibaba Cloud VPC, 2016-04-28 (RPC): DescribeVpcs, DeleteVpc, DescribeRegions."""

from functools import partial

from cloudmux_py.engine.paging import PageNumber
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.vpc import Vpc

from .client import Binding, RegionList, Rpc
from .tags import split_tags

api = partial(Rpc, "vpc", "2016-04-28")

STATUS = {"Pending": "pending", "Available": "available", "Deleting": "deleting"}
REGIONS = RegionList(call=api("DescribeRegions"), rows="Regions.Region", id="RegionId", name="LocalName")


def parse(r: Raw) -> Vpc:
    """A row of DescribeVpcs."""
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "Key", "Value"))
    return Vpc(
        external_id=r.text("VpcId"),
        name=r.text("VpcName", "") or r.text("VpcId"),
        status=STATUS.get(r.text("Status"), r.text("Status")),
        created_at=r.time("CreationTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        cidr_block=r.text("CidrBlock", None) or None,
        is_default=r.flag("IsDefault", None),
    )


BINDING = Binding[Vpc](
    parse=parse,
    list=api("DescribeVpcs"),
    rows="Vpcs.Vpc",
    id="VpcId",
    paging=PageNumber(50, "TotalCount"),
    get=api("DescribeVpcs"),
    get_by=lambda id: {"VpcId": id, "PageSize": 50},
    batch=20,
    ask_by=lambda ids: {"VpcId": ",".join(ids), "PageSize": 50},
    delete=api("DeleteVpc"),
    delete_by=lambda id, options: {"VpcId": id},
    gone=frozenset({"InvalidVpcId.NotFound", "Forbidden.VpcNotFound"}),
    regions=REGIONS,
)
