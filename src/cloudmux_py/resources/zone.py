"""Availability zones: read only, so that other rows can name theirs."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import ICloudResource


class Zone(ICloudResource):
    """Availability zones."""


class Zones:
    """What a region that has zones can do."""

    get_zones, iter_zones, get_zone, delete_zone = methods(Zone)
