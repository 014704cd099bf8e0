"""Virtual private clouds."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IVirtualResource, col


class Vpc(IVirtualResource):
    """Virtual private clouds."""

    cidr_block: str | None = col("Address range", listed=True)
    is_default: bool | None = col("Whether the cloud made it as the region's default", listed=True)


class Vpcs:
    """What a region that has VPCs can do."""

    get_vpcs, iter_vpcs, get_vpc, delete_vpc = methods(Vpc)
