"""Tencent Cloud Kafka, ckafka 2019-08-19: DescribeInstancesDetail, DescribeInstanceAttributes, and calls that delete.

DescribeInstances tells little more than ids; billing and protection are in DescribeInstanceAttributes alone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.errors import CloudError, Refused
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import AVAILABLE, CREATING, DELETE_FAILED, DELETING, ISOLATED, UNAVAILABLE
from cloudmux_py.engine.binding import Extra
from cloudmux_py.engine.paging import Offset, Params
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.kafka import Kafka

from .client import Api, Binding
from .regions import regions_of
from .tags import split_tags
from .zones import zone_name

api = partial(Api, "ckafka", "2019-08-19")

STATUS = {
    0: CREATING,
    1: AVAILABLE,
    2: DELETING,
    4: DELETE_FAILED,
    5: ISOLATED,
    7: "upgrading",
    -1: UNAVAILABLE,
}
DELETED = 3
BILLING = {"PREPAID": PREPAID, "POSTPAID_BY_HOUR": POSTPAID}
ISOLATE, DESTROY, DESTROY_POSTPAID = map(api, ("IsolatedInstancePre", "DeleteInstancePre", "DeleteInstancePost"))


def charge_of(r: Raw) -> str:
    """The cloud's word for how it is paid; empty in a list."""
    return r.text("attributes.InstanceChargeType", "")


def parse(r: Raw) -> Kafka:
    """A row of DescribeInstancesDetail, after a get with its attributes; its times are seconds since 1970."""
    status, charge = r.number("Status"), charge_of(r)
    expires = r.number("ExpireTime", 0)
    billing = BILLING.get(charge, charge) if charge else PREPAID if expires else POSTPAID
    prepaid = billing == PREPAID
    zones = r.any("ZoneIds")
    tags, sys_tags = split_tags(r.tags("Tags", "TagKey", "TagValue"))
    return Kafka(
        external_id=r.text("InstanceId"),
        name=r.text("InstanceName", "") or r.text("InstanceId"),
        status=STATUS.get(status, str(status)),
        created_at=seconds(r, "CreateTime"),
        project_id=None,  # Kafka belongs to no project on Tencent Cloud
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=seconds(r, "ExpireTime") if prepaid else None,
        auto_renew=r.number("RenewFlag", None) == 1 if prepaid else None,
        version=r.text("Version", None) or None,
        instance_type=r.text("InstanceType", None) or None,
        storage_type=r.text("DiskType", None) or None,
        disk_size_gb=r.number("DiskSize", None),
        bandwidth_mb=r.number("Bandwidth", None),
        msg_retention_minute=r.number("attributes.MsgRetentionTime", None),
        endpoint=f"{r.text('Vip')}:{r.text('Vport', '')}" if r.text("Vip", None) else None,
        vpc_id=r.text("VpcId", None) or None,
        network_id=r.text("SubnetId", None) or None,
        zone_id=zone_name(r.number("ZoneId", None)),
        is_multi_az=len(zones) > 1 if isinstance(zones, list) else None,
    )


def seconds(r: Raw, key: str) -> datetime | None:
    """A time as seconds since 1970; none or zero is None."""
    value = r.number(key, 0)
    try:
        return datetime.fromtimestamp(value, UTC) if value else None
    except (OverflowError, ValueError, OSError):
        raise r.malformed(key, "seconds since 1970", value) from None


def chosen(ids: Sequence[str]) -> Params:
    """InstanceIds is another parameter, which no longer counts."""
    return {"InstanceIdList": list(ids), "Offset": 0, "Limit": 20}


def refuse(r: Raw) -> str:
    """Nothing that is protected, and nothing whose payment nobody knows: a wrong call would destroy it."""
    if r.number("attributes.DeleteProtectionEnable", 0):
        return "delete protection is on; switch it off in the console first"
    return "" if charge_of(r) in BILLING else f"nobody knows how it is paid for ({charge_of(r) or 'no word'})"


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """By how it is paid, never by trial. DeleteInstancePre destroys at once: a prepaid one is only isolated first."""
    if charge_of(r) not in BILLING:
        raise Refused(f"{r.text('InstanceId')}: {refuse(r)}")
    prepaid = DESTROY if options.final else ISOLATE
    return prepaid if BILLING[charge_of(r)] == PREPAID else DESTROY_POSTPAID, {"InstanceId": r.text("InstanceId")}


def ends(r: Raw, options: DeleteOptions) -> tuple[str, str]:
    """What is prepaid is isolated, unless it was already; its calls name failures in ReturnCode.

    Raises:
        CloudError: ReturnCode is one.
    """
    code = r.text("Result.ReturnCode", "")
    if code not in {"", "0"}:
        raise CloudError(r.text("Result.ReturnMessage", ""), provider="qcloud", code=code)
    if code and not options.final:
        return "isolated", "in the recycle bin for 7 days; --final destroys it at once"
    return "gone", ""


BINDING = Binding[Kafka](
    parse=parse,
    list=api("DescribeInstancesDetail"),
    rows="Result.InstanceList",
    id="InstanceId",
    paging=Offset(20, "Result.TotalCount"),
    get=api("DescribeInstancesDetail"),
    get_by=lambda id: chosen([id]),
    extras=(
        Extra(
            call=api("DescribeInstanceAttributes"),
            by=lambda id: {"InstanceId": id},
            row="Result",
            under="attributes",
        ),
    ),
    batch=20,
    ask_by=chosen,
    delete_call=delete_call,
    delete_calls=(ISOLATE, DESTROY, DESTROY_POSTPAID),
    options=frozenset({"final"}),
    # FailedOperation and UnsupportedOperation say anything, and ResourceNotFound need not mean the instance.
    gone=frozenset({"InvalidParameterValue.InstanceNotExist"}),
    gone_as=lambda r: "deleted (Status 3)" if r.number("Status", None) == DELETED else "",
    get_only=frozenset({"msg_retention_minute"}),
    refuse=refuse,
    ends=ends,
    lacks=frozenset({"project_id"}),
    regions=regions_of("ckafka"),
)
