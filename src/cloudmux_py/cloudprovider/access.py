"""Addresses of a resource: asked for live, never cached."""

from typing import NamedTuple


class AccessInfo(NamedTuple):
    """How to reach a resource; None where the cloud has no such address, or it is switched off.

    Attributes:
        domain: Public host name.
        port: Public port.
        private_domain: Host name inside the VPC.
        vip: Address inside the VPC.
        private_port: Port inside the VPC.
        kibana_url: Kibana from the internet.
        kibana_private_url: Kibana inside the VPC.
    """

    domain: str | None = None
    port: int | None = None
    private_domain: str | None = None
    vip: str | None = None
    private_port: int | None = None
    kibana_url: str | None = None
    kibana_private_url: str | None = None
