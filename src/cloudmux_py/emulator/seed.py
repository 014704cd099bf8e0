"""Reproducible rows: how a kind fills a region."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from .state import Account, Row, World

Seeder = Callable[[random.Random, Account, str, int], tuple[str, Row]]

_seeders: dict[tuple[str, str], Seeder] = {}

NAMES = [
    "orders",
    "logs",
    "audit",
    "metrics",
    "订单检索",
    "日志",
    "search-prod",
    "search-test",
    "db[/bold]",
    "app[prod]",
]
ENVIRONMENTS = ["prod", "test", "dev"]
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def seeder(provider: str, kind: str) -> Callable[[Seeder], Seeder]:
    """Register what makes the rows of a kind."""

    def register(make: Seeder) -> Seeder:
        _seeders[provider, kind] = make
        return make

    return register


def kinds(provider: str) -> list[str]:
    """The kinds that can be seeded."""
    return [kind for known, kind in _seeders if known == provider]


def fill(world: World, account: Account, region: str, kind: str, count: int) -> None:
    """Add rows to a region."""
    make = _seeders[account.provider, kind]
    rng = random.Random(f"{world.random.random()}{account.account_id}{region}{kind}")  # noqa: S311
    table = world.table(account.provider, account.account_id, region, kind)
    for number in range(count):
        table.put(*make(rng, account, region, number))


@cache
def template(file: str) -> str:
    """A documented row as JSON text."""
    return (Path(__file__).parent / file).read_text("utf-8")


def copy(file: str) -> Row:
    """A row of its own."""
    row: Row = json.loads(template(file))
    return row


def word(rng: random.Random, length: int) -> str:
    """A piece of an id."""
    return "".join(rng.choices(LETTERS, k=length))


def moment(rng: random.Random) -> datetime:
    """A time of creation within two years."""
    return EPOCH + timedelta(seconds=rng.randrange(2 * 365 * 86400))


@seeder("aliyun", "elastic_search")
def aliyun_elastic_search(rng: random.Random, account: Account, region: str, number: int) -> tuple[str, Row]:
    """Every tenth is prepaid; every twelfth has no name; nodes of all kinds come from the template."""
    id, row = f"es-cn-{word(rng, 13)}", copy("aliyun/elastic_search.json")
    created, vpc = moment(rng), f"vpc-bp1{word(rng, 10)}"
    prepaid, plain = number % 10 == 1, number % 3 != 0
    row.update(
        instanceId=id,
        description="" if number % 12 == 11 else f"{rng.choice(NAMES)}-{number:03d}",
        domain=f"{id}.elasticsearch.aliyuncs.com",
        kibanaDomain=f"{id}.kibana.elasticsearch.aliyuncs.com",
        createdAt=created.strftime("%Y-%m-%dT%H:%M:%S.253Z"),
        updatedAt=created.strftime("%Y-%m-%dT%H:%M:%S.871Z"),
        paymentType="prepaid" if prepaid else "postpaid",
        endTime=1805299200000 if prepaid else 4746268800000,
        esVersion=rng.choice(["6.7_with_X-Pack", "7.10_with_X-Pack", "8.17.0_with_X-Pack"]),
        nodeAmount=rng.choice([2, 3, 6]),
        status="activating" if number % 40 == 39 else "active",
        zoneCount=1 if plain else 2,
    )
    row["networkConfig"].update(vpcId=vpc, vswitchId=f"vsw-bp1{word(rng, 10)}", vsArea=f"{region}-{rng.choice('ghi')}")
    row["nodeSpec"].update(
        spec=f"elasticsearch.{rng.choice(['sn1ne', 'sn2ne', 'r7a'])}.{rng.choice(['large', 'xlarge', '2xlarge'])}",
        disk=rng.choice([20, 100, 500, 2000]),
        specInfo="1C 2G ",
    )
    row["tags"] = [{"tagKey": "env", "tagValue": rng.choice(ENVIRONMENTS)}] if number % 4 else []
    if number % 5 == 0:
        row["tags"].append({"tagKey": "acs:rm:rgId", "tagValue": row["resourceGroupId"]})
    if plain:
        row.update(clientNodeConfiguration={}, masterConfiguration={}, warmNodeConfiguration={}, warmNode=False)
        row.update(elasticDataNodeConfiguration={}, advancedDedicateMaster=False, dedicateMaster=False)
    return id, row


@seeder("qcloud", "elastic_search")
def qcloud_elastic_search(rng: random.Random, account: Account, region: str, number: int) -> tuple[str, Row]:
    """Every tenth is prepaid; postpaid rows carry a junk date, as the cloud's do."""
    id, row = f"es-{word(rng, 8)}", copy("qcloud/elastic_search.json")
    prepaid, zone = number % 10 == 1, f"{region}-{rng.choice('346')}"
    size = rng.choice([(2, 8), (4, 16), (8, 32)])
    created = (moment(rng) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    row.update(
        InstanceId=id,
        InstanceName="" if number % 12 == 11 else f"{rng.choice(NAMES)}-{number:03d}",
        Region=region,
        Zone=zone,
        VpcUid=f"vpc-{word(rng, 8)}",
        SubnetUid=f"subnet-{word(rng, 8)}",
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
        TagList=[{"TagKey": "env", "TagValue": rng.choice(ENVIRONMENTS)}] if number % 4 else None,
        MultiZoneInfo=[{"Zone": zone, "SubnetId": row["SubnetUid"], "Hidden": False}] if number % 6 else None,
    )
    if number % 30 == 29:
        row["EnableDestroyProtection"] = "OPEN"
    return id, row
