"""Zones that Tencent Cloud knows by number."""

import pytest

from cloudmux_py.qcloud.zones import zone_name


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (100006, "ap-guangzhou-6"),
        (110002, "ap-shenzhen-fsi-2"),
        (200001, "ap-shanghai-1"),
        (800007, "ap-beijing-7"),
        (2100080001, "2100080001"),  # ap-beijing-tez-changchun-1: an edge zone follows no rule
        (0, None),
        (None, None),
    ],
)
def test_a_zone_has_its_name_or_keeps_its_number(number: int | None, name: str | None) -> None:
    assert zone_name(number) == name
