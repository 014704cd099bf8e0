"""Hosts of Alibaba Cloud's APIs. A wrong host answers "not found", so none is guessed.

Sources: the endpoint pages of each product's API reference and the endpoint maps of the vendor's typed SDKs.
"""

CENTRAL = {
    "sts": "sts.aliyuncs.com",
    "resourcemanager": "resourcemanager.aliyuncs.com",
}
"""Products with one host for all regions."""


def host(service: str, region: str) -> str:
    """Host of a product in a region: ``elasticsearch.cn-beijing.aliyuncs.com``."""
    return CENTRAL.get(service) or f"{service}.{region}.aliyuncs.com"
