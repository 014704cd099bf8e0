"""Kafka, alikafka 2019-09-16: GetInstanceList, ReleaseInstance, DeleteInstance.

Source: the API reference of ApsaraMQ for Kafka, the vendor's typed models, and the order of calls in the vendor's
Terraform provider.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .project import project
from .wire import numbers, rpc

KIND = "kafka"
VERSION = "2019-09-16"
UNKNOWN = ApiError("BIZ_INSTANCE_NOT_FOUND", "The specified instance does not exist.", 400)
OK = {"Code": 200, "Message": "operation success.", "Success": True}
STEP_SECONDS = 3.0
LISTED_SECONDS = 24 * 3600.0
"""How long a released row stays in the list (unverified)."""


@rpc("alikafka", VERSION, "GetInstanceList")
def get_instance_list(call: Call) -> dict[str, Any]:
    """All in one reply, released ones too; ids that are not there are simply not in the answer."""
    ids, rows = numbers(call, "InstanceId"), call.visible(KIND)
    if ids:
        rows = [row for row in rows if row["InstanceId"] in ids]
    page, _ = call.page_of(rows, 0, len(rows))
    return body(call, "InstanceList.InstanceVO", page, {"CreateTime": "yesterday"}, OK)


@rpc("alikafka", VERSION, "ReleaseInstance", "POST")
def release_instance(call: Call) -> dict[str, Any]:
    """The first step: destroys the instance, which stays listed. A busy one is refused by HTTP 200 (unverified)."""
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN)
    if row["PaidType"] == 0:
        raise ApiError("BIZ_INSTANCE_PAIDTYPE_NOT_SUPPORT", "A subscription instance cannot be released.")
    if row["ServiceStatus"] == 10 or row["ViewInstanceStatusCode"] == 23:
        raise ApiError("InstanceStatus.Released", "The instance has been released.")
    if row["ServiceStatus"] not in {5, 15}:
        return {"Code": 400, "Message": "The instance is being changed.", "Success": False}
    if row["UsedTopicCount"]:
        raise ApiError("BIZ_INSTANCE_RELEASE_EXIST_TOPIC_ERROR", "Topics exist in the instance.")
    # Which code the console's status has meanwhile is not documented (unverified).
    call.table(KIND).patch(row["InstanceId"], {"ViewInstanceStatusCode": 23})
    call.table(KIND).later(row["InstanceId"], STEP_SECONDS, lambda row: row.update(ServiceStatus=15) is None)
    return dict(OK)


@rpc("alikafka", VERSION, "DeleteInstance", "POST")
def delete_instance(call: Call) -> dict[str, Any]:
    """The second step: only what was released."""
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN)
    if (row["ServiceStatus"], row["ViewInstanceStatusCode"]) != (15, 23):
        raise ApiError("InstanceStatus.NotReleased", "The instance has not been released.")
    released = {"ServiceStatus": 10, "ViewInstanceStatusCode": 6}
    call.table(KIND).later(row["InstanceId"], STEP_SECONDS, lambda row: row.update(released) is None)
    call.table(KIND).later(row["InstanceId"], LISTED_SECONDS, lambda _: False)
    return dict(OK)


@seed.seeder("aliyun", KIND, "alikafka_post-cn-", 11)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth is prepaid, every seventh has topics; a few are busy, stopped, or released long ago."""
    row, created = seed.copy("aliyun/kafka.json"), int(seed.moment(rng).timestamp() * 1000)
    zone, network = (seed.reference(rng, account, region, kind) for kind in ("zone", "network"))
    statuses = {3: (8, 8), 5: (15, 3), 8: (10, 6)}
    service, view = statuses.get(number % 20, (5, 2))
    row.update(
        InstanceId=id,
        Name=seed.name(rng, number),
        PaidType=0 if number % 10 == 1 else rng.choice([1, 1, 3]),
        CreateTime=created,
        ExpiredTime=1805299200000 if number % 10 == 1 else created + 315_360_000_000,
        ServiceStatus=service,
        ViewInstanceStatusCode=view,
        RegionId=region,
        ZoneId=f"zone{zone.rpartition('-')[2]}",
        StandardZoneId=zone,
        BackupZoneId=f"{region}-j" if number % 3 == 0 else "",
        DiskSize=rng.choice([500, 900, 3600]),
        UsedTopicCount=20 if number % 7 == 6 else 0,
        ResourceGroupId=project(account, rng),
        VpcId=seed.reference(rng, account, region, "vpc"),
        VSwitchId=network,
        VSwitchIds={"VSwitchIds": [network]},
        Tags={"TagVO": [{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    )
    return row
