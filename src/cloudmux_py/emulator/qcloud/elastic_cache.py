"""TencentDB for Redis, redis 2018-04-12: DescribeInstances, Destroy{Postpaid,Prepaid}Instance, CleanUpInstance.

Source: the API reference of TencentDB for Redis and the vendor's typed models.
"""

import random
from datetime import UTC, datetime
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .project import project
from .wire import action, windowed

KIND = "elastic_cache"
VERSION = "2018-04-12"
UNKNOWN = ApiError("ResourceNotFound.InstanceNotExists", "The instance does not exist.")
HOUR = 3600.0
CLEANING_SECONDS = 3.0
ORDER = {"createtime": "Createtime", "instancename": "InstanceName", "projectId": "ProjectId", "type": "Type"}


@action("redis", VERSION, "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """Offset is a multiple of Limit, up to 1000; an id that is not there is simply not in the answer."""
    ids, rows = call.params.get("InstanceIds"), call.visible(KIND)
    if ids:
        rows = [row for row in rows if row["InstanceId"] in ids]
    if "OrderBy" in call.params:
        if call.params["OrderBy"] not in ORDER:
            raise ApiError("InvalidParameterValue", "The value of parameter OrderBy is not supported.")
        rows.sort(key=lambda row: row[ORDER[call.params["OrderBy"]]], reverse=call.params.get("OrderType", 1) == 1)
    if call.params.get("Offset", 0) % call.params.get("Limit", 20):  # the code is not documented (guess)
        raise ApiError("InvalidParameterValue", "The value of parameter Offset should be a multiple of Limit.")
    page, total = windowed(call, rows, 20, 1000)
    return body(call, "InstanceSet", page, {"InstanceId": None}, {"TotalCount": total})


def _isolate(call: Call, mode: int, status: int, hours: int) -> None:
    """Into the recycle bin, until OfflineTime."""
    row, table = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN), call.table(KIND)
    if row["DeleteProtectionSwitch"]:  # the code is not documented (guess)
        raise ApiError("ResourceUnavailable.InstanceStatusError", "Destroy protection is on.")
    if row["BillingMode"] != mode:
        raise ApiError("InvalidParameterValue.UnSupportedType", "The billing mode does not support it.")
    if row["Status"] != 2:
        code = "InstanceIsolated" if row["Status"] < 0 else "InstanceStatusError"
        raise ApiError(f"ResourceUnavailable.{code}", "The state of the instance does not support it.")
    offline = seed.beijing(datetime.fromtimestamp(call.world.clock.now() + hours * HOUR, UTC))
    table.patch(row["InstanceId"], {"Status": status, "OfflineTime": offline, "InstanceTitle": "已隔离"})
    table.later(row["InstanceId"], hours * HOUR, lambda _: False)


@action("redis", VERSION, "DestroyPostpaidInstance")
def destroy_postpaid(call: Call) -> dict[str, Any]:
    """For 2 hours; the status is -3 (unverified). The documented example has its task as a text."""
    _isolate(call, 0, -3, 2)
    return {"TaskId": "10856"}


@action("redis", VERSION, "DestroyPrepaidInstance")
def destroy_prepaid(call: Call) -> dict[str, Any]:
    """For 7 days; the status is -2 (unverified)."""
    _isolate(call, 1, -2, 7 * 24)
    return {"DealName": "20240117000000001"}


@action("redis", VERSION, "CleanUpInstance")
def clean_up(call: Call) -> dict[str, Any]:
    """For good, after a while; only what is in the recycle bin."""
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN)
    if row["Status"] not in {-2, -3}:
        raise ApiError("ResourceUnavailable.InstanceStatusAbnormal", "The instance is not isolated.")
    call.table(KIND).later(row["InstanceId"], CLEANING_SECONDS, lambda _: False)
    return {"TaskId": 10857}


@seed.seeder("qcloud", KIND, "crs-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth is prepaid; some are protected, Valkey or Memcached; all zones are numbers, sizes floats."""
    row, prepaid = seed.copy("qcloud/elastic_cache.json"), number % 10 == 1
    row.update(
        InstanceId=id,
        InstanceName=seed.name(rng, number),
        Appid=int(account.account_id),
        ProjectId=project(account, rng),
        Region=region,
        WanIp=f"10.10.{number % 250}.61",
        Status=1 if number % 40 == 39 else 2,
        Createtime=seed.beijing(seed.moment(rng)),
        Size=float(rng.choice([256, 1024, 4096, 16384])),
        Type=[15, 16, 18, 20, 200][number % 5],
        ProductType="standalone" if number % 5 == 0 else "cluster",
        BillingMode=1 if prepaid else 0,
        AutoRenewFlag=1 if prepaid else 0,
        DeadlineTime="2027-04-17 11:32:18" if prepaid else "0000-00-00 00:00:00",
        UniqVpcId=seed.reference(rng, account, region, "vpc"),
        UniqSubnetId=seed.reference(rng, account, region, "network"),
        NodeSet=row["NodeSet"] if number % 4 == 0 else None,
        InstanceTags=[{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else None,
        DeleteProtectionSwitch=1 if number % 12 == 7 else 0,
    )
    return row
