"""Tencent Cloud MongoDB, mongodb 2019-07-25: DescribeDBInstances, and the calls that isolate and destroy.

What is deleted stays in the recycle bin, until a second call, or the end of its time there.
"""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.errors import Refused
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import CREATING, ISOLATED
from cloudmux_py.engine.paging import Offset, Params
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.mongodb import MongoDB

from .client import Api, Binding
from .regions import regions_of
from .tags import split_tags

api = partial(Api, "mongodb", "2019-07-25")

STATUS = {0: CREATING, 1: "processing", 2: "running", -2: ISOLATED, -3: ISOLATED}
BILLING = {1: PREPAID, 0: POSTPAID}
"""PayMode: the other way round than with cdb's PayType."""
CLUSTERS = {0: "replicate", 1: "sharding"}
ISOLATE, TERMINATE, DESTROY = map(api, ("IsolateDBInstance", "TerminateDBInstances", "OfflineIsolatedDBInstance"))


def billing_of(r: Raw) -> str | None:
    """Prepaid or postpaid, or the cloud's number."""
    mode = r.number("PayMode", None)
    return None if mode is None else BILLING.get(mode, str(mode))


def version_of(text: str) -> str | None:
    """``6.0`` for ``MONGO_60_WT``; what looks different stays as it is."""
    number = text.removeprefix("MONGO_").partition("_")[0]
    return f"{number[:-1]}.{number[-1]}" if len(number) > 1 and number.isdecimal() else text or None


def parse(r: Raw) -> MongoDB:
    """A row of DescribeDBInstances; memory and disk are in MB there, of the whole instance (guess)."""
    status, billing, cluster = r.number("Status"), billing_of(r), r.number("ClusterType", None)
    volume, secondaries = r.number("Volume", None), r.number("SecondaryNum", None)
    hosts, port = r.text("Vip", ""), r.text("Vport", "")
    tags, sys_tags = split_tags(r.tags("Tags", "TagKey", "TagValue"))
    return MongoDB(
        external_id=r.text("InstanceId"),
        name=r.text("InstanceName", "") or r.text("InstanceId"),
        status=STATUS.get(status, str(status)),
        created_at=r.time("CreateTime", BEIJING),
        project_id=r.text("ProjectId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("DeadLine", BEIJING) if billing == PREPAID else None,  # else fifty years from its creation
        auto_renew=r.number("AutoRenewFlag", None) == 1 if billing == PREPAID else None,
        category=None if cluster is None else CLUSTERS.get(cluster, str(cluster)),
        engine_version=version_of(r.text("MongoVersion", "")),
        instance_type=r.text("MachineType", None) or None,
        vcpu_count=r.number("CpuNum", None),
        vmem_size_mb=r.number("Memory", None),
        disk_size_gb=None if volume is None else volume // 1024,
        shard_num=r.number("ReplicationSetNum", None),
        replication_num=None if secondaries is None else secondaries + 1,
        network_address=",".join(f"{host}:{port}" for host in hosts.split(";")) if hosts else None,
        vpc_id=r.text("VpcId", None) or None,
        network_id=r.text("SubnetId", None) or None,
        zone_id=r.text("Zone", None) or None,
    )


def refuse(r: Raw) -> str:
    """Whose payment nobody knows; no call tells of the deletion protection, the cloud itself refuses for it."""
    billing = billing_of(r)
    return "" if billing in {PREPAID, POSTPAID} else f"nobody knows how it is paid for (PayMode {billing or 'absent'})"


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """Isolation is two calls, one a billing type; TerminateDBInstances takes one id, whatever its name says."""
    if reason := refuse(r):
        raise Refused(f"{r.text('InstanceId')}: {reason}")
    first = TERMINATE if billing_of(r) == PREPAID else ISOLATE
    return DESTROY if options.final else first, {"InstanceId": r.text("InstanceId")}


def ends(r: Raw, options: DeleteOptions) -> tuple[str, str]:
    """IsolateDBInstance alone, of the two first calls, answers with an AsyncRequestId."""
    if options.final:
        return "gone", ""
    kept = "in the recycle bin for 3 days" if r.any("AsyncRequestId") else "in the recycle bin"
    return "isolated", f"{kept}; --final destroys it at once"


BINDING = Binding[MongoDB](
    parse=parse,
    list=api("DescribeDBInstances"),
    rows="InstanceDetails",
    id="InstanceId",
    paging=Offset(100, "TotalCount"),
    # InstanceType 0 is all: main, temporary and read-only instances. An order, so that pages do not overlap.
    filters=({"InstanceType": 0, "OrderBy": "CreateTime", "OrderByType": "ASC"},),
    get=api("DescribeDBInstances"),
    get_by=lambda id: {"InstanceIds": [id], "InstanceType": 0, "Offset": 0, "Limit": 100},
    batch=100,
    ask_by=lambda ids: {"InstanceIds": list(ids), "InstanceType": 0, "Offset": 0, "Limit": 100},
    delete_call=delete_call,
    delete_calls=(ISOLATE, TERMINATE, DESTROY),
    options=frozenset({"final"}),
    gone=frozenset({"InvalidParameterValue.NotFoundInstance", "InvalidParameterValue.InstanceHasBeenDeleted"}),
    refuse=refuse,
    ends=ends,
    regions=regions_of("mongodb"),
)
