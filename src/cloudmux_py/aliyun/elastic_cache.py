"""Tair (Redis), r-kvstore 2015-01-01 (RPC): DescribeInstances, DescribeInstanceAttribute, DeleteInstance."""

from functools import partial

from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.status import CREATING, DELETING, UNAVAILABLE
from cloudmux_py.engine.binding import Extra
from cloudmux_py.engine.paging import PageNumber
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.elastic_cache import ElasticCache

from .client import Binding, RegionList, Rpc
from .renewal import auto_renew, renewal
from .tags import split_tags
from .zones import zones_of

api = partial(Rpc, "r-kvstore", "2015-01-01")

STATUS = {"Normal": "running", "Creating": CREATING, "Flushing": DELETING, "Unavailable": UNAVAILABLE}
BILLING = {"prepaid": PREPAID, "postpaid": POSTPAID}
ENGINES = {"Memcache": "Memcached"}
ARCHITECTURES = {"standard": "master"}
SINGLE = frozenset({"single", "STAND_ALONE"})


def billing_of(r: Raw) -> str | None:
    """The billing type; an unknown word as it is."""
    word = r.text("ChargeType", "")
    return BILLING.get(word.lower(), word or None)


def parse(r: Raw) -> ElasticCache:
    """A row of DescribeInstances; statuses without a word of ours are Cloudpods' lower-case ones."""
    billing = billing_of(r)
    zones = [*zones_of(r.text("ZoneId", None)), *zones_of(r.text("SecondaryZoneId", None))]
    engine, architecture = r.text("InstanceType", None), r.text("ArchitectureType", "")
    single = architecture == "standard" and r.text("NodeType", "") in SINGLE
    tags, sys_tags = split_tags(r.tags("Tags.Tag", "Key", "Value"))
    return ElasticCache(
        external_id=r.text("InstanceId"),
        name=r.text("InstanceName", "") or r.text("InstanceId"),
        status=STATUS.get(r.text("InstanceStatus"), r.text("InstanceStatus").lower()),
        created_at=r.time("CreateTime"),
        project_id=r.text("ResourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("EndTime") if billing == PREPAID else None,
        auto_renew=auto_renew(r, r.text("InstanceId")),
        engine=ENGINES.get(engine or "", engine) or None,
        engine_version=r.text("EngineVersion", None) or None,
        instance_type=r.text("InstanceClass", None) or None,
        arch_type="single" if single else ARCHITECTURES.get(architecture, architecture) or None,
        capacity_mb=r.number("Capacity", None),
        private_dns=r.text("ConnectionDomain", None) or None,
        private_ip_addr=r.text("PrivateIp", None) or None,
        private_connect_port=r.number("Port", None),
        vpc_id=r.text("VpcId", None) or None,
        network_id=r.text("VSwitchId", None) or None,
        zone_id=zones[0] if zones else None,
        is_multi_az=len(set(zones)) > 1 if zones else None,
    )


def refuse(r: Raw) -> str:
    """Release protection stands in DescribeInstanceAttribute alone, which answers for one instance."""
    if parent := r.text("GlobalInstanceId", ""):
        return f"it is a part of the distributed instance {parent}; remove it from there in the console"
    if billing_of(r) not in BILLING.values():
        return f"its billing type {billing_of(r)} is unknown"
    attributes = r.at("Attribute").each("Instances.DBInstanceAttribute")
    told = next((told for told in attributes if told.any("InstanceId") == r.text("InstanceId")), None)
    if told is None:
        return "the cloud does not tell whether it is protected"
    protected = told.flag("InstanceReleaseProtection", None)
    return "release protection is on; switch it off in the console first" if protected else ""


BINDING = Binding[ElasticCache](
    parse=parse,
    list=api("DescribeInstances"),
    rows="Instances.KVStoreInstance",
    id="InstanceId",
    paging=PageNumber(50, "TotalCount"),
    get=api("DescribeInstances"),
    get_by=lambda id: {"InstanceIds": id, "PageSize": 50},
    extras=(
        Extra(
            call=api("DescribeInstanceAttribute"),
            by=lambda id: {"InstanceId": id},
            holds="Instances",
            under="Attribute",
        ),
        renewal(api("DescribeInstanceAutoRenewalAttribute"), lambda r: billing_of(r) == PREPAID),
    ),
    batch=30,
    ask_by=lambda ids: {"InstanceIds": ",".join(ids), "PageSize": 50},
    delete=api("DeleteInstance"),
    delete_by=lambda id, options: {"InstanceId": id},
    refuse=refuse,
    gone=frozenset({"InvalidInstanceId.NotFound"}),
    gone_as=lambda r: "Released" if r.text("InstanceStatus", "") == "Released" else "",
    get_only=frozenset({"auto_renew"}),
    regions=RegionList(call=api("DescribeRegions"), rows="RegionIds.KVStoreRegion", id="RegionId", name="LocalName"),
)
