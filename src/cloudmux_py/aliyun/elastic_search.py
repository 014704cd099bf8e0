"""Alibaba Cloud Elasticsearch, 2017-06-13 (ROA): ListInstance, DescribeInstance, DeleteInstance, DescribeRegions."""

from functools import partial

from cloudmux_py.cloudprovider.access import AccessInfo
from cloudmux_py.cloudprovider.billing import POSTPAID, PREPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import AVAILABLE, CREATING, DELETING, UNAVAILABLE, UNKNOWN
from cloudmux_py.engine.paging import PageNumber, Params
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.elastic_search import ElasticSearch

from .client import Binding, RegionList, Roa
from .specs import node_size
from .tags import split_tags

api = partial(Roa, "elasticsearch", "2017-06-13")

STATUS = {
    "active": AVAILABLE,
    "activating": CREATING,
    "inactive": UNAVAILABLE,
    "invalid": DELETING,
    "unknown": UNKNOWN,
}
BILLING = {"prepaid": PREPAID, "postpaid": POSTPAID}


def parse(r: Raw) -> ElasticSearch:
    """A row of ListInstance or DescribeInstance; node figures are those of one data node."""
    node, network = r.at("nodeSpec"), r.at("networkConfig")
    vcpus, memory = node_size(node.text("spec", None), node.text("specInfo", None))
    payment = r.text("paymentType", "")
    billing = BILLING.get(payment.lower(), payment or None)
    tags, sys_tags = split_tags(r.tags("tags", "tagKey", "tagValue"))
    return ElasticSearch(
        external_id=r.text("instanceId"),
        name=r.text("description", "") or r.text("instanceId"),
        status=STATUS.get(r.text("status"), r.text("status")),
        created_at=r.time("createdAt"),
        project_id=r.text("resourceGroupId", None) or None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=billing,
        expired_at=r.millis("endTime") if billing == PREPAID else None,
        auto_renew=None,  # no Elasticsearch API tells; only the billing system knows
        version=r.text("esVersion", "").partition("_")[0] or None,
        instance_type=node.text("spec", None),
        vcpu_count=vcpus,
        vmem_size_gb=memory,
        storage_type=node.text("diskType", None),
        disk_size_gb=node.number("disk", None),
        category=r.text("instanceCategory", None),
        node_count=r.number("nodeAmount", None),
        vpc_id=network.text("vpcId", None),
        network_id=network.text("vswitchId", None),
        zone_id=network.text("vsArea", None),
        is_multi_az=zones > 1 if (zones := r.number("zoneCount", None)) is not None else None,
    )


def access(r: Raw) -> AccessInfo:
    """Addresses of DescribeInstance; Kibana's URLs only where that access is switched on."""
    public = r.flag("enablePublic", None) or False
    return AccessInfo(
        domain=r.text("publicDomain", None) if public else None,
        port=r.number("publicPort", None) if public else None,
        private_domain=r.text("domain", None),
        private_port=r.number("port", None) or None,
        kibana_url=_kibana(r, "enableKibanaPublicNetwork", "kibanaDomain", "kibanaPort"),
        kibana_private_url=_kibana(r, "enableKibanaPrivateNetwork", "kibanaPrivateDomain", "kibanaPrivatePort"),
    )


def _kibana(r: Raw, switch: str, domain: str, port: str) -> str | None:
    if not r.flag(switch, None) or not r.text(domain, None):
        return None
    number = r.number(port, None)
    return f"https://{r.text(domain)}:{number}" if number else f"https://{r.text(domain)}"


def delete_by(id: str, options: DeleteOptions) -> Params:
    """Always says which kind: without it, some releases of the API freeze for 24 hours instead of deleting."""
    kind = "protective" if options.recoverable else "immediate"
    return {"InstanceId": id, "deleteType": kind} | (
        {"clientToken": options.client_token} if options.client_token else {}
    )


def ends(_: Raw, options: DeleteOptions) -> tuple[str, str]:
    """A protective deletion freezes: the instance stays listed for 24 hours."""
    if options.recoverable:
        return "isolated", "frozen; can be restored in the console for 24 hours"
    return "gone", ""


BINDING = Binding[ElasticSearch](
    parse=parse,
    list=api("ListInstance", "GET", "/openapi/instances"),
    rows="Result",
    id="instanceId",
    paging=PageNumber(100, "Headers.X-Total-Count", page="page", size="size"),
    get=api("DescribeInstance", "GET", "/openapi/instances/[InstanceId]"),
    get_by=lambda id: {"InstanceId": id},
    row="Result",
    delete=api("DeleteInstance", "DELETE", "/openapi/instances/[InstanceId]"),
    delete_by=delete_by,
    ends=ends,
    options=frozenset({"recoverable"}),
    gone=frozenset({"InstanceNotFound"}),
    get_only=frozenset({"category"}),
    lacks=frozenset({"auto_renew"}),
    access=access,
    regions=RegionList(
        call=api("DescribeRegions", "GET", "/openapi/regions"),
        params={},
        rows="Result",
        id="regionId",
        name="localName",
        state="status",
        open="available",
    ),
)
