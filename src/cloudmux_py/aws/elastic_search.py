"""Amazon OpenSearch Service, 2021-01-01: ListDomainNames, DescribeDomains, DescribeDomain, ListTags, DeleteDomain.

Its list holds Elasticsearch domains too, and the older service ``es`` lists the very same ones: only this one is asked.
"""

from functools import partial

from cloudmux_py.cloudprovider.access import AccessInfo
from cloudmux_py.cloudprovider.billing import POSTPAID
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.status import AVAILABLE, CREATING, DELETING, UNAVAILABLE
from cloudmux_py.engine.binding import Details, Extra
from cloudmux_py.engine.paging import Params, Whole
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.elastic_search import ElasticSearch

from .client import Api, Binding
from .tags import split_tags

api = partial(Api, "opensearch", qps=5.0)

STATUS = {"Creating": CREATING, "Active": AVAILABLE, "Isolated": UNAVAILABLE, "Deleting": DELETING}
"""Of DomainProcessingStatus. ``Isolated`` is no recycle bin: the domain is cut off from its users."""

CATEGORIES = {"OpenSearch": "opensearch", "Elasticsearch": "elasticsearch"}
"""Of EngineVersion, such as ``OpenSearch_2.11``."""


def status(r: Raw) -> str:
    """One word for three truth values and, where it is told, the processing status."""
    if r.flag("Deleted", False):
        return DELETING
    word = r.text("DomainProcessingStatus", "")
    if word:
        return STATUS.get(word, word)
    return AVAILABLE if r.flag("Created", True) else CREATING


def parse(r: Raw) -> ElasticSearch:
    """A row of DescribeDomains or DescribeDomain; node figures are those of one data node."""
    tags, sys_tags = split_tags(r, "tagged.TagList")
    nodes, network = r.at("ClusterConfig"), r.at("VPCOptions")
    engine, _, version = r.text("EngineVersion", "").rpartition("_")
    return ElasticSearch(
        external_id=r.text("ARN"),
        name=r.text("DomainName"),
        status=status(r),
        created_at=None,
        project_id=None,
        tags=tags,
        sys_tags=sys_tags,
        billing_type=POSTPAID,  # what is reserved are node hours, not domains
        expired_at=None,
        auto_renew=None,
        version=version or None,
        instance_type=nodes.text("InstanceType", None),
        vcpu_count=None,
        vmem_size_gb=None,
        storage_type=r.text("EBSOptions.VolumeType", None),
        disk_size_gb=r.number("EBSOptions.VolumeSize", None),
        category=CATEGORIES.get(engine, engine) or None,
        node_count=nodes.number("InstanceCount", None),
        vpc_id=network.text("VPCId", None),
        network_id=_first(network, "SubnetIds"),
        zone_id=_first(network, "AvailabilityZones"),
        is_multi_az=nodes.flag("ZoneAwarenessEnabled", None),
    )


def _first(r: Raw, key: str) -> str | None:
    found = r.any(key)
    return str(found[0]) if isinstance(found, list) and found else None


def access(r: Raw) -> AccessInfo:
    """Addresses of DescribeDomain: public or inside the VPC, never both; all on the port of HTTPS."""
    public, private = r.text("Endpoint", None), r.text("Endpoints.vpc", None)
    path = "_plugin/kibana/" if r.text("EngineVersion", "").startswith("Elasticsearch_") else "_dashboards/"
    return AccessInfo(
        domain=public,
        port=443 if public else None,
        private_domain=private,
        private_port=443 if private else None,
        kibana_url=f"https://{public}/{path}" if public else None,
        kibana_private_url=f"https://{private}/{path}" if private else None,
    )


def name_of(arn: str) -> str:
    """The name that calls take: ``arn:aws:es:us-east-1:123456789012:domain/logs``."""
    return arn.rpartition("/")[2]


def delete_call(r: Raw, options: DeleteOptions) -> tuple[Api, Params]:
    """By the name of the row that was got: an ARN of another region names another domain here."""
    return api("DeleteDomain"), {"DomainName": r.text("DomainName")}


BINDING = Binding[ElasticSearch](
    parse=parse,
    list=api("ListDomainNames"),
    rows="DomainNames",
    id="ARN",
    paging=Whole(),
    details=Details(
        call=api("DescribeDomains"),
        by=lambda names: {"DomainNames": list(names)},
        size=5,  # "Please provide a maximum of 5 domain names to describe."; no model says so
        rows="DomainStatusList",
        name="DomainName",
    ),
    get=api("DescribeDomain"),
    get_by=lambda id: {"DomainName": name_of(id)},
    row="DomainStatus",
    # A domain without tags has an empty list of them (unverified).
    extras=(Extra(call=api("ListTags"), by=lambda id: {"ARN": id}, holds="TagList", under="tagged"),),
    delete_call=delete_call,
    delete_calls=(api("DeleteDomain"),),
    gone=frozenset({"ResourceNotFoundException"}),
    get_only=frozenset({"tags", "sys_tags"}),
    # No reply tells when a domain was created; vCPUs and memory follow from the instance type alone.
    lacks=frozenset({"created_at", "project_id", "expired_at", "auto_renew", "vcpu_count", "vmem_size_gb"}),
    access=access,
)
