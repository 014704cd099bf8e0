"""Relational databases."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class DBInstance(IBillingResource, IVirtualResource):
    """Relational databases (MySQL, PostgreSQL, SQL Server, MariaDB)."""

    engine: str | None = col("Such as MySQL or PostgreSQL", listed=True)
    engine_version: str | None = col("Version of the engine", listed=True)
    instance_type: str | None = col("Specification")
    category: str | None = col("Edition: basic, ha, finance, cluster or the cloud's own word")
    vcpu_count: int | None = col("vCPUs", listed=True)
    vmem_size_mb: int | None = col("Memory", unit="MB", listed=True)
    disk_size_gb: int | None = col("Disk", unit="GB")
    internal_connection_str: str | None = col("Host name or address inside the VPC")
    port: int | None = col("Port inside the VPC")
    master_instance_id: str | None = col("Instance that it is a copy of", references="dbinstance")
    vpc_id: str | None = col("VPC it is in", references="vpc")
    network_id: str | None = col("Subnet (VSwitch) it is in", references="network")
    zone_id: str | None = col("Zone of its first node", listed=True, references="zone")


class DBInstances:
    """What a region that has relational databases can do."""

    get_dbinstances, iter_dbinstances, get_dbinstance, delete_dbinstance = methods(DBInstance)
