"""Alibaba Cloud ECS, 2014-05-26 (RPC): DescribeInstances, StopInstance, DeleteInstance."""

import json
from collections.abc import Sequence
from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.status import CREATING, STOPPING
from cloudmux_py.engine.binding import Stop
from cloudmux_py.engine.paging import Params, Token
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.server import Server

from .client import Binding, Rpc
from .tags import split_tags

api = partial(Rpc, "ecs", "2014-05-26")

STATUS = {
    "Pending": CREATING,
    "Running": "running",
    "Starting": "starting",
    "Stopping": STOPPING,
    "Stopped": "ready",
}
BILLING = {"prepaid": PREPAID, "postpaid": POSTPAID}


def parse(r: Raw) -> Server:
    """A row of DescribeInstances; it has no sizes of disks, which are rows of their own."""
    network, charge = r.at("VpcAttributes"), r.text("InstanceChargeType", "")
    billing = BILLING.get(charge.lower(), charge or None)
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "TagKey", "TagValue"))
    elastic = r.text("EipAddress.IpAddress", "")
    return Server(
        external_id=r.text("InstanceId"),
        name=r.text("InstanceName", "") or r.text("InstanceId"),
        status=STATUS.get(r.text("Status"), r.text("Status")),
        created_at=r.time("CreationTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("ExpiredTime") if billing == PREPAID else None,
        auto_renew=None,  # only DescribeInstanceAutoRenewAttribute tells
        instance_type=r.text("InstanceType", None) or None,
        vcpu_count=r.number("Cpu", None),
        vmem_size_mb=r.number("Memory", None),
        os_type=r.text("OSType", None) or None,
        os_name=r.text("OSNameEn", None) or r.text("OSName", None) or None,
        image_id=r.text("ImageId", None) or None,
        # The second list is that of the classic network.
        private_ips=network.texts("PrivateIpAddress.IpAddress") + r.texts("InnerIpAddress.IpAddress"),
        public_ips=r.texts("PublicIpAddress.IpAddress"),
        elastic_ips=[elastic] if elastic else [],
        security_group_ids=r.texts("SecurityGroupIds.SecurityGroupId"),
        vpc_id=network.text("VpcId", None) or None,
        network_id=network.text("VSwitchId", None) or None,
        zone_id=r.text("ZoneId", None) or None,
    )


def refuse(r: Raw) -> str:
    """Only pay-as-you-go servers are deleted: ending a subscription (TerminateSubscription) is never sent."""
    charge = r.text("InstanceChargeType", "")
    if BILLING.get(charge.lower()) != POSTPAID:
        return f"it is billed as {charge or 'unknown'}: only PostPaid servers can be deleted"
    if r.flag("DeletionProtection", None):
        return "deletion protection is on; switch it off first"
    locks = r.each("OperationLocks.LockReason") if r.any("OperationLocks.LockReason") else ()
    if any(lock.text("LockReason", "").lower() == "security" for lock in locks):
        return "it is locked for security reasons: all its cloud disks would go with it"
    return ""


def by_ids(ids: Sequence[str]) -> Params:
    """Ids are one text, a JSON array. An unknown one is just not in the answer; nor is any without permission."""
    return {"InstanceIds": json.dumps(list(ids)), "MaxResults": 100}


BINDING = Binding[Server](
    parse=parse,
    list=api("DescribeInstances"),
    rows="Instances.Instance",
    id="InstanceId",
    paging=Token(100, least=10),
    get=api("DescribeInstances"),
    get_by=lambda id: by_ids([id]),
    batch=100,
    ask_by=by_ids,
    delete=api("DeleteInstance"),
    delete_by=lambda id, options: {"InstanceId": id},
    stop=Stop(
        call=api("StopInstance"),
        # Else it may lose its public address, for good if it is not deleted then.
        by=lambda id: {"InstanceId": id, "StoppedMode": "KeepCharging"},
        stopped=frozenset({"ready"}),
        required=True,
    ),
    options=frozenset({"stop_first"}),
    refuse=refuse,
    gone=frozenset({"InvalidInstanceId.NotFound", "Forbidden.InstanceNotFound"}),
    lacks=frozenset({"auto_renew"}),
)
