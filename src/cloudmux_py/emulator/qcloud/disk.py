"""CBS, cbs 2017-03-12: DescribeDisks, TerminateDisks.

Source: the API reference of Tencent Cloud CBS, the vendor's typed models and its lists of error codes.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .wire import action, filtered, windowed

KIND = "disk"
VERSION = "2017-03-12"
RECYCLE_SECONDS = 7 * 24 * 3600.0
FILTERS = {"disk-id": "DiskId", "disk-usage": "DiskUsage", "disk-state": "DiskState", "instance-id": "InstanceId"}


@action("cbs", VERSION, "DescribeDisks")
def describe_disks(call: Call) -> dict[str, Any]:
    """DiskIds or Filters; the newest first unless asked otherwise; an unknown id is not in the answer."""
    ids, rows = call.params.get("DiskIds"), call.visible(KIND)
    if ids and call.params.get("Filters"):
        raise ApiError("InvalidParameter", "DiskIds and Filters cannot be used together.")
    rows = [row for row in rows if not ids or row["DiskId"] in ids]
    rows.sort(key=lambda row: str(row["CreateTime"]), reverse=call.params.get("Order", "DESC") == "DESC")
    page, total = windowed(call, filtered(call, rows, FILTERS), 20, 100)
    return body(call, "DiskSet", page, {"DiskId": None}, {"TotalCount": total})


@action("cbs", VERSION, "TerminateDisks")
def terminate_disks(call: Call) -> dict[str, Any]:
    """Postpaid: gone. Prepaid: into the recycle bin, and the same call again destroys it. One bad id fails all."""
    unknown = ApiError("InvalidDiskId.NotFound", "The disk does not exist.")  # or ResourceNotFound.NotFound (guess)
    rows, table = [call.one(KIND, "DiskId", id, unknown) for id in call.params.get("DiskIds") or []], call.table(KIND)
    for row in rows:
        _check_deletable(row)
    for row in rows:
        id = row["DiskId"]
        table.cancel(id)
        if row["DiskChargeType"] != "PREPAID" or row["DiskState"] == "TORECYCLE":
            table.remove(id)
        else:
            table.patch(id, {"DiskState": "TORECYCLE", "IsReturnable": False, "ReturnFailCode": 1})
            table.later(id, RECYCLE_SECONDS, lambda _: False)
    return {}


def _check_deletable(row: Row) -> None:
    if row["DiskUsage"] == "SYSTEM_DISK" or not row["Portable"]:
        raise ApiError("ResourceUnavailable.NotPortable", "The disk is not an elastic one.")
    if row["DiskState"] not in {"UNATTACHED", "TORECYCLE"}:
        raise ApiError("ResourceBusy", "The disk is attached or busy.")  # code not documented (guess)
    if row["DiskChargeType"] not in {"PREPAID", "POSTPAID_BY_HOUR"}:
        raise ApiError("ResourceUnavailable.NotSupported", "The disk does not support this.")
    fresh_prepaid = row["DiskChargeType"] == "PREPAID" and row["DiskState"] != "TORECYCLE"
    if fresh_prepaid and row["IsReturnable"] is False:
        raise ApiError("ResourceUnavailable.NotSupportRefund", "The disk cannot be returned.")


@seed.seeder("qcloud", KIND, "disk-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first are system disks; of the others every second is attached, some of them to several servers."""
    row, system = seed.copy("qcloud/disk.json"), number < seed.REFERRED
    server = seed.id_of(account, region, "server", number % seed.REFERRED) if system or number % 2 == 0 else ""
    shared, prepaid = bool(server) and number % 12 == 8, number % 10 == 1 and not system
    row.update(
        DiskId=id,
        DiskName=seed.name(rng, number) or "未命名",
        DiskUsage="SYSTEM_DISK" if system else "DATA_DISK",
        DiskState="EXPANDING" if number % 40 == 39 else "ATTACHED" if server else "UNATTACHED",
        Attached=bool(server),
        InstanceId="" if shared else server,
        InstanceIdList=[server] if shared else [],
        Shareable=shared,
        DiskSize=rng.choice([50, 100, 500, 2000]),
        DiskChargeType="PREPAID" if prepaid else "POSTPAID_BY_HOUR",
        RenewFlag="NOTIFY_AND_AUTO_RENEW" if prepaid else "",
        DeadlineTime="2027-04-10 10:47:36" if prepaid else "",
        DifferDaysOfDeadline=230 if prepaid else None,
        IsReturnable=prepaid and number % 30 != 11,
        ReturnFailCode=(3 if number % 30 == 11 else 0) if prepaid else 10,
        CreateTime=seed.beijing(seed.moment(rng)),
        DeleteWithInstance=system,
        Portable=not system and number % 30 != 29,
        Tags=[{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
    )
    row["Placement"].update(Zone=f"{region}-{rng.choice('346')}", ProjectId=0, ProjectName="默认项目")
    return row
