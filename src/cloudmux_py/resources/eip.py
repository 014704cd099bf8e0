"""Elastic IP addresses."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import IBillingResource, IVirtualResource, col


class Eip(IBillingResource, IVirtualResource):
    """Elastic IP addresses."""

    ip_addr: str | None = col("The public address", listed=True)
    bandwidth: int | None = col("Largest bandwidth", unit="Mbit/s", listed=True)
    charge_type: str | None = col("What is charged for: traffic or bandwidth")
    bgp_type: str | None = col("Line, such as BGP")
    associate_type: str | None = col("Kind of what it is bound to, such as server or natgateway")
    associate_id: str | None = col("Id of what it is bound to", listed=True)


class Eips:
    """What a region that has elastic IP addresses can do."""

    get_eips, iter_eips, get_eip, delete_eip = methods(Eip)
