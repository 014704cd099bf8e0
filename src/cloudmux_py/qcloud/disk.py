"""Tencent Cloud CBS, cbs 2017-03-12: DescribeDisks, TerminateDisks."""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import ISOLATED
from cloudmux_py.engine.paging import Offset, Params
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.disk import Disk

from .client import Api, Binding
from .names import name_of
from .regions import regions_of
from .tags import split_tags

api = partial(Api, "cbs", "2017-03-12")

STATUS = {
    "UNATTACHED": "ready",
    "ATTACHED": "ready",
    "ATTACHING": "attaching",
    "DETACHING": "detaching",
    "EXPANDING": "resizing",
    "ROLLBACKING": "allocating",
    "TORECYCLE": ISOLATED,
}
BILLING = {"PREPAID": PREPAID, "POSTPAID_BY_HOUR": POSTPAID}
USAGE = {"SYSTEM_DISK": "system", "DATA_DISK": "data"}
NOT_RETURNABLE = {
    1: "it was returned already",
    2: "it has expired",
    3: "not supported for it",
    8: "the quota of returns is used up",
    10: "not supported for such disks",
}
"""What ReturnFailCode means, for prepaid disks."""


def parse(r: Raw) -> Disk:
    """A row of DescribeDisks."""
    place, charge, usage = r.at("Placement"), r.text("DiskChargeType", ""), r.text("DiskUsage", "")
    billing, state = BILLING.get(charge, charge or None), r.text("DiskState")
    tags, sys_tags = split_tags(r.tags("Tags", "Key", "Value"))
    return Disk(
        external_id=r.text("DiskId"),
        name=name_of(r, "DiskName", "DiskId"),
        status=STATUS.get(state, state),
        created_at=r.time("CreateTime", BEIJING),
        project_id=place.text("ProjectId", None),
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("DeadlineTime", BEIJING) if billing == PREPAID else None,
        auto_renew=r.text("RenewFlag", "") == "NOTIFY_AND_AUTO_RENEW" if billing == PREPAID else None,
        disk_type=USAGE.get(usage, usage or None),
        storage_type=r.text("DiskType", None) or None,
        disk_size_gb=r.number("DiskSize", None),
        server_ids=servers(r),
        auto_delete=r.flag("DeleteWithInstance", None),
        is_portable=r.flag("Portable", None),
        is_multi_attach=r.flag("Shareable", None),
        is_encrypted=r.flag("Encrypt", None),
        zone_id=place.text("Zone", None) or None,
    )


def servers(r: Raw) -> list[str]:
    """Disks that several servers share have a list of their own, empty for others."""
    return sorted({*filter(None, [r.text("InstanceId", "")]), *r.texts("InstanceIdList")})


def refuse(r: Raw) -> str:
    """Whatever is not surely a detached data disk stays; what is in the recycle bin was one, and may go."""
    state, charge = r.text("DiskState"), r.text("DiskChargeType", "")
    if r.text("DiskUsage", "") != "DATA_DISK":
        return "it is a system disk, which goes with its server alone"
    if charge not in BILLING:
        return f"it is billed as {charge or 'unknown'}: only {', '.join(BILLING)} can be deleted"
    if STATUS.get(state) == ISOLATED:
        return ""
    if bool(servers(r)) or r.flag("Attached", False) or state != "UNATTACHED":
        return f"it is {state}: only what is UNATTACHED can be deleted"
    if not r.flag("Portable", None):
        return "it cannot be detached from its server"
    return _not_returnable(r) if BILLING[charge] == PREPAID else ""


def _not_returnable(r: Raw) -> str:
    """Postpaid disks have these two fields as well, and they mean nothing there."""
    if r.flag("IsReturnable", None) is not False:
        return ""
    code = r.number("ReturnFailCode", 0)
    return f"the cloud does not take it back: {NOT_RETURNABLE.get(code, f'reason {code}')}"


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """The same call twice: on what is in the recycle bin it is final. Snapshots stay."""
    return api("TerminateDisks"), {"DiskIds": [r.text("DiskId")]}


def ends(_: Raw, options: DeleteOptions) -> tuple[str, str]:
    """The reply does not say where it went; a disk seen TORECYCLE after that is isolated."""
    return "gone", "" if options.final else "a prepaid one stays in the recycle bin for 7 days"


BINDING = Binding[Disk](
    parse=parse,
    list=api("DescribeDisks"),
    rows="DiskSet",
    id="DiskId",
    paging=Offset(100, "TotalCount"),
    filters=({"OrderField": "CREATE_TIME", "Order": "ASC"},),
    get=api("DescribeDisks"),
    get_by=lambda id: {"DiskIds": [id], "Offset": 0, "Limit": 100},
    batch=100,
    ask_by=lambda ids: {"DiskIds": list(ids), "Offset": 0, "Limit": 100},
    delete_call=delete_call,
    delete_calls=(api("TerminateDisks"),),
    options=frozenset({"final"}),
    refuse=refuse,
    ends=ends,
    # Which of them TerminateDisks answers is not documented (guess).
    gone=frozenset({"InvalidDiskId.NotFound", "ResourceNotFound.NotFound"}),
    regions=regions_of("cbs"),
)
