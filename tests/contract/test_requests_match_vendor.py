"""What we send is what the vendors' own request classes send: method, path, parameter names, version."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aliyunsdkcore.client import AcsClient
from aliyunsdkelasticsearch.request.v20170613.DeleteInstanceRequest import DeleteInstanceRequest
from aliyunsdkelasticsearch.request.v20170613.DescribeInstanceRequest import DescribeInstanceRequest
from aliyunsdkelasticsearch.request.v20170613.DescribeRegionsRequest import DescribeRegionsRequest
from aliyunsdkelasticsearch.request.v20170613.ListInstanceRequest import ListInstanceRequest
from tencentcloud.es.v20180416 import models as es_models
from tencentcloud.region.v20220627 import models as region_models
from tencentcloud.sts.v20180813 import models as sts_models

from cloudmux_py import connect
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.state import Request
from cloudmux_py.resources.elastic_search import ElasticSearch

REGION = "cn-shanghai"
TOKEN = DeleteOptions(client_token="once-and-for-all")

Send = Callable[[Any, str], object]


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Emulator(instances=2) as running:
        yield running


def sent(emulator: Emulator) -> Request:
    """The only call since the last one was taken."""
    [request] = emulator.requests
    emulator.requests.clear()
    return request


CASES: dict[str, tuple[type[Any], dict[str, Any], Send]] = {
    "ListInstance": (
        ListInstanceRequest,
        {"page": 1, "size": 100},
        lambda cloud, id: list(cloud.region(REGION).iter_elastic_searchs()),
    ),
    "ListInstance, second page": (
        ListInstanceRequest,
        {"page": 2, "size": 1},
        lambda cloud, id: cloud.region(REGION).get_elastic_searchs(size=1, page=2),
    ),
    "DescribeInstance": (
        DescribeInstanceRequest,
        {"InstanceId": "ID"},
        lambda cloud, id: cloud.region(REGION).get_elastic_search(id),
    ),
    "DeleteInstance": (
        DeleteInstanceRequest,
        {"InstanceId": "ID", "deleteType": "immediate"},
        lambda cloud, id: cloud.region(REGION).delete_elastic_search(id),
    ),
    "DeleteInstance, recoverable": (
        DeleteInstanceRequest,
        {"InstanceId": "ID", "deleteType": "protective", "clientToken": TOKEN.client_token},
        lambda cloud, id: cloud.region(REGION).delete_elastic_search(id, TOKEN._replace(recoverable=True)),
    ),
    "DescribeRegions": (DescribeRegionsRequest, {}, lambda cloud, id: cloud.regions(ElasticSearch)),
}


@pytest.mark.parametrize("case", CASES)
def test_aliyun_requests_are_the_vendor_s(case: str, emulator: Emulator) -> None:
    kind, values, send = CASES[case]
    first = next(iter(emulator.rows("aliyun", REGION)))
    send(connect("aliyun", access_key=emulator.access_key, secret=emulator.secret, endpoint=emulator.url), first)
    ours = sent(emulator)

    emulator.reset()  # deletes: the same instance lives again
    request = kind()
    for name, value in values.items():
        getattr(request, f"set_{name}")(first if value == "ID" else value)
    request.set_endpoint(emulator.url.removeprefix("http://"))
    request.set_protocol_type("http")
    home = "cn-hangzhou" if kind is DescribeRegionsRequest else REGION
    AcsClient(emulator.access_key, emulator.secret, home).do_action_with_exception(request)
    theirs = sent(emulator)

    assert ours.action == theirs.action == case.partition(",")[0]
    assert (ours.method, ours.path, ours.region) == (theirs.method, theirs.path, theirs.region)
    assert ours.params == theirs.params
    assert ours.status == theirs.status == 200
    for header in ("X-Acs-Version", "X-Acs-Signature-Method", "X-Acs-Signature-Version", "X-Acs-Region-Id"):
        assert ours.headers[header] == theirs.headers[header], header


TENCENT: dict[str, tuple[type[Any], Callable[[Any, str], object], set[str]]] = {
    "DescribeInstances": (
        es_models.DescribeInstancesRequest,
        lambda cloud, id: list(cloud.region("ap-beijing").iter_elastic_searchs()),
        {"Offset", "Limit"},
    ),
    "DescribeInstances, one": (
        es_models.DescribeInstancesRequest,
        lambda cloud, id: cloud.region("ap-beijing").get_elastic_search(id),
        {"InstanceIds", "Offset", "Limit"},
    ),
    "DeleteInstance": (
        es_models.DeleteInstanceRequest,
        lambda cloud, id: cloud.region("ap-beijing").delete_elastic_search(id),
        {"InstanceId"},
    ),
    "DescribeRegions": (
        region_models.DescribeRegionsRequest,
        lambda cloud, id: cloud.regions(ElasticSearch),
        {"Product"},
    ),
    "GetCallerIdentity": (
        sts_models.GetCallerIdentityRequest,
        lambda cloud, id: cloud.caller_identity(),
        set(),
    ),
}


@pytest.mark.parametrize("case", TENCENT)
def test_tencent_parameters_are_the_vendor_s(case: str, emulator: Emulator) -> None:
    kind, send, names = TENCENT[case]
    first = next(iter(emulator.rows("qcloud", "ap-beijing")))
    send(connect("qcloud", access_key=emulator.secret_id, secret=emulator.secret_key, endpoint=emulator.url), first)
    ours = sent(emulator)
    assert (ours.method, ours.path, ours.action) == ("POST", "/", case.partition(",")[0])
    assert ours.params.keys() == names
    model = kind()
    unknown = [name for name in names if not isinstance(getattr(type(model), name, None), property)]
    assert not unknown
    assert f"v{ours.headers['X-Tc-Version'].replace('-', '')}" == kind.__module__.split(".")[-2]
