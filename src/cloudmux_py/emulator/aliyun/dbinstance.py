"""RDS, rds 2014-08-15: DescribeDBInstances, DescribeDBInstanceAttribute, DescribeTags, DeleteDBInstance.

Source: the API reference of ApsaraDB RDS and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .account import regions_reply
from .project import project
from .renewal import renewal_reply
from .wire import numbered, rpc

KIND = "dbinstance"
VERSION = "2014-08-15"
TEMPLATE = seed.copy("aliyun/dbinstance.json")
"""A row in three parts: what both calls tell, what the list alone does, and what the detail."""

LEVEL = frozenset({"DBInstanceCPU", "DBInstanceMemory", "Category"})
UNKNOWN = ApiError("InvalidDBInstanceId.NotFound", "The specified instance does not exist.", 404)
DELETING_SECONDS = 3.0
ENGINES = [("MySQL", "8.0", "3306"), ("PostgreSQL", "14.0", "5432"), ("SQLServer", "2019_std", "1433")]


@rpc("rds", VERSION, "DescribeDBInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """PageNumber and PageSize up to 100; vCPUs, memory and edition come with InstanceLevel=1 alone, tags never."""
    page, more = numbered(call, call.visible(KIND), 30, 100)
    hidden = {*TEMPLATE["detail"], "Tags", *(() if str(call.params.get("InstanceLevel")) == "1" else LEVEL)}
    listed = [{key: row[key] for key in row if key not in hidden} for row in page]
    total = {"TotalRecordCount": more["TotalCount"], "PageRecordCount": len(page), "PageNumber": more["PageNumber"]}
    return body(call, "Items.DBInstance", listed, {"DBInstanceId": None}, total)


@rpc("rds", VERSION, "DescribeDBInstanceAttribute")
def describe_attribute(call: Call) -> dict[str, Any]:
    """What lists lack, without tags; a documented sample has a stray space after its region and zone."""
    row = call.one(KIND, "DBInstanceId", call.params.get("DBInstanceId"), UNKNOWN)
    told = {key: row[key] for key in row if key not in {*TEMPLATE["list"], "Tags"}}
    told |= {"CreationTime": row["CreateTime"], "IsAnalyticIns": False}
    return {"Items": {"DBInstanceAttribute": [told | {key: f"{row[key]} " for key in ("RegionId", "ZoneId")}]}}


@rpc("rds", VERSION, "DescribeTags")
def describe_tags(call: Call) -> dict[str, Any]:
    """Of one instance."""
    row = call.one(KIND, "DBInstanceId", call.params.get("DBInstanceId"), UNKNOWN)
    ids = {"DBInstanceIds": {"DBInstanceIds": [row["DBInstanceId"]]}}
    return {"Items": {"TagInfos": [{"TagKey": key, "TagValue": value, **ids} for key, value in row["Tags"].items()]}}


@rpc("rds", VERSION, "DescribeInstanceAutoRenewalAttribute")
def describe_renewal(call: Call) -> dict[str, Any]:
    """Of subscriptions."""
    return renewal_reply(call, KIND, "DBInstanceId", "PayType")


@rpc("rds", VERSION, "DeleteDBInstance")
def delete_instance(call: Call) -> dict[str, Any]:
    """Deleting for a while, then unknown; only what runs, and of primary ones only what is not prepaid."""
    row = call.one(KIND, "DBInstanceId", call.params.get("DBInstanceId"), UNKNOWN)
    if row["DeletionProtection"]:
        raise ApiError("OperationDenied.DeletionProtection", "Deletion protection is enabled.")
    if row["DBInstanceType"] == "Primary" and row["PayType"] == "Prepaid":
        raise ApiError("OperationDenied.PrePayTypeNotSupported", "Not permitted due to pay type of instance.", 403)
    if row["ReadOnlyDBInstanceIds"].get("ReadOnlyDBInstanceId"):  # what really happens is not documented (guess)
        raise ApiError("OperationDenied.ReadDBInstanceStatus", "The instance has read-only instances.")
    if row["DBInstanceStatus"] != "Running":
        raise ApiError("IncorrectDBInstanceState", "The current instance state does not support it.", 403)
    call.table(KIND).patch(row["DBInstanceId"], {"DBInstanceStatus": "Deleting"})
    call.table(KIND).later(row["DBInstanceId"], DELETING_SECONDS, lambda _: False)
    return {"RegionId": call.region}


@rpc("rds", VERSION, "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """The service's own region list: each region once a zone."""
    regions = regions_reply(call, "rds", "Regions.RDSRegion")["Regions"]["RDSRegion"]
    zoned = [{**region, "ZoneId": f"{region['RegionId']}-{letter}"} for region in regions for letter in "hi"]
    return {"Regions": {"RDSRegion": zoned}}


@seed.seeder("aliyun", KIND, "rm-bp1", 14)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every tenth is prepaid; some are protected, expired, serverless, released, in several zones; pairs are copies."""
    row = {**TEMPLATE["both"], **TEMPLATE["list"], **TEMPLATE["detail"]}
    prepaid, size = number % 10 == 1, rng.choice([(1, 1024), (2, 4096), (8, 32768)])
    copy = number % 12 == 7
    engine, version, port = rng.choice(ENGINES)
    group = project(account, rng)
    children = [{"DBInstanceId": seed.id_of(account, region, KIND, number + 1)}] if number % 12 == 6 else []
    row.update(
        DBInstanceId=id,
        DBInstanceDescription=seed.name(rng, number),
        DBInstanceType="Readonly" if copy else "Guard" if number % 50 == 40 else "Primary",
        MasterInstanceId=seed.id_of(account, region, KIND, number - 1) if copy else "",
        ReadOnlyDBInstanceIds={"ReadOnlyDBInstanceId": children},
        Engine=engine,
        EngineVersion=version,
        Port=port,
        DBInstanceCPU=str(size[0]),
        DBInstanceMemory=size[1],
        DBInstanceStorage=rng.choice([20, 100, 2000]),
        PayType="Prepaid" if prepaid else "SERVERLESS" if number % 20 == 18 else "Postpaid",
        ExpireTime="2027-02-27T16:00:00Z" if prepaid else "",
        DeletionProtection=number % 30 == 29,
        DBInstanceStatus="Rebooting" if number % 40 == 39 else "Released" if number % 60 == 59 else "Running",
        LockMode="LockByExpiration" if number % 50 == 31 else "Unlock",
        CreateTime=seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ConnectionString=f"{id}.mysql.rds.aliyuncs.com",
        RegionId=region,
        ResourceGroupId=group,
        ZoneId=f"{region}-MAZ10(h,i)" if number % 8 == 3 else f"{region}-{rng.choice('ghi')}",
        VpcId=seed.reference(rng, account, region, "vpc"),
        VSwitchId=seed.reference(rng, account, region, "network"),
        Tags={"env": rng.choice(seed.ENVIRONMENTS), "acs:rm:rgId": group} if number % 4 else {},
    )
    return row
