"""TencentDB for MySQL, cdb 2017-03-20: DescribeDBInstances, IsolateDBInstance, OfflineIsolatedInstances.

Source: the API reference of TencentDB for MySQL and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .project import project
from .wire import action, windowed

KIND = "dbinstance"
VERSION = "2017-03-20"
UNKNOWN = ApiError("InvalidParameter.InstanceNotFound", "The instance does not exist.")
SECONDS = 3.0
HOUR = 3600.0
ORDER = {"instanceId", "instanceName", "createTime", "deadlineTime"}


@action("cdb", VERSION, "DescribeDBInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """Offset and Limit, up to 2000; an id that is not there is simply not in the answer (unverified)."""
    rows, order = call.visible(KIND), call.params.get("OrderBy", "createTime")
    for name, key in {"InstanceIds": "InstanceId", "Status": "Status", "PayTypes": "PayType"}.items():
        if call.params.get(name):
            rows = [row for row in rows if row[key] in call.params[name]]
    if order not in ORDER:
        raise ApiError("InvalidParameter", "The value of parameter OrderBy is not supported.")
    rows.sort(key=lambda row: row[order[0].upper() + order[1:]], reverse=call.params.get("OrderDirection") != "ASC")
    page, total = windowed(call, rows, 20, 2000)
    return body(call, "Items", page, {"InstanceId": None}, {"TotalCount": total})


@action("cdb", VERSION, "IsolateDBInstance")
def isolate(call: Call) -> dict[str, Any]:
    """Isolating for a while, then isolated: pay-as-you-go for 24 hours, monthly for 7 days; no task is named."""
    row, table = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN), call.table(KIND)
    if row["DestroyProtect"] == "on" or row["InstanceType"] == 3:  # neither code is documented (guess)
        raise ApiError("OperationDenied.ActionNotSupport", "The instance is protected or read-only.")
    if row["Status"] != 1 or row["TaskStatus"]:
        raise ApiError("OperationDenied.InstanceStatusError", "The state of the instance does not support it.")
    table.patch(row["InstanceId"], {"Status": 4})
    table.later(row["InstanceId"], SECONDS, lambda row: not row.update(Status=5))
    table.later(row["InstanceId"], (24 if row["PayType"] else 7 * 24) * HOUR, lambda _: False)
    return {}


@action("cdb", VERSION, "OfflineIsolatedInstances")
def offline(call: Call) -> dict[str, Any]:
    """For good, with all read-only copies: going offline, then offline and still answered for an hour (guess)."""
    rows, table = [call.one(KIND, "InstanceId", id, UNKNOWN) for id in call.params["InstanceIds"]], call.table(KIND)
    if any(row["Status"] != 5 for row in rows):
        raise ApiError("OperationDenied.WrongStatus", "The instance is not isolated.")
    for row in rows:
        table.patch(row["InstanceId"], {"Status": 6})
        table.later(row["InstanceId"], SECONDS, lambda row: not row.update(Status=7))
        table.later(row["InstanceId"], HOUR, lambda _: False)
        for copy in (copy for group in row["RoGroups"] or () for copy in group["RoInstances"]):
            table.later(copy["InstanceId"], SECONDS, lambda _: False)
    return {}


@seed.seeder("qcloud", KIND, "cdb-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth is prepaid; some are protected, busy, new or offline; some have a read-only copy."""
    row, prepaid = seed.copy("qcloud/dbinstance.json"), number % 10 == 1
    copies, master, blank = number % 12 == 6, number % 12 == 7, "0000-00-00 00:00:00"
    if copies:
        row["RoGroups"][0]["RoInstances"][0].update(InstanceId=seed.id_of(account, region, KIND, number + 1))
    if master:
        row["MasterInfo"].update(InstanceId=seed.id_of(account, region, KIND, number - 1))
    size = rng.choice([(1, 1000), (4, 8000), (8, 32000)])
    row.update(
        InstanceId=id,
        InstanceName=seed.name(rng, number),
        InstanceType=3 if master else 1,
        RoGroups=row["RoGroups"] if copies else None,
        DrInfo=[],
        Region=region,
        Zone=f"{region}-{rng.choice('346')}",
        ProjectId=project(account, rng),
        Status=7 if number % 60 == 59 else 1,
        InitFlag=0 if number % 45 == 44 else 1,
        TaskStatus=10 if number % 40 == 39 else 0,
        CreateTime=seed.beijing(seed.moment(rng)),
        PayType=0 if prepaid else 2 if master else 1,
        AutoRenew=1 if prepaid else 0,
        DeadlineTime="2027-08-29 08:37:33" if prepaid else blank,
        EngineVersion=rng.choice(["5.6", "5.7", "8.0"]),
        Cpu=size[0],
        Memory=size[1],
        Volume=rng.choice([25, 200, 2000]),
        Vip=f"10.10.{number % 250}.80",
        UniqVpcId=seed.reference(rng, account, region, "vpc"),
        UniqSubnetId=seed.reference(rng, account, region, "network"),
        TagList=[{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else None,
        DestroyProtect="on" if number % 30 == 29 else "off",
    )
    return row
