"""RDS, rds 2014-08-15 (RPC): DescribeDBInstances, DescribeDBInstanceAttribute, DescribeTags, DeleteDBInstance."""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.status import CREATING, DELETING, UNAVAILABLE
from cloudmux_py.engine.binding import Extra
from cloudmux_py.engine.paging import PageNumber
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.dbinstance import DBInstance

from .client import Binding, RegionList, Rpc
from .renewal import auto_renew, renewal
from .tags import split_tags
from .zones import zones_of

api = partial(Rpc, "rds", "2014-08-15")

STATUS = {
    "Running": "running",
    "Creating": CREATING,
    "Deleting": DELETING,
    "Rebooting": "rebooting",
    "DBInstanceClassChanging": "change_config",
    "Restoring": "restoring",
    "Importing": "importing",
    "ImportingFromOthers": "importing",
    "INS_CLONING": "cloning",
    "TRANSING": "migrating",
    "TransingToOthers": "migrating",
    "EngineVersionUpgrading": "migrating",
    "GuardDBInstanceCreating": "deploying",
    "DBInstanceNetTypeChanging": "deploying",
    "GuardSwitching": "deploying",
    "NET_CREATING": "deploying",
    "NET_DELETING": "deploying",
}
BILLING = {"prepaid": PREPAID, "postpaid": POSTPAID, "serverless": POSTPAID}
CATEGORY = {"Basic": "basic", "HighAvailability": "ha", "Finance": "finance", "AlwaysOn": "always_on"}
COPIES = {"Readonly": "a read-only copy", "Guard": "a disaster recovery copy", "Temp": "a temporary copy"}


def word(r: Raw, key: str) -> str:
    """A text without the stray spaces that the documented replies have; an absent one is empty."""
    return r.text(key, "").strip()


def billing_of(r: Raw) -> str | None:
    """The billing type; an unknown word as it is."""
    return BILLING.get(word(r, "PayType").lower(), word(r, "PayType") or None)


def status_of(r: Raw) -> str:
    """The status; what runs and is locked because it expired is not to be had."""
    status = STATUS.get(r.text("DBInstanceStatus").strip(), r.text("DBInstanceStatus").strip())
    return UNAVAILABLE if status == "running" and word(r, "LockMode") == "LockByExpiration" else status


def parse(r: Raw) -> DBInstance:
    """A row of DescribeDBInstances or DescribeDBInstanceAttribute, which name the time of creation differently."""
    id, billing, category = r.text("DBInstanceId").strip(), billing_of(r), word(r, "Category")
    zones = zones_of(word(r, "ZoneId"))
    intranet = word(r, "DBInstanceNetType") == "Intranet"
    tags, sys_tags = split_tags(r.tags("Tags.TagInfos", "TagKey", "TagValue"))
    return DBInstance(
        external_id=id,
        name=word(r, "DBInstanceDescription") or id,
        status=status_of(r),
        created_at=r.time("CreateTime") or r.time("CreationTime"),
        project_id=word(r, "ResourceGroupId") or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("ExpireTime") if billing == PREPAID else None,
        auto_renew=auto_renew(r, id),
        engine=word(r, "Engine") or None,
        engine_version=word(r, "EngineVersion") or None,
        instance_type=word(r, "DBInstanceClass") or None,
        category=CATEGORY.get(category, category) or None,
        vcpu_count=r.number("DBInstanceCPU", None),
        vmem_size_mb=r.number("DBInstanceMemory", None),
        disk_size_gb=r.number("DBInstanceStorage", None),
        internal_connection_str=(word(r, "ConnectionString") or None) if intranet else None,
        port=r.number("Port", None),
        master_instance_id=word(r, "MasterInstanceId") or None,
        vpc_id=word(r, "VpcId") or None,
        network_id=word(r, "VSwitchId") or None,
        zone_id=zones[0] if zones else None,
    )


def refuse(r: Raw) -> str:
    """Copies belong to a primary one; what becomes of the copies of a deleted one is not documented."""
    kind, path = word(r, "DBInstanceType"), "ReadOnlyDBInstanceIds.ReadOnlyDBInstanceId"
    if kind != "Primary":
        return f"it is {COPIES.get(kind, kind or 'of no known kind')} of another; release it in the console"
    if children := [child.text("DBInstanceId") for child in (r.each(path) if r.any(path) else ())]:
        return f"it has read-only copies: {', '.join(children)}; release them in the console first"
    if billing_of(r) not in BILLING.values():
        return f"its billing type {billing_of(r)} is unknown"
    protected = r.flag("DeletionProtection", None)
    return "deletion protection is on; switch it off in the console first" if protected else ""


def gone_as(r: Raw) -> str:
    """Released, be it as its status or as its lock."""
    return "Released" if "Released" in {word(r, "DBInstanceStatus"), word(r, "LockMode")} else ""


BINDING = Binding[DBInstance](
    parse=parse,
    list=api("DescribeDBInstances"),
    rows="Items.DBInstance",
    id="DBInstanceId",
    identity=str.strip,
    paging=PageNumber(100, "TotalRecordCount"),
    filters=({"InstanceLevel": 1},),  # without it no row has vCPUs, memory and edition
    get=api("DescribeDBInstanceAttribute"),
    get_by=lambda id: {"DBInstanceId": id},
    row="Items.DBInstanceAttribute",
    extras=(
        Extra(call=api("DescribeTags"), by=lambda id: {"DBInstanceId": id}, row="Items", under="Tags"),
        renewal(api("DescribeInstanceAutoRenewalAttribute"), lambda r: billing_of(r) == PREPAID),
    ),
    delete=api("DeleteDBInstance"),
    delete_by=lambda id, options: {"DBInstanceId": id},
    refuse=refuse,
    gone=frozenset({"InvalidDBInstanceId.NotFound", "InvalidDBInstanceName.NotFound"}),
    gone_as=gone_as,
    get_only=frozenset({"tags", "sys_tags", "auto_renew", "disk_size_gb", "port"}),
    regions=RegionList(call=api("DescribeRegions"), rows="Regions.RDSRegion", id="RegionId", name="LocalName"),
)
