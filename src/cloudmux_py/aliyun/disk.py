"""Alibaba Cloud ECS disks, 2014-05-26 (RPC): DescribeDisks, DeleteDisk."""

import json
from collections.abc import Sequence
from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import CREATING
from cloudmux_py.engine.paging import Params, Token
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.disk import Disk

from .client import Api, Binding, Rpc
from .tags import split_tags

api = partial(Rpc, "ecs", "2014-05-26")

STATUS = {
    "Creating": CREATING,
    "ReIniting": "allocating",
    "Available": "ready",
    "In_use": "ready",
    "Attaching": "attaching",
    "Detaching": "detaching",
}
BILLING = {"prepaid": PREPAID, "postpaid": POSTPAID}


def parse(r: Raw) -> Disk:
    """A row of DescribeDisks; it has no network."""
    charge, shared = r.text("DiskChargeType", ""), r.text("MultiAttach", "")
    billing = BILLING.get(charge.lower(), charge or None)
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "TagKey", "TagValue"))
    return Disk(
        external_id=r.text("DiskId"),
        name=r.text("DiskName", "") or r.text("DiskId"),
        status=STATUS.get(r.text("Status"), r.text("Status")),
        created_at=r.time("CreationTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("ExpiredTime") if billing == PREPAID else None,
        auto_renew=None,  # a disk has no renewal of its own
        disk_type=r.text("Type", None) or None,
        storage_type=r.text("Category", None) or None,
        disk_size_gb=r.number("Size", None),
        server_ids=servers(r),
        auto_delete=r.flag("DeleteWithInstance", None),
        is_portable=r.flag("Portable", None),
        is_multi_attach=shared != "Disabled" if shared else None,
        is_encrypted=r.flag("Encrypted", None),
        zone_id=r.text("ZoneId", None) or None,
    )


def servers(r: Raw) -> list[str]:
    """Three places say where it is attached: InstanceId is empty for disks that several servers share."""
    found = {r.text("InstanceId", "")}
    for path in ("Attachments.Attachment", "MountInstances.MountInstance"):
        found |= {item.text("InstanceId", "") for item in (r.each(path) if r.any(path) else ())}
    return sorted(found - {""})


def refuse(r: Raw) -> str:
    """Deletion is final at once: whatever is not surely a detached, pay-as-you-go data disk stays."""
    charge, attached = r.text("DiskChargeType", ""), servers(r)
    if r.text("Type", "") != "data":
        return "it is a system disk, which goes with its server alone"
    if attached:
        return f"it is attached to {', '.join(attached)}: detach it first"
    if r.text("Status") != "Available":
        return f"it is {r.text('Status')}, not Available"
    if not r.flag("Portable", None):
        return "it cannot be detached from its server"
    if BILLING.get(charge.lower()) != POSTPAID:
        return f"it is billed as {charge or 'unknown'}: only PostPaid disks can be deleted"
    return ""


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """From the row, which is got first: DeleteDisk is documented to take an unknown id for a success."""
    return api("DeleteDisk"), {"DiskId": r.text("DiskId")}


def by_ids(ids: Sequence[str]) -> Params:
    """Ids are one text, a JSON array. An unknown one is just not in the answer; nor is any without permission."""
    return {"DiskIds": json.dumps(list(ids)), "MaxResults": 500}


BINDING = Binding[Disk](
    parse=parse,
    list=api("DescribeDisks"),
    rows="Disks.Disk",
    id="DiskId",
    paging=Token(500, least=10),
    get=api("DescribeDisks"),
    get_by=lambda id: by_ids([id]),
    batch=100,
    ask_by=by_ids,
    delete_call=delete_call,
    delete_calls=(api("DeleteDisk"),),
    refuse=refuse,
    gone=frozenset({"InvalidDiskId.NotFound"}),
    lacks=frozenset({"auto_renew"}),
)
