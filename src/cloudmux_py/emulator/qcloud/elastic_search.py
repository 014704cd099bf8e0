"""Elasticsearch Service, es 2018-04-16: DescribeInstances, DeleteInstance.

Source: the API reference of Tencent Cloud Elasticsearch Service and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call
from .wire import action, whole

KIND = "elastic_search"
VERSION = "2018-04-16"
DELETING_SECONDS = 3.0
RECYCLE_SECONDS = 7 * 24 * 3600.0
FILTERS = {"InstanceIds": "InstanceId", "InstanceNames": "InstanceName", "ZoneList": "Zone"}


@action("es", VERSION, "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """Offset from 0, Limit default 20; an id that is not there is simply not in the answer."""
    offset = whole(call, "Offset", 0, 0, 10**6, "InvalidParameter.InvalidOffset")
    limit = whole(call, "Limit", 20, 1, 100, "InvalidParameter.InvalidLimit")
    rows = call.visible(KIND)
    for name, key in FILTERS.items():
        if call.params.get(name):
            rows = [row for row in rows if row[key] in call.params[name]]
    if call.params.get("InstanceIds"):
        found, total = rows[offset : offset + limit], len(rows)
    else:
        found, total = call.page_of(rows, offset, limit)
    result = [dict(row) for row in found]
    if result and call.fault("bad-row"):
        result[0]["NodeNum"] = "several"
    body: dict[str, Any] = {"TotalCount": total, "InstanceList": result}
    if call.fault("missing-key"):
        del body["InstanceList"]
    return body


@action("es", VERSION, "DeleteInstance")
def delete_instance(call: Call) -> dict[str, Any]:
    """Pay-as-you-go: gone after a while. Monthly: isolated in the recycle bin first (unverified)."""
    id, table = call.params.get("InstanceId", ""), call.table(KIND)
    row = next((row for row in call.visible(KIND) if row["InstanceId"] == id), None)
    if row is None:
        raise ApiError("InvalidParameter.InvalidInstanceId", "No resource is found by the instance id.")
    if row["EnableDestroyProtection"] == "OPEN":
        raise ApiError("FailedOperation.OpenDestroyProtection", "Destroy protection is on.")
    if row["Status"] not in {1, -1}:
        raise ApiError("UnsupportedOperation.StatusNotSupport", "The status does not allow it.")
    prepaid = row["ChargeType"] == "PREPAID"
    table.patch(id, {"Status": -4, "IsInRecycleBin": True} if prepaid else {"Status": -2})
    table.later(id, RECYCLE_SECONDS if prepaid else DELETING_SECONDS, lambda _: False)
    return {}


@seed.seeder("qcloud", KIND, "es-", 8)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth is prepaid; postpaid rows carry a junk date, as the cloud's do."""
    row, created = seed.copy("qcloud/elastic_search.json"), seed.beijing(seed.moment(rng))
    prepaid, zone = number % 10 == 1, f"{region}-{rng.choice('346')}"
    size = rng.choice([(2, 8), (4, 16), (8, 32)])
    row.update(
        InstanceId=id,
        InstanceName=seed.name(rng, number),
        Region=region,
        Zone=zone,
        VpcUid=seed.reference(rng, account, region, "vpc"),
        SubnetUid=seed.reference(rng, account, region, "network"),
        ChargeType="PREPAID" if prepaid else "POSTPAID_BY_HOUR",
        RenewFlag="RENEW_FLAG_AUTO" if prepaid else "",
        CreateTime=created,
        UpdateTime=created,
        Deadline="2027-07-06 20:52:48" if prepaid else "2023-01-01 00:00:00",
        EsVersion=rng.choice(["6.8.2", "7.14.2", "8.13.3"]),
        NodeNum=rng.choice([2, 3, 6]),
        NodeType=f"ES.S1.{size[0]}XLARGE{size[1]}",
        CpuNum=size[0],
        MemSize=size[1],
        DiskSize=rng.choice([100, 500, 2000]),
        LicenseType=rng.choice(["oss", "basic", "platinum"]),
        Uin=account.account_id,
        Status=0 if number % 40 == 39 else 1,
        TagList=[{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else None,
        MultiZoneInfo=[{"Zone": zone, "SubnetId": row["SubnetUid"], "Hidden": False}] if number % 6 else None,
    )
    if number % 30 == 29:
        row["EnableDestroyProtection"] = "OPEN"
    return row
