"""CVM, cvm 2017-03-12: DescribeInstances, StopInstances, TerminateInstances.

Source: the API reference of Tencent Cloud CVM, the vendor's typed models and its lists of error codes.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row, Table
from ..wire import ApiError, Call, body
from .wire import action, filtered, windowed

KIND = "server"
VERSION = "2017-03-12"
STOPPING_SECONDS = 3.0
DELETING_SECONDS = 3.0
RECYCLE_SECONDS = 7 * 24 * 3600.0
FILTERS = {"instance-id": "InstanceId", "instance-name": "InstanceName", "zone": "Placement.Zone"}
BUSY = {"LatestOperationState": "OPERATING"}
DONE = {"LatestOperationState": "SUCCESS"}


@action("cvm", VERSION, "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """InstanceIds, at most 100, or Filters; an unknown id is not in the answer."""
    ids, rows = call.params.get("InstanceIds"), call.visible(KIND)
    if ids and call.params.get("Filters"):
        raise ApiError("InvalidParameterValue", "InstanceIds and Filters cannot be used together.")
    if ids and len(ids) > 100:
        raise ApiError("InvalidParameterValue.LimitExceeded", "At most 100 ids.")
    rows = [row for row in rows if not ids or row["InstanceId"] in ids]
    page, total = windowed(call, filtered(call, rows, FILTERS), 20, 100)
    return body(call, "InstanceSet", page, {"InstanceId": None}, {"TotalCount": total})


def _rows(call: Call) -> list[Row]:
    unknown = ApiError("InvalidInstanceId.NotFound", "The instance does not exist.")
    rows = [call.one(KIND, "InstanceId", id, unknown) for id in call.params.get("InstanceIds") or []]
    for row in rows:
        if row["LatestOperationState"] == "OPERATING":
            raise ApiError("MutexOperation.TaskRunning", f"{row['LatestOperation']} is running.")
    return rows


@action("cvm", VERSION, "StopInstances")
def stop_instances(call: Call) -> dict[str, Any]:
    """Only running ones; the state changes a little before the operation ends."""
    rows, table = _rows(call), call.table(KIND)
    for row in rows:
        if row["InstanceState"] != "RUNNING":
            state = row["InstanceState"].replace("_", " ").title().replace(" ", "")
            raise ApiError(f"UnsupportedOperation.InstanceState{state}", "The state of the instance does not allow it.")
    for row in rows:
        id = row["InstanceId"]
        table.patch(id, {"InstanceState": "STOPPING", "LatestOperation": "StopInstances", **BUSY})
        table.patch_later(id, STOPPING_SECONDS - 1, {"InstanceState": "STOPPED"})
        table.patch_later(id, STOPPING_SECONDS, DONE)
    return {}


@action("cvm", VERSION, "TerminateInstances")
def terminate_instances(call: Call) -> dict[str, Any]:
    """Postpaid: gone. Prepaid: into the recycle bin, and the same call again destroys it."""
    rows, table = _rows(call), call.table(KIND)
    if len({row["InstanceChargeType"] for row in rows}) > 1:
        raise ApiError("UnsupportedOperation.InstanceMixedPricingModel", "The instances are billed in several ways.")
    for row in rows:
        _check_deletable(row)
    for row in rows:
        id, recycled = row["InstanceId"], row["InstanceState"] == "SHUTDOWN"
        isolates = row["InstanceChargeType"] == "PREPAID" and not recycled
        table.cancel(id)
        changes = {"InstanceState": "SHUTDOWN", "IsolatedSource": "MANMADE"} if isolates else {}
        table.patch(id, {"InstanceState": "TERMINATING", "LatestOperation": "TerminateInstances", **BUSY, **changes})
        table.patch_later(id, DELETING_SECONDS, DONE)
        table.later(id, RECYCLE_SECONDS if isolates else DELETING_SECONDS, lambda _: False)
        if not isolates:
            _let_go(call.table("disk"), id)
    return {}


def _let_go(disks: Table, server: str) -> None:
    """Disks that are to go with their server do; others stay, detached."""
    loose = {"InstanceId": "", "DiskState": "UNATTACHED", "Attached": False}
    for disk in disks.snapshot():
        if disk["InstanceId"] == server and disk["DeleteWithInstance"]:
            disks.remove(disk["DiskId"])
        elif disk["InstanceId"] == server:
            disks.patch(disk["DiskId"], loose)


def _check_deletable(row: Row) -> None:
    state = {"PENDING": "Pending", "LAUNCH_FAILED": "LaunchFailed", "TERMINATING": "Terminating"}
    if row["DisableApiTermination"]:
        raise ApiError("UnsupportedOperation.InstancesProtected", "The instance is protected from termination.")
    if row["InstanceState"] in state:
        code = f"UnsupportedOperation.InstanceState{state[row['InstanceState']]}"
        raise ApiError(code, "The state of the instance does not allow it.")
    if row["InstanceChargeType"] not in {"PREPAID", "POSTPAID_BY_HOUR", "SPOTPAID"}:
        raise ApiError("UnsupportedOperation.InstanceChargeType", "The way of billing does not allow it.")
    if row["RestrictState"] == "EXPIRED":
        raise ApiError("InvalidInstanceNotSupportedPrepaidInstance", "The prepaid instance cannot be returned.")


@seed.seeder("qcloud", KIND, "ins-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every third is stopped, every tenth prepaid; some are protected, busy, on a host of their own or failed."""
    row, size = seed.copy("qcloud/server.json"), rng.choice([2, 4, 8])
    prepaid, ips = number % 10 == 1, [f"10.10.{number // 250 % 250}.{number % 250 + 1}"]
    state = {39: "PENDING", 36: "LAUNCH_FAILED"}.get(number % 40, "STOPPED" if number % 3 == 2 else "RUNNING")
    busy = number % 50 == 47
    row.update(
        InstanceId=id,
        InstanceName=seed.name(rng, number) or "未命名",
        InstanceType=f"S5.{size}XLARGE{size * 4}",
        InstanceChargeType="PREPAID" if prepaid else "CDHPAID" if number % 60 == 58 else "POSTPAID_BY_HOUR",
        InstanceState=state,
        CPU=size,
        Memory=size * 4,
        RenewFlag="NOTIFY_AND_AUTO_RENEW" if prepaid else None,
        ExpiredTime="2027-04-10T02:47:36Z" if prepaid else None,
        CreatedTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        PrivateIpAddresses=ips,
        PublicIpAddresses=[f"203.0.113.{number % 250 + 1}"] if number % 4 else None,
        DisableApiTermination=number % 30 == 29,
        LatestOperation="RebootInstances" if busy else None,
        LatestOperationState="OPERATING" if busy else None,
        GPUInfo=None,
        Tags=[{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
    )
    row["Placement"].update(Zone=f"{region}-{rng.choice('346')}", ProjectId=0)
    row["VirtualPrivateCloud"].update(
        VpcId=seed.reference(rng, account, region, "vpc"),
        SubnetId=seed.reference(rng, account, region, "network"),
        PrivateIpAddresses=ips,
    )
    return row
