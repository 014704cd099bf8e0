"""Amazon VPC, EC2 2016-11-15: DescribeVpcs, DeleteVpc."""

from functools import partial

from cloudmux_py.engine.paging import Token
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.vpc import Vpc

from .client import Api, Binding
from .tags import split_tags

api = partial(Api, "ec2")


def parse(r: Raw) -> Vpc:
    """A row of DescribeVpcs; its name is the tag ``Name``."""
    tags, sys_tags = split_tags(r)
    return Vpc(
        external_id=r.text("VpcId"),
        name=tags.get("Name") or r.text("VpcId"),
        status=r.text("State"),
        created_at=None,
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        cidr_block=r.text("CidrBlock", None),
        is_default=r.flag("IsDefault", None),
    )


BINDING = Binding[Vpc](
    parse=parse,
    list=api("DescribeVpcs"),
    rows="Vpcs",
    id="VpcId",
    paging=Token(1000, least=5),
    get=api("DescribeVpcs"),
    get_by=lambda id: {"VpcIds": [id]},
    delete=api("DeleteVpc"),
    delete_by=lambda id, options: {"VpcId": id},
    gone=frozenset({"InvalidVpcID.NotFound"}),
    lacks=frozenset({"created_at", "project_id"}),
)
