"""Alibaba Cloud elastic IP addresses, vpc 2016-04-28 (RPC): DescribeEipAddresses, ReleaseEipAddress.

A server's own public address is no EIP: it is in no answer of DescribeEipAddresses, and what is not never reaches
ReleaseEipAddress.
"""

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.status import DELETING
from cloudmux_py.engine.paging import PageNumber
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.eip import Eip

from .client import Binding
from .tags import split_tags
from .vpc import REGIONS, api

STATUS = {
    "Available": "ready",
    "InUse": "ready",
    "Associating": "associate",
    "Unassociating": "dissociate",
    "Releasing": DELETING,
}
BILLING = {"prepaid": PREPAID, "postpaid": POSTPAID}
CHARGE = {"PayByTraffic": "traffic", "PayByBandwidth": "bandwidth"}
ASSOCIATE = {"EcsInstance": "server", "SlbInstance": "loadbalancer", "Nat": "natgateway"}


def billing_of(r: Raw) -> str | None:
    """Our billing word; an unknown one stays the cloud's."""
    word = r.text("ChargeType", "")
    return BILLING.get(word.lower(), word or None)


def parse(r: Raw) -> Eip:
    """A row of DescribeEipAddresses; bandwidth comes as a text."""
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "Key", "Value"))
    charge, associate = r.text("InternetChargeType", ""), r.text("InstanceType", "")
    billing = billing_of(r)
    return Eip(
        external_id=r.text("AllocationId"),
        name=r.text("Name", "") or r.text("AllocationId"),
        status=STATUS.get(r.text("Status"), r.text("Status")),
        created_at=r.time("AllocationTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("ExpiredTime") if billing == PREPAID else None,
        auto_renew=None,  # no VPC API tells; only the billing system knows
        ip_addr=r.text("IpAddress", None) or None,
        bandwidth=r.number("Bandwidth", None),
        charge_type=CHARGE.get(charge, charge or None),
        bgp_type=r.text("ISP", None) or None,
        associate_type=ASSOCIATE.get(associate, associate or None),
        associate_id=r.text("InstanceId", None) or None,
    )


def refuse(r: Raw) -> str:
    """What the cloud would refuse to release, and what belongs to one of its services."""
    if r.flag("ServiceManaged", False):
        return "a service of the cloud manages it: delete it there"
    if segment := r.text("SegmentInstanceId", ""):
        return f"it is one of the contiguous group {segment}, which is released as a whole"
    if r.flag("DeletionProtection", False):
        return "deletion protection is on; switch it off in the console first"
    if r.text("Status") != "Available":
        return f"it is {r.text('Status')} ({r.text('InstanceId', '') or 'bound to nothing'}): unbind it first"
    if billing_of(r) != POSTPAID:
        return f"it is {billing_of(r) or 'of unknown billing'}: only postpaid addresses can be released"
    return ""


BINDING = Binding[Eip](
    parse=parse,
    list=api("DescribeEipAddresses"),
    rows="EipAddresses.EipAddress",
    id="AllocationId",
    paging=PageNumber(100, "TotalCount"),
    get=api("DescribeEipAddresses"),
    get_by=lambda id: {"AllocationId": id, "PageSize": 100},
    batch=50,
    ask_by=lambda ids: {"AllocationId": ",".join(ids), "PageSize": 100},
    delete_call=lambda r, options: (api("ReleaseEipAddress"), {"AllocationId": r.text("AllocationId")}),
    delete_calls=(api("ReleaseEipAddress"),),
    gone=frozenset({"InvalidAllocationId.NotFound"}),
    lacks=frozenset({"auto_renew"}),
    refuse=refuse,
    regions=REGIONS,
)
