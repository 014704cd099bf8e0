"""Alibaba Cloud zones: ECS 2014-05-26 DescribeZones, one whole list a region."""

from cloudmux_py.cloudprovider.status import AVAILABLE
from cloudmux_py.engine.paging import Whole
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.zone import Zone

from .client import Binding, Rpc

LIST = Rpc("ecs", "2014-05-26", "DescribeZones")


def parse(r: Raw) -> Zone:
    """A row of DescribeZones; it has no status and no time."""
    id = r.text("ZoneId")
    return Zone(external_id=id, name=r.text("LocalName", "") or id, status=AVAILABLE, created_at=None)


BINDING = Binding[Zone](
    parse=parse,
    list=LIST,
    rows="Zones.Zone",
    id="ZoneId",
    paging=Whole(),
    get=LIST,
    get_by=lambda id: {},
    batch=1000,
    ask_by=lambda ids: {},
    lacks=frozenset({"created_at"}),
)
