"""Amazon EC2 instances, 2016-11-15: DescribeInstances, StopInstances, TerminateInstances, and two calls of a get more.

A terminated instance stays listed, with its tags, for about an hour: it is gone all the same.
"""

from collections.abc import Iterable
from datetime import datetime

from cloudmux_py.cloudprovider.billing import POSTPAID
from cloudmux_py.cloudprovider.status import DELETING, STOPPING
from cloudmux_py.engine.binding import Extra, Stop
from cloudmux_py.engine.paging import Token
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.server import Server

from .client import Binding
from .tags import split_tags
from .vpc import api

STATUS = {
    "pending": "starting",
    "running": "running",
    "stopping": STOPPING,
    "stopped": "ready",
    "shutting-down": DELETING,
}

OS_TYPES = {"windows": "windows", "": "linux"}
"""Of Platform: "The value is `Windows` for Windows instances; otherwise blank"."""


def parse(r: Raw) -> Server:
    """A row of DescribeInstances; its name is the tag ``Name``. Its memory follows from its type, which a get asks."""
    tags, sys_tags = split_tags(r)
    cores, threads = r.number("CpuOptions.CoreCount", None), r.number("CpuOptions.ThreadsPerCore", None)
    platform = r.text("Platform", "").lower()
    kind = next(iter(items(r, "kind.InstanceTypes")), Raw({}))
    addresses = [address for interface in interfaces(r) for address in items(interface, "PrivateIpAddresses")]
    return Server(
        external_id=r.text("InstanceId"),
        name=tags.get("Name") or r.text("InstanceId"),
        status=STATUS.get(r.text("State.Name"), r.text("State.Name")),
        created_at=created(r),
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=POSTPAID,
        expired_at=None,
        auto_renew=None,
        instance_type=r.text("InstanceType", None) or None,
        vcpu_count=cores * threads if cores and threads else None,
        vmem_size_mb=kind.number("MemoryInfo.SizeInMiB", None),
        os_type=OS_TYPES.get(platform, platform),
        os_name=r.text("PlatformDetails", None) or None,
        image_id=r.text("ImageId", None) or None,
        private_ips=texts(addresses, "PrivateIpAddress"),
        public_ips=texts((a for a in addresses if not _elastic(a)), "Association.PublicIp"),
        elastic_ips=texts(filter(_elastic, addresses), "Association.PublicIp"),
        security_group_ids=texts(items(r, "SecurityGroups"), "GroupId"),
        vpc_id=r.text("VpcId", None) or None,
        network_id=r.text("SubnetId", None) or None,
        zone_id=r.text("Placement.AvailabilityZone", None),
    )


def created(r: Raw) -> datetime | None:
    """When its first network interface was attached: LaunchTime is that of its last start."""
    first = (item for item in interfaces(r) if item.number("Attachment.DeviceIndex", None) == 0)
    return next((item.time("Attachment.AttachTime") for item in first), None)


def interfaces(r: Raw) -> Iterable[Raw]:
    """Its network interfaces; none once it is terminated."""
    return items(r, "NetworkInterfaces")


def items(r: Raw, key: str) -> Iterable[Raw]:
    """A list that may be absent."""
    return r.each(key) if r.any(key) else ()


def texts(rows: Iterable[Raw], key: str) -> list[str]:
    """One text of each row that has it."""
    return [text for row in rows if (text := row.text(key, ""))]


def _elastic(address: Raw) -> bool:
    """Whether the public address is an account's own: ``amazon`` is the owner of those that come and go."""
    return address.text("Association.IpOwnerId", "amazon") != "amazon"


def refuse(r: Raw) -> str:
    """What is protected, which only a call of its own tells, and what a service keeps."""
    if r.flag("protection.DisableApiTermination.Value", None):
        return "termination protection is on; switch it off first"
    if r.flag("Operator.Managed", None):
        return f"{r.text('Operator.Principal', 'a service')} manages it: delete it there"
    return ""


BINDING = Binding[Server](
    parse=parse,
    list=api("DescribeInstances"),
    rows="Reservations[].Instances",
    id="InstanceId",
    paging=Token(1000, least=5),
    get=api("DescribeInstances"),
    get_by=lambda id: {"InstanceIds": [id]},
    extras=(
        Extra(
            call=api("DescribeInstanceAttribute"),
            by=lambda id: {"InstanceId": id, "Attribute": "disableApiTermination"},
            holds="DisableApiTermination",
            under="protection",
        ),
        Extra(
            call=api("DescribeInstanceTypes"),
            of=lambda r: {"InstanceTypes": [r.text("InstanceType")]},
            holds="InstanceTypes",
            under="kind",
            when=lambda r: bool(r.text("InstanceType", "")),
        ),
    ),
    delete=api("TerminateInstances"),
    delete_by=lambda id, options: {"InstanceIds": [id]},
    stop=Stop(
        call=api("StopInstances"),
        by=lambda id: {"InstanceIds": [id]},
        stopped=frozenset({"ready"}),
    ),
    options=frozenset({"stop_first"}),
    refuse=refuse,
    gone=frozenset({"InvalidInstanceID.NotFound"}),
    gone_as=lambda r: "terminated" if r.text("State.Name", "") == "terminated" else "",
    get_only=frozenset({"vmem_size_mb"}),
    lacks=frozenset({"project_id", "expired_at", "auto_renew"}),
)
