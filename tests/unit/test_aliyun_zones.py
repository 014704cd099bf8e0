"""Zone ids of Alibaba Cloud's databases that name several zones."""

import pytest

from cloudmux_py.aliyun.zones import zones_of


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        ("cn-hangzhou-b", ["cn-hangzhou-b"]),
        ("cn-hangzhou-MAZ10(h,i)", ["cn-hangzhou-h", "cn-hangzhou-i"]),
        ("cn-shanghai-finance-1-MAZ2(a,b,c)", [f"cn-shanghai-finance-1-{letter}" for letter in "abc"]),
        ("cn-hangzhou-MAZ6", ["cn-hangzhou-MAZ6"]),
        ("", []),
        (None, []),
    ],
)
def test_the_first_node_s_zone_comes_first(text: str | None, zones: list[str]) -> None:
    assert zones_of(text) == zones
