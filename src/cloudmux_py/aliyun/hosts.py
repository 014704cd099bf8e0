"""Hosts of Alibaba Cloud's APIs. A wrong host answers "not found", so none is guessed.

Sources: the endpoint pages of each product's API reference and the endpoint maps of the vendor's typed SDKs. Where the
two differ, the page wins, as it is the newer; all such regions are marked.
"""

CENTRAL = {
    "sts": "sts.aliyuncs.com",
    "resourcemanager": "resourcemanager.aliyuncs.com",
}
"""Products with one host for all regions."""

PREFIXES = {"dds": "mongodb"}
"""Products whose hosts do not begin with their code."""

GLOBAL: dict[str, tuple[str, frozenset[str]]] = {
    # product: (host, regions that it serves); every other region has a host of its own
    "dds": (
        "mongodb.aliyuncs.com",
        # The page alone names cn-qingdao and cn-shenzhen here; the SDK's map has regional hosts for them.
        frozenset(
            {
                "cn-hangzhou",
                "cn-shanghai",
                "cn-beijing",
                "cn-heyuan",
                "cn-wulanchabu",
                "cn-hangzhou-finance",
                "cn-qingdao",
                "cn-shenzhen",
            }
        ),
    ),
    "r-kvstore": ("r-kvstore.aliyuncs.com", frozenset({"cn-hangzhou", "cn-hangzhou-finance"})),
    "rds": (
        "rds.aliyuncs.com",
        # The SDK's map alone names ap-southeast-1, us-east-1 and us-west-1 here; the page has regional hosts for them.
        frozenset(
            {
                "cn-hangzhou",
                "cn-shanghai",
                "cn-beijing",
                "cn-shenzhen",
                "cn-qingdao",
                "cn-heyuan",
                "cn-hongkong",
                "cn-hangzhou-finance",
                "cn-shanghai-finance-1",
                "cn-beijing-finance-1",
                "cn-north-2-gov-1",
            }
        ),
    ),
    "vpc": (
        "vpc.aliyuncs.com",
        frozenset({"cn-hangzhou-finance", "cn-shanghai-finance-1", "cn-shenzhen-finance-1", "cn-north-2-gov-1"}),
    ),
    "ecs": ("ecs.aliyuncs.com", frozenset({"cn-hangzhou-finance", "cn-north-2-gov-1"})),
}


KAFKA_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-southeast-1",
        "ap-southeast-3",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "cn-beijing",
        "cn-beijing-finance-1",
        "cn-chengdu",
        "cn-fuzhou",
        "cn-guangzhou",
        "cn-hangzhou",
        "cn-hangzhou-finance",
        "cn-heyuan",
        "cn-hongkong",
        "cn-huhehaote",
        "cn-qingdao",
        "cn-shanghai",
        "cn-shanghai-finance-1",
        "cn-shenzhen",
        "cn-shenzhen-finance-1",
        "cn-wulanchabu",
        "cn-wulanchabu-gic-1",
        "cn-zhangjiakou",
        "cn-zhengzhou-jva",
        "eu-central-1",
        "eu-west-1",
        "me-central-1",
        "me-east-1",
        "na-south-1",
        "us-east-1",
        "us-southeast-1",
        "us-west-1",
    }
)
"""Regions with a host of alikafka, which has no call that lists them: the endpoint map of the typed SDK."""


def host(service: str, region: str) -> str:
    """Host of a product in a region: ``elasticsearch.cn-beijing.aliyuncs.com``."""
    if service in CENTRAL:
        return CENTRAL[service]
    shared, regions = GLOBAL.get(service, ("", frozenset()))
    return shared if region in regions else f"{PREFIXES.get(service, service)}.{region}.aliyuncs.com"
