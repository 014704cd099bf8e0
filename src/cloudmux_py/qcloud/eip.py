"""Tencent Cloud elastic IP addresses, vpc 2017-03-12: DescribeAddresses, ReleaseAddresses.

A prepaid address is isolated by the first ReleaseAddresses; the same call again destroys it for good.
"""

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.errors import Conflict
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import CREATING, DELETING, ISOLATED
from cloudmux_py.engine.paging import Offset, Params
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.eip import Eip

from .client import Api, Binding
from .regions import regions_of
from .tags import split_tags
from .vpc import api

UNNAMED = "未命名"
STATUS = {
    "CREATING": CREATING,
    "CREATE_FAILED": "allocate_fail",
    "BINDING": "associate",
    "UNBINDING": "dissociate",
    "BIND": "ready",
    "BIND_ENI": "ready",
    "UNBIND": "ready",
    "OFFLINING": DELETING,
}
BOUND = frozenset({"BINDING", "BIND", "BIND_ENI", "UNBINDING"})
BILLING = {
    "": POSTPAID,  # of old accounts, whose addresses cost nothing by themselves
    "BANDWIDTH_PREPAID_BY_MONTH": PREPAID,
    "BANDWIDTH_POSTPAID_BY_HOUR": POSTPAID,
    "TRAFFIC_POSTPAID_BY_HOUR": POSTPAID,
    "BANDWIDTH_PACKAGE": POSTPAID,
}
ASSOCIATE = {"CVM": "server", "NAT": "natgateway", "CLB": "loadbalancer"}
NOT_ELASTIC = frozenset({"WanIP", "CalcIP"})


def parse(r: Raw) -> Eip:
    """A row of DescribeAddresses; InstanceId may stay filled when nothing is bound any more, so the status decides."""
    tags, sys_tags = split_tags(r.tags("TagSet", "Key", "Value"))
    charge, status = r.text("InternetChargeType", ""), r.text("AddressStatus")
    billing = BILLING.get(charge, charge)
    associate = r.text("InstanceType", "") if status in BOUND else ""
    holder = r.text("InstanceId", "") or r.text("NetworkInterfaceId", "")
    name, id = r.text("AddressName", ""), r.text("AddressId")
    isolated = r.flag("IsArrears", False) and status != "OFFLINING"
    return Eip(
        external_id=id,
        name=id if name in {"", UNNAMED} else name,
        status=ISOLATED if isolated else STATUS.get(status, status),
        created_at=r.time("CreatedTime"),
        project_id=None,  # addresses belong to no project on Tencent Cloud
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("DeadlineDate") if billing == PREPAID else None,
        auto_renew=r.text("RenewFlag", "") == "NOTIFY_AND_AUTO_RENEW" if billing == PREPAID else None,
        ip_addr=r.text("AddressIp", None) or None,
        bandwidth=r.number("Bandwidth", None),
        charge_type=charge.partition("_")[0].lower() or None,
        bgp_type=r.text("InternetServiceProvider", None) or None,
        associate_type=ASSOCIATE.get(associate, associate or None),
        associate_id=(holder or None) if status in BOUND else None,
    )


def refuse(r: Raw) -> str:
    """What the cloud would refuse to release, and what must never be sent to it."""
    charge, status = r.text("InternetChargeType", ""), r.text("AddressStatus")
    if r.text("AddressType", "") in NOT_ELASTIC:
        return "it is the own public address of a server, and goes with it"
    if status != "UNBIND":
        return f"it is {status} ({r.text('InstanceId', '') or 'bound to nothing'}): unbind it first"
    return "" if charge in BILLING else f"its billing type {charge} is not known here"


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """ReleaseAddresses, whatever the billing type; for the own address of a server it is never made."""
    if r.text("AddressType", "") in NOT_ELASTIC:
        raise Conflict(refuse(r), resource=r.text("AddressId"), sent=False)
    return api("ReleaseAddresses"), {"AddressIds": [r.text("AddressId")]}


BINDING = Binding[Eip](
    parse=parse,
    list=api("DescribeAddresses"),
    rows="AddressSet",
    id="AddressId",
    paging=Offset(100, "TotalCount"),
    get=api("DescribeAddresses"),
    get_by=lambda id: {"AddressIds": [id], "Offset": 0, "Limit": 100},
    batch=100,
    ask_by=lambda ids: {"AddressIds": list(ids), "Offset": 0, "Limit": 100},
    delete_call=delete_call,
    delete_calls=(api("ReleaseAddresses"),),
    options=frozenset({"final"}),
    gone=frozenset({"InvalidAddressId.NotFound", "InvalidParameterValue.AddressNotFound"}),
    lacks=frozenset({"project_id"}),
    refuse=refuse,
    regions=regions_of("vpc"),
)
