"""What the soak is made of: clouds, accounts, faults, and how long history is kept."""

from typing import Any, NamedTuple

from cloudmux_py.emulator.server import ACCOUNTS

REGIONS = {"aliyun": ["cn-beijing", "cn-hangzhou"], "qcloud": ["ap-beijing", "ap-guangzhou"]}
ROWS = {"aliyun": {"cn-beijing": 120, "cn-hangzhou": 20}, "qcloud": {"ap-beijing": 120, "ap-guangzhou": 20}}
"""Two pages in the first region of each cloud, for each type and account."""

ID = {
    ("aliyun", "elastic_search"): "instanceId",
    ("aliyun", "server"): "InstanceId",
    ("aliyun", "eip"): "AllocationId",
    ("qcloud", "elastic_search"): "InstanceId",
    ("qcloud", "server"): "InstanceId",
    ("qcloud", "eip"): "AddressId",
}
NAME = {
    ("aliyun", "elastic_search"): "description",
    ("aliyun", "server"): "InstanceName",
    ("aliyun", "eip"): "Name",
    ("qcloud", "elastic_search"): "InstanceName",
    ("qcloud", "server"): "InstanceName",
    ("qcloud", "eip"): "AddressName",
}
TYPES = ["elastic_search", "server", "eip"]

ACCOUNT_NAMES = {"aliyun": ["ali-1", "ali-2"], "qcloud": ["ten-1", "ten-2"]}
"""The second account of each cloud has no lock on its rows."""

FAULTS: list[dict[str, Any]] = [
    {"kind": "throttle", "percent": 1.0, "retry_after": 300},
    {"kind": "status", "percent": 1.0, "status": 503},
    {"kind": "reset-before", "percent": 0.75},
    {"kind": "reset-after", "percent": 0.75},
    {"kind": "truncate", "percent": 0.75},
    {"kind": "slow", "percent": 0.75, "seconds": 1.0},
]
"""Together 5 % of the calls."""

KEPT_REQUESTS = 3000
"""Calls that the emulator remembers: more than come between two samples."""

DELETIONS = ("DeleteInstance", "ReleaseEipAddress", "ReleaseAddresses")
THROTTLED = ("Throttling.User", "RequestLimitExceeded")
"""A deletion that is answered so was not executed, and may be sent again."""


class Place(NamedTuple):
    """The rows of one type in one region of one account."""

    provider: str
    account: int
    region: str
    kind: str

    @property
    def account_name(self) -> str:
        """The account's name in the cache."""
        return ACCOUNT_NAMES[self.provider][self.account]


PLACES = [
    Place(provider, account, region, kind)
    for provider, regions in REGIONS.items()
    for account in (0, 1)
    for region in regions
    for kind in TYPES
]


def keys(provider: str, account: int) -> tuple[str, str]:
    """Key id and secret of a cloud's so-manieth account."""
    found = [known for known in ACCOUNTS if known.provider == provider][account]
    return found.access_key, found.secret
