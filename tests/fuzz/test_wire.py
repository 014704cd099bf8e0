"""Whatever is sent to the emulator, it answers as its clouds do: never with a fault of its own."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudmuxError, UsageError
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.region import Region
from cloudmux_py.engine.retry import CLOCK
from cloudmux_py.testing import cases

from .mutation import VALUES, few

CASES = [case for case in cases(Path(__file__).parents[1] / "data") if case.provider != "aws"]
PARAMETERS = [
    *("Offset", "Limit", "PageNumber", "PageSize", "PageNum", "page", "size", "NextToken", "MaxResults", "RegionId"),
    *("Filters", "Filter.1.Key", "InstanceIds", "InstanceIds.1", "InstanceId", "InstanceIdList", "VpcIds", "Id"),
    *("EipIds", "DiskIds", "SubnetIds", "OrderBy", "ClientToken", "clientToken", "deleteType", "SearchKey", "Status"),
]
NAMES = [
    *("Authorization", "X-TC-Action", "X-TC-Version", "X-TC-Timestamp", "X-TC-Region", "X-ACS-Action", "X-ACS-Version"),
    *("X-ACS-Date", "X-ACS-Signature-Method", "X-ACS-Region-Id", "Date", "Content-MD5", "Content-Type"),
]
HEADERS = st.dictionaries(
    st.sampled_from(NAMES),
    st.sampled_from(
        ["", "x", "TC3-HMAC-SHA256 Credential=a/b/c", "acs :", "acs a:b", "ACS3-HMAC-SHA256 ", "-1", "9" * 40]
    )
    | st.text("TC3-HMAC= ,/:;Credential0123", max_size=20),
    max_size=5,
)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RPC = "/?SignatureNonce=1&Action=DescribeRegions&Timestamp=x&AccessKeyId=x&SignatureMethod=x"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(instances=3, regions={"aliyun": ["cn-beijing"], "qcloud": ["ap-beijing"]}) as running:
        yield running


@few
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD"]),
    path=st.sampled_from(["/", "/openapi/instances", "/openapi/instances/x", "/_emulator/x", "/?Action=%zz&%", "//"])
    | st.text("/?&=%aZ0.SignatureNonceAccessKeyIdRegionTimestampVersion", max_size=40).map(lambda text: f"/{text}"),
    headers=HEADERS,
    body=st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()),
)
@example(method="POST", path="/", headers={"X-TC-Action": "DescribeInstances", "X-TC-Timestamp": "x"}, body=b"[]")
@example(method="GET", path=RPC, headers={}, body=b"")
@example(method="POST", path="/", headers=FORM, body=b"Action=%ff&SecretId=%00")
@example(method="POST", path="/_emulator/faults", headers={}, body=b"\xff")
@example(method="POST", path="/_emulator/faults", headers={}, body=b'["x"]')
@example(method="POST", path="/_emulator/clock", headers={}, body=b'"x"')
def test_unsigned_requests(method: str, path: str, headers: dict[str, str], body: bytes, emulator: Emulator) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(emulator.url.rpartition(":")[2]), timeout=10)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status < 500


def region_of(emulator: Emulator, provider: str) -> Region:
    keys = emulator.world.of(provider)[0]
    cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url, timeout=5)
    cloud.client.clock = CLOCK._replace(sleep=lambda seconds: None)
    region = cloud.region(emulator.world.regions[provider][0])
    assert isinstance(region, Region)
    return region


@pytest.mark.parametrize(
    "id", ["", "x.example/", "a?b", "a#b", "a@b", "a:80", "a\\b", "a%2f", "a\n", "\udcff", "x" * 65]
)
@pytest.mark.parametrize("provider", ["aliyun", "qcloud", "aws"])
def test_a_region_cannot_turn_a_signed_call_to_another_host(provider: str, id: str) -> None:
    with pytest.raises(UsageError, match="is no region"):
        connect(provider, access_key="k", secret="s").region(id)


@few
@given(data=st.data())
def test_signed_calls_with_odd_parameters(data: st.DataObject, emulator: Emulator) -> None:
    """As the vendors' SDKs sign them, past the checks of signatures."""
    case = data.draw(st.sampled_from(CASES))
    binding = case.binding
    region = region_of(emulator, case.provider)
    api = data.draw(st.sampled_from([binding.list, binding.get]))
    params: dict[str, Any] = dict(binding.paging.ask(1, 10, "")) | dict(binding.get_by("x")) | dict(binding.filters[0])
    names = st.sampled_from([*PARAMETERS, *params])
    params |= data.draw(st.dictionaries(names, VALUES.filter(sendable), max_size=4))
    told = ""
    try:
        region.account.client.call(api, params, region.id)
    except CloudmuxError as error:
        told = str(error)
    assert "HTTP 500" not in told, (api.action, params)


def sendable(value: Any) -> bool:
    """Whether the vendors' signers take it: they refuse what is no JSON, and half characters."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return False
    return value is not None
