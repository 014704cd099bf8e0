"""Region lists of Tencent Cloud products: region 2022-06-27 DescribeRegions."""

from .client import Api, RegionList


def regions_of(product: str) -> RegionList:
    """The regions in which a product is offered.

    Args:
        product: The product's code; that the codes of all products are accepted is not documented (guess).
    """
    return RegionList(
        call=Api("region", "2022-06-27", "DescribeRegions"),
        params={"Product": product},
        rows="RegionSet",
        id="Region",
        name="RegionName",
        state="RegionState",
        open="AVAILABLE",
    )
