"""Alibaba Cloud Kafka, alikafka 2019-09-16 (RPC): GetInstanceList, ReleaseInstance, DeleteInstance.

GetInstanceList knows no pages, and keeps rows that were released. Deleting takes two calls: the first destroys the
instance, the second takes its row away.
"""

from collections.abc import Sequence
from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import AVAILABLE, CREATING, DELETING, UNAVAILABLE, UNKNOWN
from cloudmux_py.engine.binding import Then
from cloudmux_py.engine.paging import Params, Whole
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.kafka import Kafka

from .client import Binding, Rpc
from .hosts import KAFKA_REGIONS
from .tags import split_tags

api = partial(Rpc, "alikafka", "2019-09-16")

CHANGING = "change_config"
VIEW = {0: CREATING, 1: CREATING, 22: CREATING, 2: AVAILABLE, 4: AVAILABLE, 7: CHANGING, 8: CHANGING, 30: CHANGING}
VIEW |= {3: UNAVAILABLE, 5: UNAVAILABLE, 21: UNAVAILABLE, 6: DELETING, 23: DELETING}
VIEW |= dict.fromkeys((101, 102, 103), UNAVAILABLE)
"""ViewInstanceStatusCode; old instances may have ServiceStatus alone (guess)."""
SERVICE = dict.fromkeys((0, 1, 2, 3), CREATING) | dict.fromkeys((6, 7, 8, 9, 11, 30), CHANGING)
SERVICE |= {5: AVAILABLE, 15: UNAVAILABLE}
RELEASED, STOPPED = 10, 15
"""Of ServiceStatus. An instance whose first call has worked is STOPPED; RELEASED rows stay listed for a while."""
VIEW_RELEASED = 6
BILLING = {0: PREPAID, 1: POSTPAID, 3: POSTPAID, 4: POSTPAID}
"""PaidType: 3 is serverless, 4 Confluent; 2 is not documented."""
DISKS = {0: "cloud_efficiency", 1: "cloud_ssd"}


def status_of(r: Raw) -> str:
    """The row's status in our words, or the cloud's number."""
    view, service = r.number("ViewInstanceStatusCode", None), r.number("ServiceStatus", None)
    if view is not None:
        return VIEW.get(view, str(view))
    return UNKNOWN if service is None else SERVICE.get(service, str(service))


def billing_of(r: Raw) -> str | None:
    """Prepaid or postpaid, or the cloud's number."""
    paid = r.number("PaidType", None)
    return None if paid is None else BILLING.get(paid, str(paid))


def parse(r: Raw) -> Kafka:
    """A row of GetInstanceList. Its ZoneId (``zonek``) is no zone's name, StandardZoneId is."""
    billing = billing_of(r)
    disk, traffic, hours = r.number("DiskType", None), r.number("IoMax", None), r.number("MsgRetain", None)
    tags, sys_tags = split_tags(r.tags("Tags.TagVO", "Key", "Value"))
    return Kafka(
        external_id=r.text("InstanceId"),
        name=r.text("Name", "") or r.text("InstanceId"),
        status=status_of(r),
        created_at=r.millis("CreateTime"),
        project_id=r.text("ResourceGroupId", "").strip() or None,  # a documented sample ends in a line break
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.millis("ExpiredTime") if billing == PREPAID else None,
        auto_renew=None,  # no Kafka API tells; only the billing system knows
        version=r.text("UpgradeServiceDetailInfo.Current2OpenSourceVersion", None) or None,
        instance_type=r.text("SpecType", None) or None,
        storage_type=None if disk is None else DISKS.get(disk, str(disk)),
        disk_size_gb=r.number("DiskSize", None) or None,  # 0 where it is serverless
        bandwidth_mb=8 * traffic if traffic else None,  # IoMax is in MB/s (guess: the API names no unit)
        msg_retention_minute=None if hours is None else 60 * hours,
        endpoint=r.text("DomainEndpoint", None) or r.text("EndPoint", None) or None,
        vpc_id=r.text("VpcId", None) or None,
        network_id=r.text("VSwitchId", None) or None,
        zone_id=r.text("StandardZoneId", None) or None,
        is_multi_az=bool(r.text("BackupZoneId", None)),
    )


def numbered(ids: Sequence[str]) -> Params:
    """Ids count from 1. Where the cloud ignores them the whole list comes: rows are matched by id here."""
    return {f"InstanceId.{number}": id for number, id in enumerate(ids, 1)}


def gone_as(r: Raw) -> str:
    """A released row is gone, unless its second call is still due."""
    service, view = r.number("ServiceStatus", None), r.number("ViewInstanceStatusCode", None)
    if service == RELEASED or (view == VIEW_RELEASED and service != STOPPED):
        return f"released (ServiceStatus {service}, ViewInstanceStatusCode {view})"
    return ""


def refuse(r: Raw) -> str:
    """Only what is paid by use can be released."""
    billing = billing_of(r)
    if billing == PREPAID:
        return "it is prepaid: the cloud releases it when its time is over"
    return "" if billing == POSTPAID else f"nobody knows how it is paid for (PaidType {billing})"


def ends(_: Raw, __: DeleteOptions) -> tuple[str, str]:
    """The first call destroys it; its row needs a second one."""
    return "gone", "it is being released; its row leaves the list by a second call, which --wait makes"


BINDING = Binding[Kafka](
    parse=parse,
    list=api("GetInstanceList"),
    rows="InstanceList.InstanceVO",
    id="InstanceId",
    paging=Whole(),
    get=api("GetInstanceList"),
    get_by=lambda id: numbered([id]),
    batch=20,  # no limit is documented
    ask_by=numbered,
    delete=api("ReleaseInstance", "POST"),
    # Without force the cloud keeps the physical resources for a while, and nobody can use them.
    delete_by=lambda id, options: {"InstanceId": id, "ForceDeleteInstance": "true"},
    then=Then(
        call=api("DeleteInstance", "POST"),
        by=lambda id: {"InstanceId": id},
        when=lambda r: r.number("ServiceStatus", None) == STOPPED,
    ),
    gone=frozenset({"BIZ_INSTANCE_NOT_FOUND", "BIZ.INSTANCE.NOT.FOUND", "Instance.NotFound"}),
    gone_as=gone_as,
    refuse=refuse,
    ends=ends,
    lacks=frozenset({"auto_renew"}),
    served=KAFKA_REGIONS,
)
