"""Regions and caller: region 2022-06-27 and cvm 2017-03-12 DescribeRegions, sts 2018-08-13 GetCallerIdentity."""

from typing import Any

from ..wire import ApiError, Call
from .wire import action

NAMES = {
    "ap-guangzhou": "华南地区(广州)",
    "ap-shanghai": "华东地区(上海)",
    "ap-beijing": "华北地区(北京)",
    "ap-singapore": "亚太东南(新加坡)",
    "na-siliconvalley": "美国西部(硅谷)",
}


@action("region", "2022-06-27", "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """The regions of a product."""
    product = call.params.get("Product")
    if not product:
        raise ApiError("MissingParameter", "The request is missing the required parameter `Product`.")
    regions = [
        {
            "Region": region,
            "RegionName": NAMES.get(region, region),
            "RegionState": "AVAILABLE",
            "RegionTypeMC": None,
            "LocationMC": None,
            "RegionNameMC": None,
            "RegionIdMC": None,
        }
        for region in call.world.regions_of("qcloud", str(product))
    ]
    return {"TotalCount": len(regions), "RegionSet": regions}


@action("cvm", "2017-03-12", "DescribeRegions")
def describe_cvm_regions(call: Call) -> dict[str, Any]:
    """The frozen list that callers are sent away from."""
    regions = [
        {"Region": region, "RegionName": NAMES.get(region, region), "RegionState": "AVAILABLE"}
        for region in call.world.regions_of("qcloud", "cvm")
    ]
    return {"TotalCount": len(regions), "RegionSet": regions}


@action("sts", "2018-08-13", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Whose keys these are."""
    account = call.account
    return {
        "Arn": f"qcs::cam::uin/{account.account_id}:uin/{account.user_id}",
        "AccountId": account.account_id,
        "UserId": account.user_id,
        "PrincipalId": account.user_id,
        "Type": "CAMUser",
    }
