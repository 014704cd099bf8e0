"""ECS 2014-05-26 DescribeZones: the zones of a region, without paging.

Source: the API reference of Alibaba Cloud ECS and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .wire import rpc

KIND = "zone"


@rpc("ecs", "2014-05-26", "DescribeZones")
def describe_zones(call: Call) -> dict[str, Any]:
    """All of them in one reply; a region that there is not is an error, not an empty list."""
    if call.region not in call.world.regions["aliyun"]:
        raise ApiError("InvalidRegionId.NotFound", "The RegionId provided does not exist in our records.", 404)
    return body(call, "Zones.Zone", call.visible(KIND), {"ZoneId": None}, {})


def zone_id(region: str, number: int) -> str:
    """``cn-beijing-a`` and so on; beyond the letters, as no cloud has them, with a number."""
    letter = chr(ord("a") + number % 26)
    return f"{region}-{letter}{number // 26 or ''}"


@seed.seeder("aliyun", KIND, name=zone_id)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth has no name."""
    name = "" if number % 10 == 9 else f"可用区{id.rpartition('-')[2].upper()}"
    return {
        "ZoneId": id,
        "LocalName": name,
        "ZoneType": "AvailabilityZone",
        "AvailableResourceCreation": {"ResourceTypes": ["VSwitch", "Instance", "Disk"]},
        "AvailableDiskCategories": {"DiskCategories": ["cloud_essd"]},
        "AvailableInstanceTypes": {"InstanceTypes": ["ecs.g7.large"]},
        "AvailableVolumeCategories": {"VolumeCategories": []},
        "DedicatedHostGenerations": {"DedicatedHostGeneration": []},
        "AvailableDedicatedHostTypes": {"DedicatedHostType": []},
    }
