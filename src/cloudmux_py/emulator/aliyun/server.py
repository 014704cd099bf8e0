"""ECS 2014-05-26, servers: DescribeInstances, StopInstance, DeleteInstance.

Source: the API reference and error tables of Alibaba Cloud ECS and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row, Table
from ..wire import ApiError, Call, body
from .wire import array, rpc, tokened

KIND = "server"
VERSION = "2014-05-26"
STOPPING_SECONDS = 3.0
DELETING_SECONDS = 3.0


@rpc("ecs", VERSION, "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """MaxResults 10 to 100, with tokens; InstanceIds is a JSON array, and an unknown id is not in the answer."""
    ids, rows = array(call, "InstanceIds"), call.visible(KIND)
    if ids is not None and len(ids) > 100:
        raise ApiError("InvalidParameter", "The specified InstanceIds should have at most 100 ids.")
    rows = [row for row in rows if ids is None or row["InstanceId"] in ids]
    page, more = tokened(call, rows, 10, 100, least=10)
    return body(call, "Instances.Instance", page, {"InstanceId": None}, more)


def _one(call: Call) -> Row:
    unknown = ApiError("InvalidInstanceId.NotFound", "The specified InstanceId does not exist.", 404)
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), unknown)
    locks = {lock["LockReason"].lower() for lock in row["OperationLocks"]["LockReason"]}
    if "security" in locks:
        raise ApiError("InstanceLockedForSecurity", "Your instance is locked for security reasons.", 403)
    return row


@rpc("ecs", VERSION, "StopInstance")
def stop_instance(call: Call) -> dict[str, Any]:
    """Only a running one; it is Stopping for a while."""
    row, table = _one(call), call.table(KIND)
    if row["Status"] != "Running":
        raise ApiError("IncorrectInstanceStatus", "The current status of the resource does not support this.", 403)
    mode = call.params.get("StoppedMode", "KeepCharging")
    table.patch(row["InstanceId"], {"Status": "Stopping", "StoppedMode": mode})
    table.patch_later(row["InstanceId"], STOPPING_SECONDS, {"Status": "Stopped"})
    return {}


@rpc("ecs", VERSION, "DeleteInstance")
def delete_instance(call: Call) -> dict[str, Any]:
    """Only a stopped pay-as-you-go one, unless forced; it stays listed for a while, as it was."""
    row = _one(call)
    if row["InstanceChargeType"] != "PostPaid":
        raise ApiError("ChargeTypeViolation", "The operation is not permitted due to charge type of the instance.", 403)
    if row["DeletionProtection"]:
        raise ApiError("InvalidOperation.DeletionProtection", "The instance is protected from deletion.", 403)
    if row["Status"] == "Pending":
        raise ApiError("IncorrectInstanceStatus.Initializing", "The specified instance is initializing.", 403)
    if row["Status"] != "Stopped" and call.params.get("Force", "false") != "true":
        raise ApiError("IncorrectInstanceStatus", "The current status of the resource does not support this.", 403)
    call.table(KIND).later(row["InstanceId"], DELETING_SECONDS, lambda _: False)
    _let_go(call.table("disk"), row["InstanceId"])
    return {}


def _let_go(disks: Table, server: str) -> None:
    """Disks that are to go with their server do; others stay, detached and pay-as-you-go."""
    loose = {"InstanceId": "", "Status": "Available", "DiskChargeType": "PostPaid", "Attachments": {"Attachment": []}}
    for disk in disks.snapshot():
        if disk["InstanceId"] == server and disk["DeleteWithInstance"]:
            disks.remove(disk["DiskId"])
        elif disk["InstanceId"] == server:
            disks.patch(disk["DiskId"], loose)


@seed.seeder("aliyun", KIND, "i-bp1", 17)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every third is stopped, every tenth prepaid; some are protected, locked or new; not all have elastic IPs."""
    row, size = seed.copy("aliyun/server.json"), rng.choice([2, 4, 8])
    ip = f"192.168.{number // 250 % 250}.{number % 250 + 1}"
    prepaid = number % 10 == 1
    row.update(
        InstanceId=id,
        InstanceName=seed.name(rng, number),
        HostName=f"host-{number:03d}",
        Status="Pending" if number % 40 == 39 else "Stopped" if number % 3 == 2 else "Running",
        StoppedMode="KeepCharging" if number % 3 == 2 else "Not-applicable",
        Cpu=size,
        Memory=size * 4096,
        InstanceType=f"ecs.g7.{({2: 'large', 4: 'xlarge', 8: '2xlarge'})[size]}",
        CreationTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%MZ"),
        InstanceChargeType="PrePaid" if prepaid else "PostPaid",
        ExpiredTime="2027-05-10T16:00Z" if prepaid else "2099-12-31T15:59Z",
        DeletionProtection=number % 30 == 29,
        RegionId=region,
        ZoneId=f"{region}-{rng.choice('ghi')}",
        PublicIpAddress={"IpAddress": [] if number % 4 else [f"198.51.100.{number % 250 + 1}"]},
        Tags={"Tag": [{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    )
    row["VpcAttributes"].update(
        VpcId=seed.reference(rng, account, region, "vpc"),
        VSwitchId=seed.reference(rng, account, region, "network"),
        PrivateIpAddress={"IpAddress": [ip]},
    )
    row["NetworkInterfaces"]["NetworkInterface"][0].update(PrimaryIpAddress=ip)
    if number % 4:
        row["EipAddress"].update(IpAddress=f"203.0.113.{number % 250 + 1}", AllocationId=f"eip-bp1{seed.word(rng, 17)}")
    else:
        row["EipAddress"].update(IpAddress="", AllocationId="", Bandwidth=0, InternetChargeType="")
    if number % 50 == 47:
        row["OperationLocks"] = {"LockReason": [{"LockReason": "security", "LockMsg": ""}]}
    return row
