"""The emulator takes what the vendors' documents sign as an example: a judge that shares no code with any client."""

import pytest

from cloudmux_py.emulator.clock import Clock
from cloudmux_py.emulator.qcloud.signature import check_old
from cloudmux_py.emulator.state import Account, World
from cloudmux_py.emulator.wire import ApiError

THEN = 1465185768
PARAMS = {
    "Action": "DescribeInstances",
    "InstanceIds.0": "ins-09dx96dg",
    "Limit": "20",
    "Nonce": "11886",
    "Offset": "0",
    "Region": "ap-guangzhou",
    "SecretId": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
    "Timestamp": str(THEN),
    "Version": "2017-03-12",
    "Signature": "EliP9YW3pW28FpsEdkXt/+WcGeI=",
}
"""Tencent Cloud, "Signature", 2 and 2.4."""


class Then(Clock):
    """The time at which the document signed."""

    def now(self) -> float:
        return THEN


def test_the_older_style_of_tencent_cloud() -> None:
    world = World()
    world.clock = Then()
    account = Account("qcloud", "1", "1", PARAMS["SecretId"], "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    world.accounts.append(account)
    assert check_old(world, "GET", "cvm.tencentcloudapi.com", "/", PARAMS) == account
    with pytest.raises(ApiError, match="SignatureFailure"):
        check_old(world, "POST", "cvm.tencentcloudapi.com", "/", PARAMS)
