"""Elasticsearch clusters."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class ElasticSearch(IBillingResource, IVirtualResource):
    """Elasticsearch clusters."""

    version: str | None = col("Elasticsearch version", listed=True)
    instance_type: str | None = col("Specification of a data node", listed=True)
    vcpu_count: int | None = col("vCPUs of one data node")
    vmem_size_gb: int | None = col("Memory of one data node", unit="GB")
    storage_type: str | None = col("Disk type of the data nodes")
    disk_size_gb: int | None = col("Disk of one data node", unit="GB", listed=True)
    category: str | None = col("Edition, such as x-pack or platinum")
    node_count: int | None = col("Number of data nodes", listed=True)
    vpc_id: str | None = col("VPC it is in", references="vpc")
    network_id: str | None = col("Subnet (VSwitch) it is in", references="network")
    zone_id: str | None = col("Zone of its first node", listed=True, references="zone")
    is_multi_az: bool | None = col("Whether its nodes are spread over several zones")


class ElasticSearchs:
    """What a region that has Elasticsearch can do."""

    get_elastic_searchs, iter_elastic_searchs, get_elastic_search, delete_elastic_search = methods(ElasticSearch)
