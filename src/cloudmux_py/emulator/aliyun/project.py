"""ResourceManager 2020-03-31: ListResourceGroups, GetResourceGroup; one list for all regions.

Source: the API reference of Alibaba Cloud Resource Management and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .wire import numbered, rpc

KIND = "project"
VERSION = "2020-03-31"
HOME = "cn-hangzhou"


@rpc("resourcemanager", VERSION, "ListResourceGroups")
def list_resource_groups(call: Call) -> dict[str, Any]:
    """PageNumber and PageSize up to 100."""
    call.region = HOME
    page, more = numbered(call, call.visible(KIND), 10, 100)
    return body(call, "ResourceGroups.ResourceGroup", page, {"Id": None}, more)


@rpc("resourcemanager", VERSION, "GetResourceGroup")
def get_resource_group(call: Call) -> dict[str, Any]:
    """One group."""
    call.region = HOME
    unknown = ApiError("EntityNotExists.ResourceGroup", "The resource group does not exist.", 404)
    row = call.one(KIND, "Id", call.params.get("ResourceGroupId"), unknown)
    return {"ResourceGroup": {**row, "RegionStatuses": {"RegionStatus": [{"RegionId": HOME, "Status": "OK"}]}}}


def project(account: Account, rng: random.Random) -> str:
    """The group of some row of another kind."""
    return seed.reference(rng, account, HOME, KIND)


@seed.seeder("aliyun", KIND, "rg-acfm", 11)
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """The first is the default one."""
    return {
        "Id": id,
        "Name": f"group-{number}" if number else "default",
        "DisplayName": f"{rng.choice(seed.NAMES)} {number}" if number else "default resource group",
        "AccountId": account.account_id,
        "CreateDate": seed.moment(rng).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Status": "OK",
        "Tags": {"Tag": []},
    }
