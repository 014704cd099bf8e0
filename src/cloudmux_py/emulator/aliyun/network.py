"""VSwitches, VPC 2016-04-28: DescribeVSwitches, DeleteVSwitch.

Source: the API reference of Alibaba Cloud VPC and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .vpc import DELETING_SECONDS, VERSION
from .wire import commas, numbered, rpc

KIND = "network"
OTHER_ACCOUNT = 9876543210987654


@rpc("vpc", VERSION, "DescribeVSwitches")
def describe_vswitches(call: Call) -> dict[str, Any]:
    """PageNumber and PageSize up to 50; an id that is not there is simply not in the answer (guess)."""
    ids, rows = commas(call, "VSwitchId"), call.visible(KIND)
    if not call.params.get("RegionId") and not call.params.get("VpcId"):
        raise ApiError("MissingParameter", "Specify RegionId or VpcId.")  # that it is this code: (guess)
    if len(ids) > 20:  # that it is 20, as for VPCs: (guess)
        raise ApiError("InvalidVSwitchIdNumber.NotSupported", "The number of VSwitchId exceeds the limit.")
    if ids:
        rows = [row for row in rows if row["VSwitchId"] in ids]
    if call.params.get("VpcId"):
        rows = [row for row in rows if row["VpcId"] == call.params["VpcId"]]
    page, more = numbered(call, rows, 10, 50)
    return body(call, "VSwitches.VSwitch", page, {"VSwitchId": None}, more)


@rpc("vpc", VERSION, "DeleteVSwitch")
def delete_vswitch(call: Call) -> dict[str, Any]:
    """Only one that is Available and the caller's own; it is Pending, not Deleting, until it is gone."""
    id = call.params.get("VSwitchId", "")
    unknown = ApiError("InvalidVSwitchId.NotFound", "The specified VSwitch does not exist.", 404)
    row = call.one(KIND, "VSwitchId", id, unknown)
    if row["OwnerId"] != int(call.account.account_id):
        raise ApiError("Forbidden", "User not authorized to operate on the specified resource.", 403)
    if row["ShareType"]:
        raise ApiError("DependencyViolation.ResourceShare", "The VSwitch is shared.")
    if row["Status"] != "Available":
        raise ApiError("IncorrectVSwitchStatus", "The status of the VSwitch does not allow it.")
    call.table(KIND).patch(id, {"Status": "Pending"})
    call.table(KIND).later(id, DELETING_SECONDS, lambda _: False)
    return {}


@seed.seeder("aliyun", KIND, "vsw-bp1", 17)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first is a default; some are shared with other accounts, some are another account's, in a VPC of its own."""
    row, foreign = seed.copy("aliyun/network.json"), number % 10 == 3
    row.update(
        VSwitchId=id,
        VSwitchName=seed.name(rng, number),
        VpcId=f"vpc-bp1{seed.word(rng, 17)}" if foreign else seed.reference(rng, account, region, "vpc"),
        ZoneId=f"{region}-{rng.choice('ghi')}",
        IsDefault=number == 0,
        CidrBlock=f"10.{number % 250}.{rng.randrange(250)}.0/24",
        CreationTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        AvailableIpAddressCount=rng.randrange(253),
        OwnerId=OTHER_ACCOUNT if foreign else int(account.account_id),
        ShareType="Shared" if foreign else "Sharing" if number % 10 == 7 else "",
        Status="Pending" if number % 40 == 39 else "Available",
        Tags={"Tag": [{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    )
    return row
