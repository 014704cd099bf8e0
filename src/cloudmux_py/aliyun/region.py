"""A region of Alibaba Cloud: one base class per resource type."""

from cloudmux_py.engine.region import Region
from cloudmux_py.resources.disk import Disks
from cloudmux_py.resources.elastic_search import ElasticSearchs
from cloudmux_py.resources.server import Servers
from cloudmux_py.resources.vpc import Vpcs


class SRegion(
    Disks,
    ElasticSearchs,
    Servers,
    Vpcs,
    Region,
):
    """A region of an Alibaba Cloud account."""
