"""CVM, cvm 2017-03-12 DescribeZones: the zones of a region, without paging.

Source: the API reference of Tencent Cloud CVM and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import Call, body
from .wire import action

KIND = "zone"


@action("cvm", "2017-03-12", "DescribeZones")
def describe_zones(call: Call) -> dict[str, Any]:
    """All of them in one reply."""
    rows = call.visible(KIND)
    return body(call, "ZoneSet", rows, {"Zone": None}, {"TotalCount": len(rows)})


@seed.seeder("qcloud", KIND, name=lambda region, number: f"{region}-{number + 1}")
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth has no name."""
    return {
        "Zone": id,
        "ZoneName": "" if number % 10 == 9 else f"{number + 1}区",
        "ZoneId": str(100001 + number),
        "ZoneState": "UNAVAILABLE" if number % 10 == 8 else "AVAILABLE",
    }
