"""A region of Tencent Cloud: one base class per resource type."""

from cloudmux_py.engine.region import Region
from cloudmux_py.resources.eip import Eips
from cloudmux_py.resources.elastic_search import ElasticSearchs
from cloudmux_py.resources.network import Networks
from cloudmux_py.resources.vpc import Vpcs


class SRegion(
    Eips,
    ElasticSearchs,
    Networks,
    Vpcs,
    Region,
):
    """A region of a Tencent Cloud account."""
