"""Cloud disks."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class Disk(IBillingResource, IVirtualResource):
    """Disks of servers (ECS disks, CBS)."""

    disk_type: str | None = col("system or data", listed=True)
    storage_type: str | None = col("Category, such as cloud_essd or CLOUD_SSD", listed=True)
    disk_size_gb: int | None = col("Size", unit="GB", listed=True)
    server_ids: list[str] = col("Servers it is attached to", listed=True, references="server")
    auto_delete: bool | None = col("Whether it is deleted with its server")
    is_portable: bool | None = col("Whether it can be detached, and deleted alone")
    is_multi_attach: bool | None = col("Whether several servers can share it")
    is_encrypted: bool | None = col("Whether it is encrypted")
    zone_id: str | None = col("Zone", listed=True, references="zone")


class Disks:
    """What a region that has disks can do."""

    get_disks, iter_disks, get_disk, delete_disk = methods(Disk)
