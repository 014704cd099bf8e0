"""Kafka instances."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class Kafka(IBillingResource, IVirtualResource):
    """Kafka instances."""

    version: str | None = col("Kafka version", listed=True)
    instance_type: str | None = col("Edition, such as professional", listed=True)
    storage_type: str | None = col("Disk type")
    disk_size_gb: int | None = col("Disk", unit="GB", listed=True)
    bandwidth_mb: int | None = col("Peak traffic", unit="Mbit/s")
    msg_retention_minute: int | None = col("How long messages are kept", unit="minutes")
    endpoint: str | None = col("Addresses and ports inside the VPC, joined by commas")
    vpc_id: str | None = col("VPC it is in", references="vpc")
    network_id: str | None = col("Subnet (VSwitch) it is in", references="network")
    zone_id: str | None = col("Zone of its first node", listed=True, references="zone")
    is_multi_az: bool | None = col("Whether its nodes are spread over several zones")


class Kafkas:
    """What a region that has Kafka can do."""

    get_kafkas, iter_kafkas, get_kafka, delete_kafka = methods(Kafka)
