"""Tencent Cloud VPC, vpc 2017-03-12: DescribeVpcs (Offset and Limit are texts there), DeleteVpc."""

from functools import partial

from cloudmux_py.cloudprovider.status import AVAILABLE
from cloudmux_py.engine.paging import Offset
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.vpc import Vpc

from .client import Api, Binding
from .regions import regions_of
from .tags import split_tags

api = partial(Api, "vpc", "2017-03-12")


def parse(r: Raw) -> Vpc:
    """A row of DescribeVpcs; it has neither status nor project, and its times are Beijing's (guess)."""
    tags, sys_tags = split_tags(r.tags("TagSet", "Key", "Value"))
    return Vpc(
        external_id=r.text("VpcId"),
        name=r.text("VpcName", "") or r.text("VpcId"),
        status=AVAILABLE,
        created_at=r.time("CreatedTime", BEIJING),
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        cidr_block=r.text("CidrBlock", None) or None,
        is_default=r.flag("IsDefault", None),
    )


BINDING = Binding[Vpc](
    parse=parse,
    list=api("DescribeVpcs"),
    rows="VpcSet",
    id="VpcId",
    paging=Offset(100, "TotalCount", cast=str),
    get=api("DescribeVpcs"),
    get_by=lambda id: {"VpcIds": [id]},
    batch=100,
    # By VpcIds one unknown id fails the whole call; by filter it is just not there.
    ask_by=lambda ids: {"Filters": [{"Name": "vpc-id", "Values": list(ids)}], "Offset": "0", "Limit": "100"},
    delete=api("DeleteVpc"),
    delete_by=lambda id, options: {"VpcId": id},
    gone=frozenset({"ResourceNotFound", "UnsupportedOperation.RecordNotExists"}),
    lacks=frozenset({"project_id"}),
    regions=regions_of("vpc"),
)
