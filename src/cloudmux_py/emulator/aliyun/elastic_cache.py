"""Tair (Redis), r-kvstore 2015-01-01: DescribeInstances, DescribeInstanceAttribute, DeleteInstance, DescribeRegions.

Source: the API reference of Tair (Redis OSS-compatible) and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .account import regions_reply
from .project import project
from .renewal import renewal_reply
from .wire import commas, numbered, rpc

KIND = "elastic_cache"
SERVICE, VERSION = "r-kvstore", "2015-01-01"
TEMPLATE = seed.copy("aliyun/elastic_cache.json")
"""A row in three parts: what both calls tell, what the list alone does, and what the detail."""

UNKNOWN = ApiError("InvalidInstanceId.NotFound", "The instance does not exist.", 404)
RELEASING_SECONDS, RELEASED_SECONDS = 3.0, 3600.0


@rpc(SERVICE, VERSION, "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """PageNumber and PageSize up to 50; at most 30 ids, and one that is not there is simply not in the answer."""
    ids, rows = commas(call, "InstanceIds"), call.visible(KIND)
    if len(ids) > 30:
        raise ApiError("InvalidInstanceIds.Malformed", "The number of InstanceIds exceeds the limit.")
    if ids:
        rows = [row for row in rows if row["InstanceId"] in ids]
    page, more = numbered(call, rows, 30, 50)
    listed = [{key: row[key] for key in row if key not in TEMPLATE["detail"]} for row in page]
    return body(call, "Instances.KVStoreInstance", listed, {"InstanceId": None}, more)


@rpc(SERVICE, VERSION, "DescribeInstanceAttribute")
def describe_instance_attribute(call: Call) -> dict[str, Any]:
    """What lists lack; a truth value and a count have changed types here."""
    row = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN)
    told = {key: row[key] for key in row if key not in TEMPLATE["list"]}
    told |= {"HasRenewChangeOrder": "false", "ReadOnlyCount": int(row["ReadOnlyCount"])}
    return {"Instances": {"DBInstanceAttribute": [told]}}


@rpc(SERVICE, VERSION, "DescribeInstanceAutoRenewalAttribute")
def describe_renewal(call: Call) -> dict[str, Any]:
    """Of subscriptions."""
    return renewal_reply(call, KIND, "InstanceId", "ChargeType")


@rpc(SERVICE, VERSION, "DeleteInstance")
def delete_instance(call: Call) -> dict[str, Any]:
    """Flushing for a while, then Released and still answered for an hour (how long: guess)."""
    row, table = call.one(KIND, "InstanceId", call.params.get("InstanceId"), UNKNOWN), call.table(KIND)
    if row["InstanceReleaseProtection"]:
        raise ApiError("InstanceReleaseProtection", "Not permitted due to instance release protection.", 403)
    if row["GlobalInstanceId"] or row["ChargeType"] == "PrePaid":  # neither code is documented (guess)
        raise ApiError("ChargeTypeViolation", "The operation is not permitted due to the instance's type.")
    if row["InstanceStatus"] != "Normal":
        raise ApiError("IncorrectDBInstanceState", "The current instance state does not support it.", 403)
    table.patch(row["InstanceId"], {"InstanceStatus": "Flushing"})
    table.later(row["InstanceId"], RELEASING_SECONDS, lambda row: not row.update(InstanceStatus="Released"))
    table.later(row["InstanceId"], RELEASED_SECONDS, lambda _: False)
    return {}


@rpc(SERVICE, VERSION, "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """The service's own region list."""
    return regions_reply(call, SERVICE, "RegionIds.KVStoreRegion")


@seed.seeder("aliyun", KIND, "r-bp1", 17)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth is prepaid; some are protected, parts of distributed ones, Memcache, in several zones, or gone."""
    row, zone = {**TEMPLATE["both"], **TEMPLATE["list"], **TEMPLATE["detail"]}, f"{region}-{rng.choice('ghi')}"
    prepaid, cluster = number % 10 == 1, number % 3 == 0
    row.update(
        InstanceId=id,
        InstanceName=seed.name(rng, number),
        ConnectionDomain=f"{id}.redis.rds.aliyuncs.com",
        PrivateIp=f"192.168.{number % 250}.21",
        CreateTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ChargeType="PrePaid" if prepaid else "PostPaid",
        EndTime="2027-06-13T16:00:00Z" if prepaid else "",
        InstanceType=["Redis", "Tair", "Redis", "Redis", "Memcache"][number % 5],
        EngineVersion=rng.choice(["5.0", "6.0", "7.0"]),
        ArchitectureType="cluster" if cluster else "standard",
        NodeType="single" if number % 7 == 6 else "double",
        Capacity=rng.choice([256, 1024, 4096, 16384]),
        InstanceStatus="Changing" if number % 40 == 39 else "Released" if number % 50 == 49 else "Normal",
        InstanceReleaseProtection=number % 30 == 29,
        GlobalInstanceId=f"gr-bp1{seed.word(rng, 11)}" if number % 25 == 24 else "",
        RegionId=region,
        ResourceGroupId=project(account, rng),
        ZoneId=f"{region}-MAZ10(h,i)" if number % 8 == 7 else zone,
        SecondaryZoneId="" if number % 4 else f"{region}-k",
        VpcId=seed.reference(rng, account, region, "vpc"),
        VSwitchId=seed.reference(rng, account, region, "network"),
    )
    tags = [{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []
    row["Tags"] = {"Tag": tags} if number % 6 else {}
    return row
