"""CKafka, ckafka 2019-08-19: DescribeInstancesDetail, DescribeInstanceAttributes, and the calls that delete.

Source: the API reference of Tencent Cloud CKafka and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .wire import action, windowed
from .zone import zone_number

KIND = "kafka"
VERSION = "2019-08-19"
UNKNOWN = ApiError("InvalidParameterValue.InstanceNotExist", "The instance does not exist.")
ATTRIBUTES = frozenset(seed.copy("qcloud/kafka_attributes.json"))
"""Keys that the list does not tell."""
DELETING_SECONDS = 3.0
RECYCLE_SECONDS = 7 * 24 * 3600.0


@action("ckafka", VERSION, "DescribeInstancesDetail")
def describe_instances_detail(call: Call) -> dict[str, Any]:
    """Offset from 0, Limit 10 to 20; ids that are not there are simply not in the answer (unverified)."""
    rows, ids = call.visible(KIND), call.params.get("InstanceIdList")
    if ids:
        rows = [row for row in rows if row["InstanceId"] in ids]
    page, total = windowed(call, rows, 10, 20)
    found = [{key: value for key, value in row.items() if key not in ATTRIBUTES} for row in page]
    reply = body(call, "Result.InstanceList", found, {"Status": "well"}, {})
    reply.get("Result", {})["TotalCount"] = total
    return reply


@action("ckafka", VERSION, "DescribeInstanceAttributes")
def describe_instance_attributes(call: Call) -> dict[str, Any]:
    """What one instance has beyond the list, and some of what the list tells."""
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN)
    shared = ("InstanceId", "InstanceName", "Status", "CreateTime", "ExpireTime")
    return {"Result": {key: row[key] for key in (*shared, *ATTRIBUTES)}}


def _deletable(call: Call, charge: str, statuses: set[int]) -> str:
    """The id, unless it is refused. Which code a wrong call meets is not documented (guess)."""
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN)
    if row["InstanceChargeType"] != charge or row["Status"] not in statuses:
        raise ApiError("UnsupportedOperation", "The operation is not supported.")
    if row["DeleteProtectionEnable"]:
        raise ApiError("FailedOperation", "Delete protection is on.")
    return str(row["InstanceId"])


def _vanish(call: Call, id: str) -> None:
    call.table(KIND).cancel(id)
    call.table(KIND).patch(id, {"Status": 2})
    call.table(KIND).later(id, DELETING_SECONDS, lambda _: False)


def _order(id: str) -> dict[str, Any]:
    deal = {"FlowId": 0, "DealNames": ["20240624186060707999999"], "InstanceId": id}
    return {"Result": {"ReturnCode": "0", "ReturnMessage": "ok", "Data": deal}}


@action("ckafka", VERSION, "DeleteInstancePost")
def delete_instance_post(call: Call) -> dict[str, Any]:
    """Pay-as-you-go: destroyed at once."""
    _vanish(call, _deletable(call, "POSTPAID_BY_HOUR", {1, 5, -1}))
    return {"Result": {"FlowId": 0}}


@action("ckafka", VERSION, "IsolatedInstancePre")
def isolated_instance_pre(call: Call) -> dict[str, Any]:
    """Monthly: isolated for 7 days; that it has Status 5 then is not documented (guess)."""
    id = _deletable(call, "PREPAID", {1})
    call.table(KIND).patch(id, {"Status": 5})
    call.table(KIND).later(id, RECYCLE_SECONDS, lambda _: False)
    return _order(id)


@action("ckafka", VERSION, "DeleteInstancePre")
def delete_instance_pre(call: Call) -> dict[str, Any]:
    """Monthly: isolated and destroyed at once."""
    id = _deletable(call, "PREPAID", {1, 5})
    _vanish(call, id)
    return _order(id)


@seed.seeder("qcloud", KIND, "ckafka-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every third is monthly, every eleventh protected; one in forty is isolated, one deleted and still listed."""
    row = seed.copy("qcloud/kafka.json") | seed.copy("qcloud/kafka_attributes.json")
    created, prepaid = int(seed.moment(rng).timestamp()), number % 3 == 1
    zones = rng.sample([zone_number(region, zone) for zone in (1, 2, 3)], 2)
    row.update(
        InstanceId=id,
        InstanceName=seed.name(rng, number),
        Status={38: 5, 39: 3}.get(number % 40, 1),
        CreateTime=created,
        ExpireTime=1805299200 if prepaid else 0,
        RenewFlag=rng.choice([1, 2]) if prepaid else 0,
        InstanceChargeType="PREPAID" if prepaid else "POSTPAID_BY_HOUR",
        DeleteProtectionEnable=int(number % 11 == 10),
        ZoneId=zones[0],
        ZoneIds=zones[: 1 + number % 2],
        DiskSize=rng.choice([200, 500, 1000]),
        VpcId=seed.reference(rng, account, region, "vpc"),
        SubnetId=seed.reference(rng, account, region, "network"),
        Tags=[{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
    )
    return row
