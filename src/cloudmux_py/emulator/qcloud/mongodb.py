"""MongoDB, mongodb 2019-07-25: DescribeDBInstances, IsolateDBInstance, TerminateDBInstances, OfflineIsolatedDBInstance.

Source: the API reference of TencentDB for MongoDB and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .project import project
from .wire import action, windowed

KIND = "mongodb"
VERSION = "2019-07-25"
UNKNOWN = ApiError("InvalidParameterValue.NotFoundInstance", "The instance does not exist.")
PROTECTED = "deletion-protection"
"""A tag: no call tells of the protection, so that nothing else of a row shows it."""
STEP_SECONDS = 3.0
RECYCLE_SECONDS = {-3: 3 * 24 * 3600.0, -2: 7 * 24 * 3600.0}
"""How long the recycle bin keeps what was paid by use, and (guess) what was prepaid."""


@action("mongodb", VERSION, "DescribeDBInstances")
def describe_db_instances(call: Call) -> dict[str, Any]:
    """Offset from 0, Limit 20, from 2 to 100; ids that are not there are simply not in the answer."""
    rows, ids = call.visible(KIND), call.params.get("InstanceIds")
    if ids:
        rows = [row for row in rows if row["InstanceId"] in ids]
    kind = call.params.get("InstanceType", 0)
    if kind not in {0, -1}:
        rows = [row for row in rows if row["InstanceType"] == kind]
    if call.params.get("OrderBy") == "CreateTime":
        rows.sort(key=lambda row: str(row["CreateTime"]), reverse=call.params.get("OrderByType") == "DESC")
    if call.params.get("Limit") == 1:
        raise ApiError("InvalidParameterValue", "The value of parameter Limit should be above 1.")
    page, total = windowed(call, rows, 20, 100)
    return body(call, "InstanceDetails", page, {"Status": "well"}, {"TotalCount": total})


def _row(call: Call) -> Row:
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN)
    if any(tag["TagKey"] == PROTECTED for tag in row["Tags"]):
        raise ApiError("FailedOperation.DeletionProtectionEnabled", "Deletion protection is on.")
    return row


def _isolate(call: Call, row: Row, status: int) -> None:
    """Being processed for a moment, then in the recycle bin."""
    if row["Status"] in RECYCLE_SECONDS:
        raise ApiError("InvalidParameterValue.InstanceHasBeenIsolated", "The instance has been isolated.")
    if row["Status"] != 2:
        raise ApiError("InvalidParameterValue.LockFailed", "The instance is busy.")
    table, id = call.table(KIND), row["InstanceId"]
    table.patch(id, {"Status": 1})
    table.later(id, STEP_SECONDS, lambda row: row.update(Status=status) is None)
    table.later(id, RECYCLE_SECONDS[status], lambda _: False)


@action("mongodb", VERSION, "IsolateDBInstance")
def isolate_db_instance(call: Call) -> dict[str, Any]:
    """Into the recycle bin; pay-as-you-go alone."""
    row = _row(call)
    if row["PayMode"] == 1:
        raise ApiError("InvalidParameterValue.PrePaidInstanceUnableToIsolate", "A monthly instance is not isolated.")
    _isolate(call, row, -3)
    return {"AsyncRequestId": "8f1c4d2a"}


@action("mongodb", VERSION, "TerminateDBInstances")
def terminate_db_instances(call: Call) -> dict[str, Any]:
    """Into the recycle bin; monthly alone."""
    row = _row(call)
    if row["PayMode"] != 1:
        raise ApiError("InvalidParameterValue.StatusAbnormal", "The instance is not a monthly one.")
    _isolate(call, row, -2)
    return {}


@action("mongodb", VERSION, "OfflineIsolatedDBInstance")
def offline_isolated_db_instance(call: Call) -> dict[str, Any]:
    """Out of the recycle bin, for good."""
    row = _row(call)
    if row["Status"] not in RECYCLE_SECONDS:
        raise ApiError("InvalidParameterValue.IllegalStatusToOffline", "The instance is not isolated.")
    call.table(KIND).cancel(row["InstanceId"])
    call.table(KIND).later(row["InstanceId"], STEP_SECONDS, lambda _: False)
    return {"AsyncRequestId": "8f1c4d2b"}


@seed.seeder("qcloud", KIND, "cmgo-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every third is monthly, every fourth sharded; a few are read-only, isolated, busy or protected."""
    row, created = seed.copy("qcloud/mongodb.json"), seed.moment(rng)
    prepaid, shards = number % 3 == 1, 2 if number % 4 == 3 else 1
    gigabytes = rng.choice([2, 4, 8])
    row.update(
        InstanceId=id,
        RealInstanceId=id,
        InstanceName=seed.name(rng, number),
        PayMode=int(prepaid),
        ProjectId=project(account, rng),
        ClusterType=int(shards > 1),
        ReplicationSetNum=shards,
        Region=region,
        Zone=seed.reference(rng, account, region, "zone"),
        VpcId=seed.reference(rng, account, region, "vpc"),
        SubnetId=seed.reference(rng, account, region, "network"),
        Status={9: -3, 39: 1}.get(number % 40, 2),
        CreateTime=seed.beijing(created),
        DeadLine="2027-03-18 00:00:00" if prepaid else seed.beijing(created.replace(year=created.year + 50, day=1)),
        AutoRenewFlag=number % 3,
        Memory=gigabytes * 1024 * shards,
        Volume=gigabytes * 25 * 1024 * shards,
        CpuNum=gigabytes // 2,
        InstanceType=3 if number % 15 == 14 else 1,
        Tags=[{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
    )
    if number % 15 == 10:
        row["Tags"] = [{"TagKey": PROTECTED, "TagValue": "on"}]
    return row
