"""TencentDB for Redis, redis 2018-04-12: DescribeInstances, Destroy{Postpaid,Prepaid}Instance, CleanUpInstance."""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import CREATING, ISOLATED
from cloudmux_py.engine.paging import Offset, Params
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.elastic_cache import ElasticCache

from .client import Api, Binding
from .regions import regions_of
from .tags import split_tags
from .zones import zone_name

api = partial(Api, "redis", "2018-04-12")

STATUS = {0: CREATING, 1: "changing", 2: "running", -2: ISOLATED, -3: ISOLATED}
"""-3, "to be deleted", is in the recycle bin as well: it may be restored, and CleanUpInstance takes it."""

BILLING = {1: PREPAID, 0: POSTPAID}
DESTROY = {PREPAID: api("DestroyPrepaidInstance"), POSTPAID: api("DestroyPostpaidInstance")}
CLEAN_UP = api("CleanUpInstance")

TYPES = {
    2: ("Redis", "2.8", "master"),
    3: ("CKV", "3.2", "master"),
    4: ("CKV", "3.2", "cluster"),
    5: ("Redis", "2.8", "single"),
    6: ("Redis", "4.0", "master"),
    7: ("Redis", "4.0", "cluster"),
    8: ("Redis", "5.0", "master"),
    9: ("Redis", "5.0", "cluster"),
    15: ("Redis", "6.2", "master"),
    16: ("Redis", "6.2", "cluster"),
    17: ("Redis", "7.0", "master"),
    18: ("Redis", "7.0", "cluster"),
    19: ("Valkey", "8.0", "master"),
    20: ("Valkey", "8.0", "cluster"),
    21: ("Valkey", "8.0", "master"),
    22: ("Valkey", "8.0", "cluster"),
    200: ("Memcached", "1.6", "cluster"),
}
"""Engine, version and architecture of each Type, as the typed model of InstanceSet lists them."""


def billing_of(r: Raw) -> str | None:
    """The billing type; an unknown number as it is."""
    mode = r.number("BillingMode", None)
    return None if mode is None else BILLING.get(mode, str(mode))


def parse(r: Raw) -> ElasticCache:
    """A row of DescribeInstances; its times are Beijing's (guess), and its ``Tags`` are no tags."""
    billing = billing_of(r)
    prepaid = billing == PREPAID
    kind, status, project = r.number("Type", None), r.number("Status"), r.number("ProjectId", None)
    engine, version, architecture = TYPES.get(kind or 0, (r.text("Engine", None) or None, None, None))
    nodes = r.each("NodeSet") if r.any("NodeSet") else ()  # only several zones have one
    zones = {node.number("ZoneId", None) for node in nodes}
    tags, sys_tags = split_tags(r.tags("InstanceTags", "TagKey", "TagValue"))
    return ElasticCache(
        external_id=r.text("InstanceId"),
        name=r.text("InstanceName", "") or r.text("InstanceId"),
        status=STATUS.get(status, str(status)),
        created_at=r.time("Createtime", BEIJING),
        project_id=None if project is None else str(project),
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("DeadlineTime", BEIJING) if prepaid else None,
        auto_renew=r.number("AutoRenewFlag", None) == 1 if prepaid else None,
        engine=engine,
        engine_version=version or r.text("CurrentRedisVersion", None) or None,
        instance_type=None,  # neither call nor console has a name for it
        arch_type=architecture,
        capacity_mb=r.number("Size", None),
        private_dns=None,
        private_ip_addr=r.text("WanIp", None) or None,  # despite its name, the address inside the VPC
        private_connect_port=r.number("Port", None),
        vpc_id=r.text("UniqVpcId", None) or None,
        network_id=r.text("UniqSubnetId", None) or None,
        zone_id=zone_name(r.number("ZoneId", None)),
        is_multi_az=len(zones) > 1,
    )


def refuse(r: Raw) -> str:
    """The flag of the row: the cloud's own code for it is not documented."""
    if billing_of(r) not in BILLING.values():
        return f"its billing mode {billing_of(r)} is unknown"
    protected = r.flag("DeleteProtectionSwitch", None)
    return "destroy protection is on; switch it off in the console first" if protected else ""


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """Into the recycle bin by the call of its billing type, or out of there for good."""
    call = CLEAN_UP if options.final else DESTROY[billing_of(r) or ""]
    return call, {"InstanceId": r.text("InstanceId")}


def ends(reply: Raw, options: DeleteOptions) -> tuple[str, str]:
    """The documented retention; only the call for pay-as-you-go answers with a task."""
    if options.final:
        return "gone", ""
    kept = "2 hours" if reply.has("TaskId") else "7 days"
    return ISOLATED, f"in the recycle bin; can be restored in the console for {kept}, --final destroys it for good"


def get_by(*ids: str) -> Params:
    """Parameters of DescribeInstances for some ids; its Limit cuts them as well."""
    return {"InstanceIds": list(ids), "Offset": 0, "Limit": 1000}


BINDING = Binding[ElasticCache](
    parse=parse,
    list=api("DescribeInstances"),
    rows="InstanceSet",
    id="InstanceId",
    paging=Offset(1000, "TotalCount", multiples=True),
    filters=({"OrderBy": "createtime", "OrderType": 0},),  # the oldest first: what is new comes last
    get=api("DescribeInstances"),
    get_by=get_by,
    batch=100,
    ask_by=lambda ids: get_by(*ids),
    delete_call=delete_call,
    delete_calls=(*DESTROY.values(), CLEAN_UP),
    options=frozenset({"final"}),
    refuse=refuse,
    ends=ends,
    gone=frozenset(
        {
            "ResourceNotFound.InstanceNotExists",
            "ResourceNotFound.InstanceNotFound",
            "ResourceUnavailable.InstanceDeleted",
        }
    ),
    lacks=frozenset({"instance_type", "private_dns"}),
    regions=regions_of("redis"),
)
