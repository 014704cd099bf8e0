"""Alibaba Cloud MongoDB, dds 2015-12-01 (RPC): DescribeDBInstances, DescribeDBInstanceAttribute, DeleteDBInstance.

A list holds one kind of instances: replica sets and standalone ones, sharded clusters, or serverless ones. Networks and
the release protection are in the detail alone.
"""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import CREATING, DELETING, UNAVAILABLE
from cloudmux_py.engine.binding import Extra
from cloudmux_py.engine.paging import PageNumber, Params
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.mongodb import MongoDB

from .client import Api, Binding, RegionList, Rpc
from .renewal import UNDER, auto_renew
from .tags import split_tags
from .zones import zones_of

api = partial(Rpc, "dds", "2015-12-01")

KINDS = ("replicate", "sharding", "serverless")
"""DBInstanceType; replicate by default. The third is documented for the China site (elsewhere: guess)."""
STATUS = {
    "Running": "running",
    "Creating": CREATING,
    "Deleting": DELETING,
    "Rebooting": "rebooting",
    "DBInstanceClassChanging": "change_config",
}
BILLING = {"prepaid": PREPAID, "postpaid": POSTPAID}


def billing_of(r: Raw) -> str | None:
    """Prepaid or postpaid, or the cloud's word."""
    charge = r.text("ChargeType", "")
    return BILLING.get(charge.lower(), charge or None)


def disk_of(r: Raw) -> int | None:
    """A sharded cluster has its disks in its shards."""
    shards = r.each("ShardList.ShardAttribute") if r.any("ShardList.ShardAttribute") else ()
    return sum(shard.number("NodeStorage", 0) for shard in shards) or r.number("DBInstanceStorage", None)


def addresses_of(r: Raw) -> str | None:
    """Of each member of a replica set, or of each mongos; in the detail alone."""
    members = ("ReplicaSets.ReplicaSet", "ConnectionDomain", "ConnectionPort")
    mongos = ("MongosList.MongosAttribute", "ConnectSting", "Port")  # spelt so by the API
    found = [
        f"{node.text(host)}:{node.text(port, '')}"
        for path, host, port in (members, mongos)
        for node in (r.each(path) if r.any(path) else ())
        if node.text(host, None)
    ]
    return ",".join(found) or None


def parse(r: Raw) -> MongoDB:
    """A row of DescribeDBInstances or DescribeDBInstanceAttribute; several figures are texts there."""
    id, billing, status = r.text("DBInstanceId"), billing_of(r), r.text("DBInstanceStatus")
    locked = r.text("LockMode", "") == "LockByExpiration"
    shards = r.any("ShardList.ShardAttribute")
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "Key", "Value"))
    return MongoDB(
        external_id=id,
        name=r.text("DBInstanceDescription", "") or id,
        status=UNAVAILABLE if locked else STATUS.get(status, status),
        created_at=r.time("CreationTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("ExpireTime") if billing == PREPAID else None,
        auto_renew=auto_renew(r, id, "DbInstanceId"),
        category=r.text("DBInstanceType", None) or None,
        engine_version=r.text("EngineVersion", None) or None,
        instance_type=r.text("DBInstanceClass", None) or None,
        vcpu_count=None,  # the class alone tells, and no call translates it
        vmem_size_mb=None,
        disk_size_gb=disk_of(r),
        shard_num=(len(shards) or 1) if isinstance(shards, list) else None,
        replication_num=r.number("ReplicationFactor", None) or None,
        network_address=addresses_of(r),
        vpc_id=r.text("VPCId", None) or None,
        network_id=r.text("VSwitchId", None) or None,
        zone_id=next(iter(zones_of(r.text("ZoneId", None))), None),
    )


def renewal(kind: str) -> Extra[Api]:
    """Whether a subscription renews itself; like a list, the call holds one kind of instances."""
    return Extra(
        call=api("DescribeInstanceAutoRenewalAttribute"),
        by=lambda id: {"DBInstanceId": id, "DBInstanceType": kind, "PageSize": 30},
        holds="Items",
        under=UNDER,
        when=lambda r: billing_of(r) == PREPAID and r.text("DBInstanceType", "") == kind,
    )


def refuse(r: Raw) -> str:
    """What is protected; the cloud itself refuses what is prepaid."""
    if r.flag("DBInstanceReleaseProtection", False):
        return "release protection is on; switch it off in the console first"
    billing = billing_of(r)
    return "" if billing in {PREPAID, POSTPAID} else f"nobody knows how it is paid for ({billing or 'no word'})"


def delete_by(id: str, options: DeleteOptions) -> Params:
    """A token makes a repeated call one."""
    return {"DBInstanceId": id} | ({"ClientToken": options.client_token} if options.client_token else {})


def ends(_: Raw, __: DeleteOptions) -> tuple[str, str]:
    """Gone for this API, whatever the console's recycle bin keeps."""
    return "gone", "the console's recycle bin keeps most kinds for 7 days"


BINDING = Binding[
    MongoDB
](
    parse=parse,
    list=api("DescribeDBInstances"),
    rows="DBInstances.DBInstance",
    id="DBInstanceId",
    paging=PageNumber(100, "TotalCount"),  # a page has 30, 50 or 100 rows and nothing between
    filters=tuple({"DBInstanceType": kind} for kind in KINDS),
    get=api("DescribeDBInstanceAttribute"),
    get_by=lambda id: {"DBInstanceId": id},
    row="DBInstances.DBInstance",
    extras=tuple(map(renewal, KINDS[:2])),
    delete=api("DeleteDBInstance"),
    delete_by=delete_by,
    gone=frozenset({"InvalidDBInstanceId.NotFound", "InvalidDbInstanceId.NotFound"}),
    gone_as=lambda r: "Released" if r.text("LockMode", "") == "Released" else "",
    get_only=frozenset({"auto_renew", "network_address", "vpc_id", "network_id"}),
    refuse=refuse,
    ends=ends,
    lacks=frozenset({"vcpu_count", "vmem_size_mb"}),
    regions=RegionList(call=api("DescribeRegions"), rows="Regions.DdsRegion", id="RegionId", name="RegionName"),
)
