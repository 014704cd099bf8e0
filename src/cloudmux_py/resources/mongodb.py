"""MongoDB instances."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class MongoDB(IBillingResource, IVirtualResource):
    """MongoDB instances."""

    category: str | None = col("replicate, sharding or serverless", listed=True)
    engine_version: str | None = col("MongoDB version", listed=True)
    instance_type: str | None = col("Specification of a node")
    vcpu_count: int | None = col("vCPUs")
    vmem_size_mb: int | None = col("Memory", unit="MB")
    disk_size_gb: int | None = col("Disk, of all shards together", unit="GB", listed=True)
    shard_num: int | None = col("Number of shards; 1 where it is not sharded")
    replication_num: int | None = col("Copies of the data, the primary's included")
    network_address: str | None = col("Addresses and ports inside the VPC, joined by commas")
    vpc_id: str | None = col("VPC it is in", references="vpc")
    network_id: str | None = col("Subnet (VSwitch) it is in", references="network")
    zone_id: str | None = col("Zone of its first node", listed=True, references="zone")


class MongoDBs:
    """What a region that has MongoDB can do."""

    get_mongodbs, iter_mongodbs, get_mongodb, delete_mongodb = methods(MongoDB)
