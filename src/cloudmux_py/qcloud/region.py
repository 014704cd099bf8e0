"""A region of Tencent Cloud: one base class per resource type."""

from cloudmux_py.engine.region import Region
from cloudmux_py.resources.dbinstance import DBInstances
from cloudmux_py.resources.disk import Disks
from cloudmux_py.resources.eip import Eips
from cloudmux_py.resources.elastic_cache import ElasticCaches
from cloudmux_py.resources.elastic_search import ElasticSearchs
from cloudmux_py.resources.kafka import Kafkas
from cloudmux_py.resources.mongodb import MongoDBs
from cloudmux_py.resources.network import Networks
from cloudmux_py.resources.project import Projects
from cloudmux_py.resources.server import Servers
from cloudmux_py.resources.vpc import Vpcs
from cloudmux_py.resources.zone import Zones


class SRegion(
    DBInstances,
    Disks,
    Eips,
    ElasticCaches,
    ElasticSearchs,
    Kafkas,
    MongoDBs,
    Networks,
    Projects,
    Servers,
    Vpcs,
    Zones,
    Region,
):
    """A region of a Tencent Cloud account."""
