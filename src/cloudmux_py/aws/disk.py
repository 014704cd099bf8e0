"""Amazon EBS volumes, EC2 2016-11-15: DescribeVolumes, DeleteVolume."""

from cloudmux_py.cloudprovider.billing import POSTPAID
from cloudmux_py.cloudprovider.status import CREATING, DELETING
from cloudmux_py.engine.paging import Token
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.disk import Disk

from .client import Binding
from .server import items, texts
from .tags import split_tags
from .vpc import api

STATUS = {"creating": CREATING, "available": "ready", "in-use": "ready", "deleting": DELETING}


def parse(r: Raw) -> Disk:
    """A row of DescribeVolumes; its name is the tag ``Name``. Which disk a server starts from, it does not tell."""
    tags, sys_tags = split_tags(r)
    attached = list(items(r, "Attachments"))
    return Disk(
        external_id=r.text("VolumeId"),
        name=tags.get("Name") or r.text("VolumeId"),
        status=STATUS.get(r.text("State"), r.text("State")),
        created_at=r.time("CreateTime"),
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=POSTPAID,
        expired_at=None,
        auto_renew=None,
        disk_type=None,
        storage_type=r.text("VolumeType", None) or None,
        disk_size_gb=r.number("Size", None),
        server_ids=sorted(texts(attached, "InstanceId")),
        auto_delete=any(item.flag("DeleteOnTermination", None) for item in attached) if attached else None,
        is_portable=None,
        is_multi_attach=r.flag("MultiAttachEnabled", None),
        is_encrypted=r.flag("Encrypted", None),
        zone_id=r.text("AvailabilityZone", None) or None,
    )


def refuse(r: Raw) -> str:
    """What is attached, or kept by a service: deletion is final at once."""
    if r.flag("Operator.Managed", None):
        return f"{r.text('Operator.Principal', 'a service')} manages it: delete it there"
    if servers := texts(items(r, "Attachments"), "InstanceId"):
        return f"it is attached to {', '.join(servers)}: detach it first"
    return "" if r.text("State") in {"available", "error"} else f"it is {r.text('State')}, not available"


BINDING = Binding[Disk](
    parse=parse,
    list=api("DescribeVolumes"),
    rows="Volumes",
    id="VolumeId",
    paging=Token(500, least=5),  # "between 5 and 500", as the API's reference had it; the model gives no limits
    get=api("DescribeVolumes"),
    get_by=lambda id: {"VolumeIds": [id]},
    delete=api("DeleteVolume"),
    delete_by=lambda id, options: {"VolumeId": id},
    refuse=refuse,
    gone=frozenset({"InvalidVolume.NotFound"}),
    gone_as=lambda r: "deleted" if r.text("State", "") == "deleted" else "",
    lacks=frozenset({"project_id", "expired_at", "auto_renew", "disk_type", "is_portable"}),
)
