"""Tencent Cloud CVM, cvm 2017-03-12: DescribeInstances, StopInstances, TerminateInstances."""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import CREATING, DELETING, ISOLATED, STOPPING
from cloudmux_py.engine.binding import Stop
from cloudmux_py.engine.paging import Offset, Params
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.server import Server

from .client import Api, Binding
from .names import name_of
from .regions import regions_of
from .tags import split_tags

api = partial(Api, "cvm", "2017-03-12")

STATUS = {
    "PENDING": CREATING,
    "LAUNCH_FAILED": "deploy_fail",
    "RUNNING": "running",
    "STOPPED": "ready",
    "STARTING": "starting",
    "REBOOTING": "starting",
    "STOPPING": STOPPING,
    "SHUTDOWN": ISOLATED,  # in the recycle bin; what is switched off is STOPPED
    "TERMINATING": DELETING,
    "ENTER_SERVICE_LIVE_MIGRATE": "migrating",
    "SERVICE_LIVE_MIGRATE": "migrating",
    "EXIT_SERVICE_LIVE_MIGRATE": "migrating",
}
BILLING = {"PREPAID": PREPAID, "POSTPAID_BY_HOUR": POSTPAID, "SPOTPAID": POSTPAID}


def parse(r: Raw) -> Server:
    """A row of DescribeInstances; elastic IPs are among its public addresses, and look like any."""
    network, place, charge = r.at("VirtualPrivateCloud"), r.at("Placement"), r.text("InstanceChargeType", "")
    billing, memory, system = BILLING.get(charge, charge or None), r.number("Memory", None), r.text("OsName", "")
    tags, sys_tags = split_tags(r.tags("Tags", "Key", "Value"))
    return Server(
        external_id=r.text("InstanceId"),
        name=name_of(r, "InstanceName", "InstanceId"),
        status=status(r),
        created_at=r.time("CreatedTime"),
        project_id=place.text("ProjectId", None),
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("ExpiredTime") if billing == PREPAID else None,
        auto_renew=r.text("RenewFlag", "") == "NOTIFY_AND_AUTO_RENEW" if billing == PREPAID else None,
        instance_type=r.text("InstanceType", None) or None,
        vcpu_count=r.number("CPU", None),
        vmem_size_mb=None if memory is None else memory * 1024,
        os_type=("windows" if "windows" in system.lower() else "linux") if system else None,
        os_name=system or None,
        image_id=r.text("ImageId", None) or None,
        private_ips=r.texts("PrivateIpAddresses"),
        public_ips=r.texts("PublicIpAddresses"),
        elastic_ips=[],
        security_group_ids=r.texts("SecurityGroupIds"),
        vpc_id=network.text("VpcId", None) or None,
        network_id=network.text("SubnetId", None) or None,
        zone_id=place.text("Zone", None) or None,
    )


def status(r: Raw) -> str:
    """Stopped counts as stopping until the operation ends: before, the cloud refuses any other."""
    word = STATUS.get(r.text("InstanceState"), r.text("InstanceState"))
    return STOPPING if word == "ready" and operation(r) == "StopInstances" else word


def operation(r: Raw) -> str:
    """What is being done to it, or nothing."""
    return r.text("LatestOperation", "") if r.text("LatestOperationState", "") == "OPERATING" else ""


def refuse(r: Raw) -> str:
    """What the row says already; that a subscription cannot be given back, only the cloud knows."""
    charge = r.text("InstanceChargeType", "")
    if charge not in BILLING:
        return f"it is billed as {charge or 'unknown'}: only {', '.join(BILLING)} can be deleted"
    if r.flag("DisableApiTermination", None):
        return "termination protection is on; switch it off first"
    if operation(r) not in {"", "StopInstances"}:
        return f"{operation(r)} is still at work on it"
    return ""


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """The same call twice: on what is in the recycle bin it is final."""
    return api("TerminateInstances"), {"InstanceIds": [r.text("InstanceId")]}


def ends(_: Raw, options: DeleteOptions) -> tuple[str, str]:
    """The reply does not say where it went: that depends on its billing, and on the site of the account."""
    if options.final:
        return "gone", ""
    return "gone", "a prepaid one stays in the recycle bin for 7 days, others at most for 2 hours"


BINDING = Binding[Server](
    parse=parse,
    list=api("DescribeInstances"),
    rows="InstanceSet",
    id="InstanceId",
    paging=Offset(100, "TotalCount"),
    get=api("DescribeInstances"),
    get_by=lambda id: {"InstanceIds": [id], "Offset": 0, "Limit": 100},
    batch=100,
    ask_by=lambda ids: {"InstanceIds": list(ids), "Offset": 0, "Limit": 100},
    delete_call=delete_call,
    delete_calls=(api("TerminateInstances"),),
    stop=Stop(
        call=api("StopInstances"),
        by=lambda id: {"InstanceIds": [id]},
        stopped=frozenset({"ready", ISOLATED}),
    ),
    options=frozenset({"stop_first", "final"}),
    refuse=refuse,
    ends=ends,
    gone=frozenset({"InvalidInstanceId.NotFound"}),
    lacks=frozenset({"elastic_ips"}),
    regions=regions_of("cvm"),
)
