"""ECS 2014-05-26, disks: DescribeDisks, DeleteDisk.

Source: the API reference and error tables of Alibaba Cloud ECS and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .wire import array, rpc, tokened

KIND = "disk"
VERSION = "2014-05-26"


@rpc("ecs", VERSION, "DescribeDisks")
def describe_disks(call: Call) -> dict[str, Any]:
    """MaxResults 10 to 500, with tokens; DiskIds is a JSON array, and an empty one matches nothing."""
    ids, rows = array(call, "DiskIds"), call.visible(KIND)
    if ids is not None and len(ids) > 100:
        raise ApiError("InvalidParameter", "The specified DiskIds should have at most 100 ids.")
    rows = [row for row in rows if ids is None or row["DiskId"] in ids]
    if server := call.params.get("InstanceId"):
        rows = [row for row in rows if row["InstanceId"] == server]
    page, more = tokened(call, rows, 10, 500, least=10)
    return body(call, "Disks.Disk", page, {"DiskId": None}, more)


@rpc("ecs", VERSION, "DeleteDisk")
def delete_disk(call: Call) -> dict[str, Any]:
    """A detached pay-as-you-go data disk vanishes at once. An unknown id is ignored, as the reference's text says."""
    row = next((row for row in call.visible(KIND) if row["DiskId"] == call.params.get("DiskId")), None)
    if row is None:
        return {}
    if row["Type"] == "system":
        raise ApiError("DiskTypeViolation", "System disks cannot be deleted.", 403)
    if row["Status"] != "Available":
        raise ApiError("IncorrectDiskStatus", "The current disk status does not support this operation.", 403)
    if not row["Portable"]:
        raise ApiError("DiskNotPortable", "The specified disk is not a portable disk.", 403)
    if row["DiskChargeType"] != "PostPaid":
        raise ApiError("ChargeTypeViolation", "The disk is not pay-as-you-go.", 403)  # code not documented (guess)
    call.table(KIND).remove(row["DiskId"])
    return {}


@seed.seeder("aliyun", KIND, "d-bp1", 17)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first are system disks; of the others every second is attached, some of them to several servers."""
    row, system = seed.copy("aliyun/disk.json"), number < seed.REFERRED
    attached = system or number % 2 == 0
    server = seed.id_of(account, region, "server", number % seed.REFERRED) if attached else ""
    shared, prepaid = attached and number % 12 == 8, number % 10 == 1 and not system
    servers = [seed.id_of(account, region, "server", n) for n in range(2)] if shared else [server] if server else []
    place = {"AttachedTime": row["AttachedTime"], "Device": "/dev/xvdb"}
    row.update(
        DiskId=id,
        DiskName=seed.name(rng, number),
        Type="system" if system else "data",
        Status="Creating" if number % 40 == 39 else "In_use" if server else "Available",
        InstanceId="" if shared else server,
        Attachments={"Attachment": [place | {"InstanceId": id} for id in servers]},
        MultiAttach="Enabled" if shared else "Disabled",
        Size=rng.choice([40, 100, 500, 2000]),
        DiskChargeType="PrePaid" if prepaid else "PostPaid",
        ExpiredTime="2027-07-07T16:00Z" if prepaid else "2999-09-08T16:00Z",
        CreationTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        DeleteWithInstance=system,
        Portable=number % 30 != 29,
        RegionId=region,
        ZoneId=f"{region}-{rng.choice('ghi')}",
        Tags={"Tag": [{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    )
    return row
