"""Virtual machines."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class Server(IBillingResource, IVirtualResource):
    """Servers (ECS, CVM)."""

    instance_type: str | None = col("Specification", listed=True)
    vcpu_count: int | None = col("vCPUs")
    vmem_size_mb: int | None = col("Memory", unit="MB")
    os_type: str | None = col("linux (whatever is not Windows) or windows")
    os_name: str | None = col("Operating system with its version")
    image_id: str | None = col("Image it was made from")
    private_ips: list[str] = col("Addresses in its private network", listed=True)
    public_ips: list[str] = col("Public addresses", listed=True)
    elastic_ips: list[str] = col("Elastic IP addresses, where the cloud tells them from other public ones", listed=True)
    security_group_ids: list[str] = col("Security groups")
    vpc_id: str | None = col("VPC it is in", references="vpc")
    network_id: str | None = col("Subnet (VSwitch) it is in", references="network")
    zone_id: str | None = col("Zone", listed=True, references="zone")


class Servers:
    """What a region that has servers can do."""

    get_servers, iter_servers, get_server, delete_server = methods(Server)
