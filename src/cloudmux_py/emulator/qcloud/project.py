"""Tag, tag 2018-08-13 DescribeProjects: one list for all regions, without the default project 0.

Source: the API reference of Tencent Cloud Tag and the vendor's typed models.
"""

import random
from typing import Any

from .. import seed
from ..state import Account, Row
from ..wire import ApiError, Call, body
from .wire import action, windowed

KIND = "project"
HOME = "ap-guangzhou"


@action("tag", "2018-08-13", "DescribeProjects")
def describe_projects(call: Call) -> dict[str, Any]:
    """AllList, Offset and Limit are all required; a ProjectId must be above 0."""
    call.region = HOME
    for name in ("AllList", "Offset", "Limit"):
        if name not in call.params:
            raise ApiError("MissingParameter", f"The request is missing the required parameter `{name}`.")
    rows, id = call.visible(KIND), call.params.get("ProjectId")
    if id is not None and (not isinstance(id, int) or id <= 0):
        raise ApiError("InvalidParameterValue", "ProjectId must be above 0.")
    if id is not None:
        rows = [row for row in rows if row["ProjectId"] == id]
    page, total = windowed(call, rows, 1000, 1000)
    return body(call, "Projects", page, {"ProjectId": None}, {"Total": total})


def project(account: Account, rng: random.Random) -> int:
    """The project of some row of another kind; now and then the default one."""
    return rng.choice([0, int(seed.reference(rng, account, HOME, KIND))])


@seed.seeder("qcloud", KIND, name=lambda region, number: str(1100001 + number))
def make(rng: random.Random, account: Account, region: str, number: int, id: str) -> Row:
    """Plain projects."""
    return {
        "ProjectId": int(id),
        "ProjectName": f"{rng.choice(seed.NAMES)} {number}",
        "CreatorUin": int(account.account_id),
        "ProjectInfo": "",
        "CreateTime": seed.beijing(seed.moment(rng)),
    }
