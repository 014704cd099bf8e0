"""Elastic IP addresses of AWS, EC2 2016-11-15: DescribeAddresses, ReleaseAddress."""

from cloudmux_py.cloudprovider.billing import POSTPAID
from cloudmux_py.engine.paging import Whole
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.eip import Eip

from .client import Binding
from .tags import split_tags
from .vpc import api

BOUND = {"InstanceId": "server", "NetworkInterfaceId": "network_interface"}
"""What an address may be bound to; the first that is told, as a server's address names its interface too."""


def parse(r: Raw) -> Eip:
    """A row of DescribeAddresses; it has no status and no time, and its name is the tag ``Name``."""
    tags, sys_tags = split_tags(r)
    bound = next((key for key in BOUND if r.text(key, "")), "")
    return Eip(
        external_id=r.text("AllocationId"),
        name=tags.get("Name") or r.text("AllocationId"),
        status="ready",
        created_at=None,
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=POSTPAID,
        expired_at=None,
        auto_renew=None,
        ip_addr=r.text("PublicIp", None) or None,
        bandwidth=None,
        charge_type=None,
        bgp_type=None,
        associate_type=BOUND.get(bound),
        associate_id=r.text(bound) if bound else None,
    )


def refuse(r: Raw) -> str:
    """A service's own, and one in use: in a default VPC the cloud would unbind it unasked."""
    if service := r.text("ServiceManaged", ""):
        return f"the service {service} manages it: delete it there"
    if bound := r.text("InstanceId", "") or r.text("NetworkInterfaceId", "") or r.text("AssociationId", ""):
        return f"it is bound to {bound}: unbind it first"
    return ""


BINDING = Binding[Eip](
    parse=parse,
    list=api("DescribeAddresses"),
    rows="Addresses",
    id="AllocationId",
    paging=Whole(),
    get=api("DescribeAddresses"),
    get_by=lambda id: {"AllocationIds": [id]},
    delete=api("ReleaseAddress"),
    delete_by=lambda id, options: {"AllocationId": id},
    gone=frozenset({"InvalidAllocationID.NotFound"}),
    lacks=frozenset({"created_at", "project_id", "expired_at", "auto_renew", "bandwidth", "charge_type", "bgp_type"}),
    refuse=refuse,
)
