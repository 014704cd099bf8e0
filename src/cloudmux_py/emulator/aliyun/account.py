"""Regions and caller: ECS 2014-05-26 DescribeRegions, STS 2015-04-01 GetCallerIdentity."""

from typing import Any

from ..wire import Call
from .wire import rpc

NAMES = {
    "cn-hangzhou": "华东1（杭州）",
    "cn-shanghai": "华东2（上海）",
    "cn-beijing": "华北2（北京）",
    "cn-shenzhen": "华南1（深圳）",
    "ap-southeast-1": "新加坡",
}


def regions_reply(call: Call, service: str, path: str) -> dict[str, Any]:
    """All regions of a service, without paging; `path` is where the reply has them."""
    regions = [
        {
            "RegionId": region,
            "LocalName": NAMES.get(region, region),
            "RegionEndpoint": f"{service}.{region}.aliyuncs.com",
        }
        for region in call.world.regions_of("aliyun", service)
    ]
    outer, inner = path.split(".")
    return {outer: {inner: regions}}


@rpc("ecs", "2014-05-26", "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """All regions, with their state."""
    reply = regions_reply(call, "ecs", "Regions.Region")
    for region in reply["Regions"]["Region"]:
        region["Status"] = "available"
    return reply


@rpc("sts", "2015-04-01", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Temporary keys of the same account."""
    seconds = int(call.params.get("DurationSeconds", 3600))
    number = len(call.world.accounts)
    temporary = call.account._replace(
        access_key=f"STS.EmulatorKey{number}", secret=f"sts-secret-{number}", token=f"sts-token-{number}"
    )
    call.world.accounts.append(temporary)
    return {
        "Credentials": {
            "AccessKeyId": temporary.access_key,
            "AccessKeySecret": temporary.secret,
            "SecurityToken": temporary.token,
            "Expiration": call.world.clock.text(call.world.clock.now() + seconds),
        },
        "AssumedRoleUser": {"Arn": call.params.get("RoleArn", ""), "AssumedRoleId": call.account.user_id},
    }


@rpc("sts", "2015-04-01", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Whose keys these are; needs no permission."""
    account = call.account
    return {
        "AccountId": account.account_id,
        "UserId": account.user_id,
        "PrincipalId": account.user_id,
        "Arn": f"acs:ram::{account.account_id}:user/inventory",
        "IdentityType": "RAMUser",
    }
