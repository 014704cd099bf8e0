"""Subnets, vpc 2017-03-12: DescribeSubnets, DeleteSubnet.

Source: the API reference of Tencent Cloud VPC and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .vpc import UNKNOWN, VERSION
from .wire import action, filtered, windowed

KIND = "network"
FILTERS = {"subnet-id": "SubnetId", "subnet-name": "SubnetName", "vpc-id": "VpcId", "zone": "Zone"}


@action("vpc", VERSION, "DescribeSubnets")
def describe_subnets(call: Call) -> dict[str, Any]:
    """Offset and Limit as texts; SubnetIds or Filters, and an unknown id among SubnetIds fails the call."""
    ids, rows = call.params.get("SubnetIds"), call.visible(KIND)
    if ids and call.params.get("Filters"):
        raise ApiError("InvalidParameter.Coexist", "SubnetIds and Filters cannot be used together.")
    if ids:
        rows = [call.one(KIND, "SubnetId", id, UNKNOWN) for id in ids]
    page, total = windowed(call, filtered(call, rows, FILTERS), 20, 100, text=True)
    return body(call, "SubnetSet", page, {"SubnetId": None}, {"TotalCount": total, "NextToken": ""})


@action("vpc", VERSION, "DeleteSubnet")
def delete_subnet(call: Call) -> dict[str, Any]:
    """Gone at once, unless something uses one of its addresses."""
    row = call.one(KIND, "SubnetId", call.params.get("SubnetId"), UNKNOWN)
    if row["AvailableIpAddressCount"] < row["TotalIpAddressCount"]:
        raise ApiError("ResourceInUse", "The subnet is in use.")
    call.table(KIND).remove(row["SubnetId"])
    return {}


@seed.seeder("qcloud", KIND, "subnet-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first is a default; every third is in use."""
    row = seed.copy("qcloud/network.json")
    row.update(
        SubnetId=id,
        SubnetName=seed.name(rng, number),
        VpcId=seed.reference(rng, account, region, "vpc"),
        Zone=f"{region}-{rng.choice('346')}",
        IsDefault=number == 0,
        CidrBlock=f"10.{number % 250}.{rng.randrange(250)}.0/24",
        CreatedTime=seed.beijing(seed.moment(rng)),
        AvailableIpAddressCount=rng.randrange(253) if number % 3 == 0 else 253,
        TagSet=[{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
    )
    return row
