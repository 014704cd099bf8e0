"""Caches: Redis and what is compatible with it, and Memcached."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class ElasticCache(IBillingResource, IVirtualResource):
    """Caches (Redis, Tair, Valkey, Memcached)."""

    engine: str | None = col("Redis, Tair, Valkey, CKV or Memcached", listed=True)
    engine_version: str | None = col("Version of the engine", listed=True)
    instance_type: str | None = col("Specification")
    arch_type: str | None = col("single, master (with a replica), cluster or rwsplit", listed=True)
    capacity_mb: int | None = col("Memory of all shards", unit="MB", listed=True)
    private_dns: str | None = col("Host name inside the VPC")
    private_ip_addr: str | None = col("Address inside the VPC")
    private_connect_port: int | None = col("Port inside the VPC")
    vpc_id: str | None = col("VPC it is in", references="vpc")
    network_id: str | None = col("Subnet (VSwitch) it is in", references="network")
    zone_id: str | None = col("Zone of its first node", listed=True, references="zone")
    is_multi_az: bool | None = col("Whether its nodes are spread over several zones")


class ElasticCaches:
    """What a region that has caches can do."""

    get_elastic_caches, iter_elastic_caches, get_elastic_cache, delete_elastic_cache = methods(ElasticCache)
