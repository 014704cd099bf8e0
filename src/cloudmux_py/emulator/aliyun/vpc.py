"""VPC 2016-04-28: DescribeVpcs, DeleteVpc, DescribeRegions.

Source: the API reference of Alibaba Cloud VPC and the vendor's typed models.
"""

import random
from collections import defaultdict
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .account import regions_reply
from .project import project
from .wire import commas, numbered, rpc

KIND = "vpc"
INSIDE = "network"
VERSION = "2016-04-28"
DELETING_SECONDS = 3.0


@rpc("vpc", VERSION, "DescribeVpcs")
def describe_vpcs(call: Call) -> dict[str, Any]:
    """PageNumber and PageSize up to 50; at most 20 ids, and one that is not there is simply not in the answer."""
    ids, rows = commas(call, "VpcId"), call.visible(KIND)
    if len(ids) > 20:
        raise ApiError("InvalidVpcIdNumber.NotSupported", "The number of VpcId exceeds the limit.")
    if ids:
        rows = [row for row in rows if row["VpcId"] in ids]
    page, more = numbered(call, rows, 10, 50)
    inside = _inside(call)
    shown = [row | {"VSwitchIds": {"VSwitchId": inside.get(row["VpcId"], [])[:300]}} for row in page]
    return body(call, "Vpcs.Vpc", shown, {"VpcId": None}, more)


def _inside(call: Call) -> dict[str, list[str]]:
    """The VSwitches of each VPC."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in call.table(INSIDE).snapshot():
        found[row["VpcId"]].append(row["VSwitchId"])
    return found


@rpc("vpc", VERSION, "DeleteVpc")
def delete_vpc(call: Call) -> dict[str, Any]:
    """Only an empty one; it is Deleting for a while."""
    id = call.params.get("VpcId", "")
    call.one(KIND, "VpcId", id, ApiError("InvalidVpcId.NotFound", "The specified VPC does not exist.", 404))
    if id in _inside(call):
        raise ApiError("DependencyViolation.VSwitch", "The VPC still has VSwitches.")
    call.table(KIND).patch(id, {"Status": "Deleting"})
    call.table(KIND).later(id, DELETING_SECONDS, lambda _: False)
    return {}


@rpc("vpc", VERSION, "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """The service's own region list."""
    return regions_reply(call, "vpc", "Regions.Region")


@seed.seeder("aliyun", KIND, "vpc-bp1", 17)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first is the region's default; the first few have VSwitches in them."""
    row = seed.copy("aliyun/vpc.json")
    row.update(
        VpcId=id,
        VpcName=seed.name(rng, number),
        IsDefault=number == 0,
        CidrBlock=f"10.{number % 250}.0.0/16",
        CreationTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        RegionId=region,
        ResourceGroupId=project(account, rng),
        OwnerId=int(account.account_id),
        Tags={"Tag": [{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    )
    return row
