"""Tencent Cloud zones: cvm 2017-03-12 DescribeZones, one whole list a region."""

from cloudmux_py.cloudprovider.status import AVAILABLE, UNAVAILABLE
from cloudmux_py.engine.paging import Whole
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.zone import Zone

from .client import Api, Binding

LIST = Api("cvm", "2017-03-12", "DescribeZones")


def parse(r: Raw) -> Zone:
    """A row of DescribeZones."""
    id, state = r.text("Zone"), r.text("ZoneState", "")
    status = UNAVAILABLE if state == "UNAVAILABLE" else AVAILABLE
    return Zone(external_id=id, name=r.text("ZoneName", "") or id, status=status, created_at=None)


BINDING = Binding[Zone](
    parse=parse,
    list=LIST,
    rows="ZoneSet",
    id="Zone",
    paging=Whole(),
    get=LIST,
    get_by=lambda id: {},
    batch=1000,
    ask_by=lambda ids: {},
    lacks=frozenset({"created_at"}),
)
