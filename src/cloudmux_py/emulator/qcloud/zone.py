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
NUMBERS = {"ap-guangzhou": 10, "na-siliconvalley": 15, "ap-shanghai": 20, "ap-beijing": 80, "ap-singapore": 90}
"""The first digits of a region's zones where they have numbers: the page "Regions and AZs" of TencentDB for Redis."""


def zone_number(region: str, zone: int) -> int:
    """100006 for the sixth zone of ap-guangzhou; one of no known region for others."""
    return NUMBERS.get(region, 99) * 10_000 + zone


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
        "ZoneId": str(zone_number(region, number + 1)),
        "ZoneState": "UNAVAILABLE" if number % 10 == 8 else "AVAILABLE",
    }
