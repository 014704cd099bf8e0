"""TencentDB for MySQL, cdb 2017-03-20: DescribeDBInstances, IsolateDBInstance, OfflineIsolatedInstances."""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import CREATING, DELETING, ISOLATED
from cloudmux_py.engine.paging import Offset, Params
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.dbinstance import DBInstance

from .client import Api, Binding
from .regions import regions_of
from .tags import split_tags

api = partial(Api, "cdb", "2017-03-20")

ISOLATE, OFFLINE = api("IsolateDBInstance"), api("OfflineIsolatedInstances")

STATUS = {0: CREATING, 1: "running", 4: DELETING, 5: ISOLATED, 6: DELETING}
GONE_OFFLINE = 7
TASKS = {1: "upgrading", 2: "importing", 10: "rebooting", 12: "migrating"}
BILLING = {0: PREPAID, 1: POSTPAID, 2: POSTPAID}
"""The other way round than with redis and mongodb; 2 is the monthly bill of some read-only ones."""

CATEGORY = {"UNIVERSAL": "ha"}
READ_ONLY = 3


def billing_of(r: Raw) -> str | None:
    """The billing type; an unknown number as it is."""
    kind = r.number("PayType", None)
    return None if kind is None else BILLING.get(kind, str(kind))


def status_of(r: Raw) -> str:
    """The status; what is on its way out says so first, what runs shows its task."""
    status, task = r.number("Status"), r.number("TaskStatus", 0)
    if status >= 4:
        return STATUS.get(status, str(status))
    if r.number("InitFlag", 1) == 0:
        return "init"
    if status == 1 and task:
        return TASKS.get(task, "deploying")
    return STATUS.get(status, str(status))


def parse(r: Raw) -> DBInstance:
    """A row of DescribeDBInstances; its times are Beijing's."""
    billing, project, device = billing_of(r), r.number("ProjectId", None), r.text("DeviceType", "")
    prepaid = billing == PREPAID
    tags, sys_tags = split_tags(r.tags("TagList", "TagKey", "TagValue"))
    return DBInstance(
        external_id=r.text("InstanceId"),
        name=r.text("InstanceName", "") or r.text("InstanceId"),
        status=status_of(r),
        created_at=r.time("CreateTime", BEIJING),
        project_id=None if project is None else str(project),
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("DeadlineTime", BEIJING) if prepaid else None,
        auto_renew=r.number("AutoRenew", None) == 1 if prepaid else None,
        engine="MySQL",
        engine_version=r.text("EngineVersion", None) or None,
        instance_type=None,  # neither call nor console has a name for it
        category=CATEGORY.get(device, device.lower()) or None,
        vcpu_count=r.number("Cpu", None),
        vmem_size_mb=r.number("Memory", None),
        disk_size_gb=r.number("Volume", None),
        internal_connection_str=r.text("Vip", None) or None,
        port=r.number("Vport", None) or None,
        master_instance_id=r.text("MasterInfo.InstanceId", None) or None,
        vpc_id=r.text("UniqVpcId", None) or None,
        network_id=r.text("UniqSubnetId", None) or None,
        zone_id=r.text("Zone", None) or None,
    )


def refuse(r: Raw) -> str:
    """Deleting one deletes its read-only copies; the flag of protection is a text."""
    if r.number("InstanceType", None) == READ_ONLY:
        return "it is a read-only copy of another; remove it in the console"
    groups = r.each("RoGroups") if r.any("RoGroups") else ()
    copies = [
        copy.text("InstanceId") for g in groups for copy in (g.each("RoInstances") if g.any("RoInstances") else ())
    ]
    if copies:
        return f"it has read-only copies, which would go with it: {', '.join(copies)}"
    if billing_of(r) not in BILLING.values():
        return f"its billing type {billing_of(r)} is unknown"
    protected = r.text("DestroyProtect", "") == "on"
    return "destroy protection is on; switch it off in the console first" if protected else ""


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """Into the recycle bin, or out of there for good; one call for every billing type, but two parameters."""
    id = r.text("InstanceId")
    if options.final:
        return OFFLINE, {"InstanceIds": [id]}
    return ISOLATE, {"InstanceId": id}


def ends(_: Raw, options: DeleteOptions) -> tuple[str, str]:
    """The documented retention."""
    if options.final:
        return "gone", ""
    kept = "24 hours where it is pay-as-you-go, 7 days where it is monthly"
    return ISOLATED, f"in the recycle bin; can be restored in the console for {kept}, --final destroys it for good"


def get_by(*ids: str) -> Params:
    """Parameters of DescribeDBInstances for some ids; its Limit cuts them as well."""
    return {"InstanceIds": list(ids), "Offset": 0, "Limit": 2000}


BINDING = Binding[DBInstance](
    parse=parse,
    list=api("DescribeDBInstances"),
    rows="Items",
    id="InstanceId",
    paging=Offset(2000, "TotalCount"),
    filters=({"OrderBy": "createTime", "OrderDirection": "ASC"},),  # the oldest first: what is new comes last
    get=api("DescribeDBInstances"),
    get_by=get_by,
    batch=100,
    ask_by=lambda ids: get_by(*ids),
    delete_call=delete_call,
    delete_calls=(ISOLATE, OFFLINE),
    options=frozenset({"final"}),
    refuse=refuse,
    ends=ends,
    gone=frozenset(
        {
            "InvalidParameter.InstanceNotFound",
            "ResourceNotFound.CdbInstanceNotFoundError",
            "ResourceNotFound.InstanceNotFoundError",
            "ResourceNotFound.InstanceNotFundError",
        }
    ),
    gone_as=lambda r: str(GONE_OFFLINE) if r.number("Status", None) == GONE_OFFLINE else "",
    lacks=frozenset({"instance_type"}),
    regions=regions_of("cdb"),
)
