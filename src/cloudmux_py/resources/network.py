"""Subnets (VSwitches)."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IVirtualResource, col


class Network(IVirtualResource):
    """Subnets (VSwitches)."""

    cidr_block: str | None = col("Address range", listed=True)
    ipv6_cidr_block: str | None = col("IPv6 address range")
    available_ip_count: int | None = col("Number of addresses that are free", listed=True)
    is_default: bool | None = col("Whether the cloud made it as the zone's default")
    is_shared: bool | None = col("Whether accounts share it: this one with others, or another with this one")
    vpc_id: str | None = col("VPC it is in", listed=True, references="vpc")
    zone_id: str | None = col("Zone it is in", listed=True)


class Networks:
    """What a region that has subnets can do."""

    get_networks, iter_networks, get_network, delete_network = methods(Network)
