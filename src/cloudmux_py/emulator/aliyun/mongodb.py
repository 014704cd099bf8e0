"""MongoDB, dds 2015-12-01: DescribeDBInstances, DescribeDBInstanceAttribute, DeleteDBInstance, DescribeRegions.

Source: the API reference of ApsaraDB for MongoDB and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .account import NAMES
from .project import project
from .wire import numbered, rpc

KIND = "mongodb"
VERSION = "2015-12-01"
UNKNOWN = ApiError("InvalidDBInstanceId.NotFound", "The specified DB instance is not found.", 404)
TEMPLATE = seed.copy("aliyun/mongodb.json")
"""A row in three parts: what both calls tell, what the list alone does, and what the detail."""
DELETING_SECONDS = 3.0


def _kind_of(call: Call) -> str:
    """A list holds one kind; the page is of three sizes."""
    if str(call.params.get("PageSize", "30")) not in {"30", "50", "100"}:
        raise ApiError("InvalidParameter", "The parameter PageSize should be 30, 50 or 100.")
    kind = str(call.params.get("DBInstanceType", "replicate"))
    if kind not in {"replicate", "sharding", "serverless"}:
        raise ApiError("InvalidDBInstanceType.ValueNotSupport", "The instance type is not supported.")
    return kind


@rpc("dds", VERSION, "DescribeDBInstances")
def describe_db_instances(call: Call) -> dict[str, Any]:
    """Replica sets and standalone instances, unless DBInstanceType asks for another kind; one id at most."""
    kind, wanted = _kind_of(call), call.params.get("DBInstanceId")
    rows = [row for row in call.visible(KIND) if row["DBInstanceType"] == kind]
    rows = [row for row in rows if wanted in {None, row["DBInstanceId"]}]
    page, more = numbered(call, rows, 30, 100)
    return body(call, "DBInstances.DBInstance", [_listed(row) for row in page], {"DBInstanceStatus": None}, more)


def _listed(row: Row) -> Row:
    """A row without what the detail alone tells; of each mongos that is its address, by the vendor's model."""
    shown = {key: row[key] for key in row if key not in TEMPLATE["detail"]}
    mongos = [
        {key: node[key] for key in node if key not in {"ConnectSting", "Port"}}
        for node in row["MongosList"]["MongosAttribute"]
    ]
    return shown | {"MongosList": {"MongosAttribute": mongos}}


@rpc("dds", VERSION, "DescribeDBInstanceAttribute")
def describe_db_instance_attribute(call: Call) -> dict[str, Any]:
    """One instance of any kind, with its networks and protection."""
    row = call.one(KIND, "DBInstanceId", call.params.get("DBInstanceId"), UNKNOWN)
    told = {key: row[key] for key in row if key not in TEMPLATE["list"]}
    return {"DBInstances": {"DBInstance": [told]}}


@rpc("dds", VERSION, "DescribeInstanceAutoRenewalAttribute")
def describe_renewal(call: Call) -> dict[str, Any]:
    """Of subscriptions of one kind; the flag is a text, and an id is spelt another way."""
    kind, wanted = _kind_of(call), call.params.get("DBInstanceId")
    rows = [row for row in call.visible(KIND) if row["DBInstanceType"] == kind and row["ChargeType"] == "PrePaid"]
    page, more = numbered(call, [row for row in rows if wanted in {None, row["DBInstanceId"]}], 30, 100)
    items = [
        {
            "DbInstanceId": row["DBInstanceId"],
            "DBInstanceType": kind,
            "RegionId": call.region,
            "AutoRenew": str(row["DBInstanceId"] < "dds-bp1i").lower(),
            "Duration": 1,
        }
        for row in page
    ]
    return {"Items": {"Item": items}, "ItemsNumbers": more["TotalCount"], "PageRecordCount": len(items)}


@rpc("dds", VERSION, "DeleteDBInstance")
def delete_db_instance(call: Call) -> dict[str, Any]:
    """Deleting for a while. A repeated call with the same token does nothing."""
    id, token = call.params.get("DBInstanceId"), call.params.get("ClientToken", "")
    if token and call.world.tokens.get(token) == id:
        return {}
    row = call.one(KIND, "DBInstanceId", id, UNKNOWN)
    if row["ChargeType"] != "PostPaid":
        raise ApiError("ChargeTypeViolation", "The operation is not permitted due to charge type of the instance.")
    if row["DBInstanceReleaseProtection"]:
        raise ApiError("InstanceReleaseProtection", "Not permitted due to instance release protection.", 403)
    if row["DBInstanceStatus"] != "Running":
        raise ApiError("OperationDenied.DBInstanceStatus", "The instance is not in a proper state.", 403)
    if token:
        call.world.tokens[token] = row["DBInstanceId"]
    call.table(KIND).patch(row["DBInstanceId"], {"DBInstanceStatus": "Deleting"})
    call.table(KIND).later(row["DBInstanceId"], DELETING_SECONDS, lambda _: False)
    return {}


@rpc("dds", VERSION, "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """The service's own region list, with its own keys."""
    regions = [
        {"RegionId": region, "RegionName": NAMES.get(region, region), "EndPoint": f"mongodb.{region}.aliyuncs.com"}
        for region in call.world.regions_of("aliyun", "dds")
    ]
    return {"Regions": {"DdsRegion": regions}}


def _sharded(row: Row, id: str) -> None:
    """Its figures are those of its nodes."""
    shards = [{"NodeId": f"d-{id[4:]}{letter}", "NodeClass": "dds.shard.mid", "NodeStorage": 50} for letter in "ab"]
    mongos = {"NodeId": f"s-{id[4:]}", "NodeClass": "dds.mongos.mid", "ConnectSting": f"s-{id[4:]}.aliyuncs.com"}
    row.update(
        DBInstanceType="sharding",
        DBInstanceStorage=0,
        ShardList={"ShardAttribute": shards},
        MongosList={"MongosAttribute": [mongos | {"Port": 3717}]},
        ReplicaSets={"ReplicaSet": []},
    )
    del row["ReplicationFactor"]


@seed.seeder("aliyun", KIND, "dds-bp1", 14)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every fourth is sharded, every seventh serverless; every tenth prepaid; a few locked, released or protected."""
    parts = seed.copy("aliyun/mongodb.json")
    row: Row = {**parts["both"], **parts["list"], **parts["detail"]}
    prepaid = number % 10 == 1
    row.update(
        DBInstanceId=id,
        DBInstanceDescription=seed.name(rng, number),
        ChargeType="PrePaid" if prepaid else "PostPaid",
        ExpireTime="2027-03-17T16:00Z" if prepaid else "2999-09-08T16:00Z",
        CreationTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        DBInstanceStatus="Creating" if number % 40 == 39 else "Running",
        DBInstanceStorage=rng.choice([20, 100, 500]),
        DBInstanceReleaseProtection=number % 9 == 8,
        LockMode={15: "LockByExpiration", 19: "Released"}.get(number % 40, "Unlock"),
        EngineVersion=rng.choice(["4.4", "6.0", "8.0"]),
        RegionId=region,
        ResourceGroupId=project(account, rng),
        VPCId=seed.reference(rng, account, region, "vpc"),
        VSwitchId=seed.reference(rng, account, region, "network"),
        ZoneId=seed.reference(rng, account, region, "zone"),
        Tags={"Tag": [{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    )
    if number % 4 == 3:
        _sharded(row, id)
    elif number % 7 == 6:
        row.update(DBInstanceType="serverless", ChargeType="PostPaid", ReplicaSets={"ReplicaSet": []})
    return row
