"""AWS availability zones, EC2 2016-11-15: DescribeAvailabilityZones, one whole list a region."""

from cloudmux_py.engine.paging import Whole
from cloudmux_py.engine.raw import Raw
from cloudmux_py.resources.zone import Zone

from .client import Api, Binding

LIST = Api("ec2", "DescribeAvailabilityZones")


def parse(r: Raw) -> Zone:
    """A row of DescribeAvailabilityZones; names are what other rows hold, and differ from account to account."""
    return Zone(external_id=r.text("ZoneName"), name=r.text("ZoneName"), status=r.text("State"), created_at=None)


BINDING = Binding[Zone](
    parse=parse,
    list=LIST,
    rows="AvailabilityZones",
    id="ZoneName",
    paging=Whole(),
    get=LIST,
    get_by=lambda id: {},
    batch=1000,
    # The code for a zone that is not there, InvalidParameterValue, says so of much else.
    ask_by=lambda ids: {},
    lacks=frozenset({"created_at"}),
)
