"""Tencent Cloud Elasticsearch Service, es 2018-04-16: DescribeInstances, DeleteInstance."""

from functools import partial

from cloudmux_py.cloudprovider.access import AccessInfo
from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.status import AVAILABLE, CREATING, DELETING, ISOLATED, UNAVAILABLE
from cloudmux_py.engine.paging import Offset
from cloudmux_py.engine.raw import BEIJING, Raw
from cloudmux_py.resources.elastic_search import ElasticSearch

from .client import Api, Binding
from .regions import regions_of
from .tags import split_tags

api = partial(Api, "es", "2018-04-16")

STATUS = {
    1: AVAILABLE,
    0: CREATING,
    2: CREATING,
    -1: UNAVAILABLE,
    -2: DELETING,
    -3: DELETING,
    -4: ISOLATED,
}
BILLING = {"PREPAID": PREPAID, "CDHPAID": PREPAID, "POSTPAID_BY_HOUR": POSTPAID}


def parse(r: Raw) -> ElasticSearch:
    """A row of DescribeInstances; node figures are those of one data node."""
    charge = r.text("ChargeType", "")
    billing = BILLING.get(charge, charge or None)
    prepaid = billing == PREPAID
    zones = r.any("MultiZoneInfo")
    tags, sys_tags = split_tags(r.tags("TagList", "TagKey", "TagValue"))
    status = r.number("Status")
    return ElasticSearch(
        external_id=r.text("InstanceId"),
        name=r.text("InstanceName", "") or r.text("InstanceId"),
        status=STATUS.get(status, str(status)),
        created_at=r.time("CreateTime", BEIJING),
        project_id=None,  # Elasticsearch belongs to no project on Tencent Cloud
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.time("Deadline", BEIJING) if prepaid else None,
        auto_renew=r.text("RenewFlag", "") == "RENEW_FLAG_AUTO" if prepaid else None,
        version=r.text("EsVersion", None) or None,
        instance_type=r.text("NodeType", None) or None,
        vcpu_count=r.number("CpuNum", None),
        vmem_size_gb=r.number("MemSize", None),
        storage_type=r.text("DiskType", None) or None,
        disk_size_gb=r.number("DiskSize", None),
        category=r.text("LicenseType", None) or None,
        node_count=r.number("NodeNum", None),
        vpc_id=r.text("VpcUid", None) or None,
        network_id=r.text("SubnetUid", None) or None,
        zone_id=r.text("Zone", None) or None,
        is_multi_az=len(zones) > 1 if isinstance(zones, list) else None,
    )


def access(r: Raw) -> AccessInfo:
    """Addresses of DescribeInstances; empty texts stand for none."""
    public = r.text("PublicAccess", "") == "OPEN"
    return AccessInfo(
        domain=(r.text("EsPublicUrl", None) or None) if public else None,
        private_domain=r.text("EsDomain", None) or r.text("EsPrivateDomain", None) or None,
        vip=r.text("EsVip", None) or None,
        private_port=r.number("EsPort", None) or None,
        kibana_url=(r.text("KibanaUrl", None) or None) if r.text("KibanaPublicAccess", "") == "OPEN" else None,
        kibana_private_url=(
            (r.text("KibanaPrivateUrl", None) or None) if r.text("KibanaPrivateAccess", "") == "OPEN" else None
        ),
    )


def refuse(r: Raw) -> str:
    """Destroy protection is in the row: no need to let the cloud refuse."""
    protected = r.text("EnableDestroyProtection", "") == "OPEN"
    return "destroy protection is on; switch it off in the console first" if protected else ""


BINDING = Binding[ElasticSearch](
    parse=parse,
    list=api("DescribeInstances"),
    rows="InstanceList",
    id="InstanceId",
    paging=Offset(100, "TotalCount"),
    get=api("DescribeInstances"),
    get_by=lambda id: {"InstanceIds": [id], "Offset": 0, "Limit": 100},
    batch=100,
    ask_by=lambda ids: {"InstanceIds": list(ids), "Offset": 0, "Limit": 100},
    delete=api("DeleteInstance"),
    delete_by=lambda id, options: {"InstanceId": id},
    refuse=refuse,
    # ResourceNotFound.DBInfoNotFound is listed for DescribeInstances as well: it names no instance.
    gone=frozenset({"InvalidParameter.InvalidInstanceId"}),
    lacks=frozenset({"project_id"}),
    access=access,
    regions=regions_of("es"),
)
