"""Security groups as the emulator serves them.

Source: the API references of ecs 2014-05-26 and vpc 2017-03-12, and the vendors' typed models.
"""

import random
from typing import Any

from cloudmux_py.emulator import seed
from cloudmux_py.emulator.aliyun.wire import array, rpc, tokened
from cloudmux_py.emulator.qcloud.wire import action, windowed
from cloudmux_py.emulator.state import Account, Row
from cloudmux_py.emulator.wire import ApiError, Call, body

KIND = "secgroup"
ECS = "2014-05-26"
VPC = "2017-03-12"


@rpc("ecs", ECS, "DescribeSecurityGroups")
def aliyun_list(call: Call) -> dict[str, Any]:
    """MaxResults up to 100; at most 100 ids as a JSON array, and one that is not there is not in the answer (guess)."""
    ids, rows = array(call, "SecurityGroupIds"), call.visible(KIND)
    if ids is not None:
        rows = [row for row in rows if row["SecurityGroupId"] in ids]
    page, more = tokened(call, rows, 10, 100)
    return body(call, "SecurityGroups.SecurityGroup", page, {"SecurityGroupId": None}, more)


@rpc("ecs", ECS, "DeleteSecurityGroup")
def aliyun_delete(call: Call) -> dict[str, Any]:
    """Gone at once, unless something is in it; here, in every third."""
    unknown = ApiError("InvalidSecurityGroupId.NotFound", "The specified SecurityGroupId does not exist.", 404)
    row = call.one(KIND, "SecurityGroupId", call.params.get("SecurityGroupId"), unknown)
    if row["EcsCount"]:
        raise ApiError("DependencyViolation", "There is still instance(s) in the specified security group.", 403)
    if row["ServiceManaged"]:
        raise ApiError("InvalidOperation.ResourceManagedByCloudProduct", "A cloud product manages it.", 403)
    call.table(KIND).remove(row["SecurityGroupId"])
    return {}


@seed.seeder("aliyun", KIND, "sg-bp1", 17)
def aliyun_row(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Every third has servers in it; a service manages every thirtieth."""
    return {
        "SecurityGroupId": id,
        "SecurityGroupName": seed.name(rng, number),
        "Description": "",
        "CreationTime": seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "VpcId": f"vpc-bp1{seed.word(rng, 17)}",
        "ResourceGroupId": "rg-acfmexample0001",
        "SecurityGroupType": "normal",
        "ServiceManaged": number % 30 == 29,
        "EcsCount": 2 if number % 3 == 0 else 0,
        "Tags": {"Tag": [{"TagKey": "env", "TagValue": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else []},
    }


UNKNOWN = ApiError("InvalidSecurityGroupID.NotFound", "The security group does not exist.")


@action("vpc", VPC, "DescribeSecurityGroups")
def qcloud_list(call: Call) -> dict[str, Any]:
    """Offset and Limit as texts; an unknown id fails the call (guess)."""
    ids, rows = call.params.get("SecurityGroupIds"), call.visible(KIND)
    if ids:
        rows = [call.one(KIND, "SecurityGroupId", id, UNKNOWN) for id in ids]
    page, total = windowed(call, rows, 20, 100, text=True)
    return body(call, "SecurityGroupSet", page, {"SecurityGroupId": None}, {"TotalCount": total})


@action("vpc", VPC, "DeleteSecurityGroup")
def qcloud_delete(call: Call) -> dict[str, Any]:
    """Gone at once, unless it is the default or in use; here, every third is."""
    row = call.one(KIND, "SecurityGroupId", call.params.get("SecurityGroupId"), UNKNOWN)
    if row["IsDefault"] or row["SecurityGroupDesc"] == "in use":
        raise ApiError("ResourceInUse", "The security group is in use.")
    call.table(KIND).remove(row["SecurityGroupId"])
    return {}


@seed.seeder("qcloud", KIND, "sg-", 8)
def qcloud_row(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first is the default; every third says that it is in use."""
    created = seed.beijing(seed.moment(rng))
    return {
        "SecurityGroupId": id,
        "SecurityGroupName": seed.name(rng, number),
        "SecurityGroupDesc": "in use" if number % 3 == 0 else "",
        "ProjectId": "0",
        "IsDefault": number == 0,
        "CreatedTime": created,
        "UpdateTime": created,
        "TagSet": [{"Key": "env", "Value": rng.choice(seed.ENVIRONMENTS)}] if number % 4 else [],
    }
