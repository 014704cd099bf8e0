"""VPC, vpc 2017-03-12: DescribeVpcs, DeleteVpc.

Source: the API reference of Tencent Cloud VPC and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .wire import action, filtered, windowed

KIND = "vpc"
INSIDE = "network"
VERSION = "2017-03-12"
UNKNOWN = ApiError("ResourceNotFound", "The resource does not exist.")


@action("vpc", VERSION, "DescribeVpcs")
def describe_vpcs(call: Call) -> dict[str, Any]:
    """Offset and Limit as texts; VpcIds or Filters, and an unknown id among VpcIds fails the call."""
    ids, rows = call.params.get("VpcIds"), call.visible(KIND)
    if ids and call.params.get("Filters"):
        raise ApiError("InvalidParameter.Coexist", "VpcIds and Filters cannot be used together.")
    if ids:
        rows = [call.one(KIND, "VpcId", id, UNKNOWN) for id in ids]
    rows = filtered(call, rows, {"vpc-id": "VpcId", "vpc-name": "VpcName", "cidr-block": "CidrBlock"})
    page, total = windowed(call, rows, 20, 100, text=True)
    return body(call, "VpcSet", page, {"VpcId": None}, {"TotalCount": total})


@action("vpc", VERSION, "DeleteVpc")
def delete_vpc(call: Call) -> dict[str, Any]:
    """Gone at once, unless something is in it; that an empty subnet is something is a guess."""
    row = call.one(KIND, "VpcId", call.params.get("VpcId"), UNKNOWN)
    if any(inside["VpcId"] == row["VpcId"] for inside in call.table(INSIDE).snapshot()):
        raise ApiError("ResourceInUse", "The VPC is in use.")
    call.table(KIND).remove(row["VpcId"])
    return {}


@seed.seeder("qcloud", KIND, "vpc-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first is the region's default; the first few have subnets in them."""
    row = seed.copy("qcloud/vpc.json")
    row.update(
        VpcId=id,
        VpcName=seed.name(rng, number),
        IsDefault=number == 0,
        CidrBlock=f"10.{number % 250}.0.0/16",
        CreatedTime=seed.beijing(seed.moment(rng)),
        TagSet=[{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
        AssistantCidrSet=row["AssistantCidrSet"] if number % 3 == 0 else [],
    )
    return row
