"""Elastic IP addresses, VPC 2016-04-28: DescribeEipAddresses, ReleaseEipAddress.

Source: the API reference of Alibaba Cloud VPC and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .vpc import DELETING_SECONDS, VERSION
from .wire import commas, numbered, rpc

KIND = "eip"


@rpc("vpc", VERSION, "DescribeEipAddresses")
def describe_eip_addresses(call: Call) -> dict[str, Any]:
    """PageNumber and PageSize up to 100; at most 50 ids, and one that is not there is simply not in the answer."""
    ids, rows = commas(call, "AllocationId"), call.visible(KIND)
    if len(ids) > 50:
        raise ApiError("InvalidParameter", "The number of AllocationId exceeds the limit.")  # the code: (guess)
    if ids:
        rows = [row for row in rows if row["AllocationId"] in ids]
    page, more = numbered(call, rows, 10, 100)
    return body(call, "EipAddresses.EipAddress", page, {"AllocationId": None}, more)


@rpc("vpc", VERSION, "ReleaseEipAddress")
def release_eip_address(call: Call) -> dict[str, Any]:
    """Only a postpaid one that is Available; it is Releasing for a while. Which refusal comes first is a guess."""
    id = call.params.get("AllocationId", "")
    unknown = ApiError("InvalidAllocationId.NotFound", "The specified EIP does not exist.", 404)
    row = call.one(KIND, "AllocationId", id, unknown)
    if row["SegmentInstanceId"]:
        raise ApiError("Forbidden.ReleaseSegmentEip", "An EIP of a contiguous group cannot be released alone.")
    if row["DeletionProtection"]:
        raise ApiError("InvalidOperation.DeletionProtection", "Deletion protection is on.")
    if row["Status"] != "Available":
        raise ApiError("IncorrectEipStatus", "The status of the EIP does not allow it.")
    if row["ChargeType"] != "PostPaid":
        raise ApiError("Forbidden.ChargeTypeIsPrepaid", "A subscription EIP cannot be released.")
    call.table(KIND).patch(id, {"Status": "Releasing"})
    call.table(KIND).later(id, DELETING_SECONDS, lambda _: False)
    return {}


@seed.seeder("aliyun", KIND, "eip-bp1", 17)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every second is free; of the others, most are bound, some are protected, managed, prepaid or of a segment."""
    row, kind = seed.copy("aliyun/eip.json"), number % 12
    managed, bound, prepaid = kind == 3, kind in {1, 3, 5}, kind == 9
    row.update(
        AllocationId=id,
        Name=seed.name(rng, number),
        IpAddress=f"198.18.{number // 250}.{number % 250 + 1}",
        AllocationTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        RegionId=region,
        Bandwidth=str(rng.choice([1, 5, 100])),
        InternetChargeType=rng.choice(["PayByTraffic", "PayByBandwidth"]),
        Status="InUse" if bound else "Available",
        InstanceId=f"{'ngw' if managed else 'i'}-bp1{seed.word(rng, 17)}" if bound else "",
        InstanceType=("Nat" if managed else "EcsInstance") if bound else "",
        InstanceRegionId=f" {region}" if bound else "",
        ServiceManaged=int(managed),
        DeletionProtection=kind == 7,
        ChargeType="PrePaid" if prepaid else "PostPaid",
        ExpiredTime="2027-05-23T16:00:00Z" if prepaid else "",
        SegmentInstanceId=f"eipsg-bp1{seed.word(rng, 15)}" if kind == 11 else "",
        Tags={"Tag": [{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    )
    return row
