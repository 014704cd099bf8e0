"""What the model knows of each type on each cloud, on its own: it shares nothing with the providers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cloudmux_py.emulator.state import Row

from ..conftest import REGIONS

Tags = Mapping[str, str]


@dataclass(frozen=True, eq=False, repr=False)
class Kind:
    """A type on a cloud.

    Attributes:
        id: Key of the id in the cloud's row; `name` and `status` likewise, `created` the time of creation.
        list: The action that lists; `get` the one that asks for ids, `delete` the one that deletes.
        tags: Writes tags into a row.
        words: A few of the cloud's statuses, and what the cache calls them.
        weak: Absence is proved by an empty answer alone.
        later: A second time of creation, as another resource under the same id would have it.
        token: Lists end with a token, and no total tells what is missing.
        folds: Ids differ in case only where they are one.
    """

    provider: str
    keyword: str
    id: str
    name: str
    status: str
    created: str
    list: str
    get: str
    delete: str
    tags: Callable[[Tags], Row]
    words: Mapping[Any, str]
    later: str
    weak: bool = True
    token: bool = False
    folds: bool = False

    def __repr__(self) -> str:
        return f"{self.provider} {self.keyword}"

    def identity(self, id: str) -> str:
        """What an id is compared by."""
        return id.lower() if self.folds else id


def pairs(tags: Tags, key: str, value: str) -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


KINDS = [
    Kind(
        "aliyun",
        "elastic_search",
        *("instanceId", "description", "status", "createdAt"),
        *("ListInstance", "DescribeInstance", "DeleteInstance"),
        tags=lambda tags: {"tags": pairs(tags, "tagKey", "tagValue")},
        words={"active": "available", "inactive": "unavailable"},
        later="2030-01-01T00:00:00.000Z",
        weak=False,
    ),
    Kind(
        "qcloud",
        "elastic_search",
        *("InstanceId", "InstanceName", "Status", "CreateTime"),
        *("DescribeInstances", "DescribeInstances", "DeleteInstance"),
        tags=lambda tags: {"TagList": pairs(tags, "TagKey", "TagValue") or None},
        words={1: "available", -1: "unavailable"},
        later="2030-01-01 08:00:00",
        folds=True,
    ),
    Kind(
        "aliyun",
        "server",
        *("InstanceId", "InstanceName", "Status", "CreationTime"),
        *("DescribeInstances", "DescribeInstances", "DeleteInstance"),
        tags=lambda tags: {"Tags": {"Tag": pairs(tags, "TagKey", "TagValue")}},
        words={"Running": "running", "Stopped": "ready"},
        later="2030-01-01T00:00Z",
        token=True,
    ),
    Kind(
        "qcloud",
        "server",
        *("InstanceId", "InstanceName", "InstanceState", "CreatedTime"),
        *("DescribeInstances", "DescribeInstances", "TerminateInstances"),
        tags=lambda tags: {"Tags": pairs(tags, "Key", "Value")},
        words={"RUNNING": "running", "STOPPED": "ready"},
        later="2030-01-01T00:00:00Z",
    ),
]


class Scope(NamedTuple):
    """A type in a region of an account, one of `OWNERS`."""

    kind: Kind
    region: str
    owner: str


OWNERS = {"aliyun": ("aliyun", 0), "qcloud": ("qcloud", 0), "other": ("qcloud", 1)}
"""The accounts: each one's cloud, and which of the cloud's it is."""

SCOPES = [
    Scope(kind, region, owner)
    for owner, (provider, _) in OWNERS.items()
    for kind in KINDS
    if kind.provider == provider
    for region in REGIONS[provider]
]
DELETES = {kind.delete for kind in KINDS}


def ids_of(params: Mapping[str, Any]) -> list[str]:
    """The ids that a deletion names."""
    found = params.get("InstanceIds") or [params.get("InstanceId", "")]
    return [str(id) for id in (json.loads(found) if isinstance(found, str) else found)]
