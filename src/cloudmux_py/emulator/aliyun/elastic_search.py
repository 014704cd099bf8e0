"""Elasticsearch 2017-06-13 (ROA): ListInstance, DescribeInstance, DeleteInstance, DescribeRegions.

Source: the API reference of Alibaba Cloud Elasticsearch and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call
from .account import NAMES
from .project import project
from .wire import roa, whole

KIND = "elastic_search"
VERSION = "2017-06-13"

DETAIL_ONLY = frozenset(
    {
        "warmNode",
        "warmNodeConfiguration",
        "instanceCategory",
        "haveClientNode",
        "haveKibana",
        "inited",
        "enablePublic",
        "enableKibanaPublicNetwork",
        "enableKibanaPrivateNetwork",
        "publicDomain",
        "publicPort",
        "kibanaDomain",
        "kibanaPort",
        "kibanaPrivateDomain",
        "kibanaPrivatePort",
        "endpoints",
        "esConfig",
        "esIPWhitelist",
        "esIPBlacklist",
        "advancedSetting",
        "dictList",
        "synonymsDicts",
        "ikHotDicts",
        "aliwsDicts",
    }
)
DELETING_SECONDS = 3.0
FROZEN_SECONDS = 24 * 3600.0
FILTERS = ("instanceId", "paymentType", "resourceGroupId", "status")


def listed(row: Row) -> Row:
    """A row as lists show it: without the keys of the detail, and with its port as a text."""
    port = row.get("port")
    short = {key: value for key, value in row.items() if key not in DETAIL_ONLY}
    new = row.get("isNewDeployment")
    short["port"] = None if port is None else str(port)
    short["isNewDeployment"] = None if new is None else str(new).lower()
    return short


@roa("elasticsearch", VERSION, "ListInstance", "GET", "/openapi/instances")
def list_instance(call: Call) -> dict[str, Any]:
    """Page from 1, size 1 to 100, default 10."""
    page, size = whole(call, "page", 1, 1, 10**6), whole(call, "size", 10, 1, 100)
    rows = call.visible(KIND)
    for name in FILTERS:
        if name in call.params:
            rows = [row for row in rows if row.get(name) == call.params[name]]
    if "description" in call.params:
        rows = [row for row in rows if call.params["description"] in row["description"]]
    found, total = call.page_of(rows, (page - 1) * size, size)
    result: list[Any] = [listed(row) for row in found]
    if result and call.fault("bad-row"):
        result[0] = result[0] | {"nodeAmount": "several"}
    body: dict[str, Any] = {"Headers": {"X-Total-Count": total}, "Result": result}
    if call.fault("missing-key"):
        del body["Result"]
    return body


def _find(call: Call) -> Row:
    id = call.path["InstanceId"]
    row = next((row for row in call.visible(KIND) if row["instanceId"] == id), None)
    if row is None:
        raise ApiError("InstanceNotFound", "The instanceId provided does not exist.", 400)
    return row


@roa("elasticsearch", VERSION, "DescribeInstance", "GET", "/openapi/instances/{InstanceId}")
def describe_instance(call: Call) -> dict[str, Any]:
    """One instance with the keys that lists lack."""
    return {"Result": dict(_find(call))}


@roa("elasticsearch", VERSION, "DeleteInstance", "DELETE", "/openapi/instances/{InstanceId}")
def delete_instance(call: Call) -> dict[str, Any]:
    """Immediate: gone after a while. Protective, which is the default: frozen for 24 hours, and still listed."""
    token = call.params.get("clientToken", "")
    if token and call.world.tokens.get(token) == call.path["InstanceId"]:
        return {}
    row, table = _find(call), call.table(KIND)
    if row["paymentType"] == "prepaid":
        # The code for a prepaid instance is not documented (unverified).
        raise ApiError("InvalidParameter", "The prepaid instance cannot be released before it expires.", 400)
    if row["status"] == "activating":
        raise ApiError("InstanceActivating", "The instance is being activated.", 400)
    if token:
        call.world.tokens[token] = row["instanceId"]
    immediate = call.params.get("deleteType", "protective") == "immediate"
    table.patch(row["instanceId"], {"status": "invalid" if immediate else "inactive"})
    table.later(row["instanceId"], DELETING_SECONDS if immediate else FROZEN_SECONDS, lambda _: False)
    return {}


@roa("elasticsearch", VERSION, "DescribeRegions", "GET", "/openapi/regions")
def describe_regions(call: Call) -> dict[str, Any]:
    """The service's own region list."""
    return {
        "Result": [
            {
                "regionId": region,
                "localName": NAMES.get(region, region),
                "regionEndpoint": f"elasticsearch.{region}.aliyuncs.com",
                "consoleEndpoint": f"https://elasticsearch-{region}.console.aliyun.com",
                "status": "available",
            }
            for region in call.world.regions_of("aliyun", "elasticsearch")
        ]
    }


@seed.seeder("aliyun", KIND, "es-cn-", 13)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth is prepaid; every twelfth has no name; nodes of all kinds come from the template."""
    row, created = seed.copy("aliyun/elastic_search.json"), seed.moment(rng)
    prepaid, plain = number % 10 == 1, number % 3 != 0
    row.update(
        instanceId=id,
        description=seed.name(rng, number),
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
        resourceGroupId=project(account, rng),
    )
    row["networkConfig"].update(
        vpcId=seed.reference(rng, account, region, "vpc"),
        vswitchId=seed.reference(rng, account, region, "network"),
        vsArea=f"{region}-{rng.choice('ghi')}",
    )
    row["nodeSpec"].update(
        spec=f"elasticsearch.{rng.choice(['sn1ne', 'sn2ne', 'r7a'])}.{rng.choice(['large', 'xlarge', '2xlarge'])}",
        disk=rng.choice([20, 100, 500, 2000]),
        specInfo="1C 2G ",
    )
    row["tags"] = [{"tagKey": "env", "tagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []
    if number % 5 == 0:
        row["tags"].append({"tagKey": "acs:rm:rgId", "tagValue": row["resourceGroupId"]})
    if plain:
        row.update(clientNodeConfiguration={}, masterConfiguration={}, warmNodeConfiguration={}, warmNode=False)
        row.update(elasticDataNodeConfiguration={}, advancedDedicateMaster=False, dedicateMaster=False)
    return row
