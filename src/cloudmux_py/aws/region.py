"""A region of AWS: one base class per resource type."""

from cloudmux_py.engine.region import Region
from cloudmux_py.resources.disk import Disks
from cloudmux_py.resources.eip import Eips
from cloudmux_py.resources.elastic_search import ElasticSearchs
from cloudmux_py.resources.network import Networks
from cloudmux_py.resources.server import Servers
from cloudmux_py.resources.vpc import Vpcs
from cloudmux_py.resources.zone import Zones


class SRegion(
    Disks,
    Eips,
    ElasticSearchs,
    Networks,
    Servers,
    Vpcs,
    Zones,
    Region,
):
    """A region of an AWS account."""
