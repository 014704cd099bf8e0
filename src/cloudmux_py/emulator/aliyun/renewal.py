"""DescribeInstanceAutoRenewalAttribute, which Alibaba Cloud's databases have alike."""

from typing import Any
from zlib import crc32

from ..wire import ApiError, Call
from .wire import numbered


def renewal_reply(call: Call, kind: str, key: str, charge: str) -> dict[str, Any]:
    """The renewal of subscriptions; a page has 30, 50 or 100 items, and the flag is a text.

    Args:
        call: The call.
        kind: The kind of the rows.
        key: Key of an id in a row.
        charge: Key of the billing word in a row.
    """
    if str(call.params.get("PageSize", "30")) not in {"30", "50", "100"}:
        raise ApiError("InvalidPageSize", "The specified page size is not valid.")
    wanted = call.params.get("DBInstanceId")
    rows = [row for row in call.visible(kind) if row[charge].lower() == "prepaid" and wanted in {None, row[key]}]
    page, more = numbered(call, rows, 30, 100)
    items = [{"DBInstanceId": row[key], "RegionId": call.region, "AutoRenew": str(_renews(row[key]))} for row in page]
    numbers = {"PageNumber": more["PageNumber"], "PageRecordCount": len(items), "TotalRecordCount": more["TotalCount"]}
    return {"Items": {"Item": items}, **numbers}


def _renews(id: str) -> bool:
    """Every second one, for good: no row keeps it."""
    return crc32(id.encode()) % 2 == 0
