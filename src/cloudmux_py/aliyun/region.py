"""A region of Alibaba Cloud: one base class per resource type."""

from cloudmux_py.engine.region import Region
from cloudmux_py.resources.elastic_search import ElasticSearchs


class SRegion(ElasticSearchs, Region):
    """A region of an Alibaba Cloud account."""
