"""Security groups."""

from cloudmux_py.cloudprovider.resource import IVirtualResource, col


class Secgroup(IVirtualResource):
    """Security groups."""

    vpc_id: str | None = col("VPC it is in", listed=True, references="vpc")
    is_default: bool | None = col("Whether the cloud made it as the project's default")
