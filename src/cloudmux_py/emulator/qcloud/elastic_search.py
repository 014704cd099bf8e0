"""Elasticsearch Service, es 2018-04-16: DescribeInstances, DeleteInstance.

Source: the API reference of Tencent Cloud Elasticsearch Service and the vendor's typed models.
"""

from typing import Any

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
