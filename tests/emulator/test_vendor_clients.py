"""The vendors' own clients as witnesses of the emulator, in depth for one type."""

import importlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Protocol, cast

import pytest
from alibabacloud_elasticsearch20170613 import models as tea_models
from alibabacloud_elasticsearch20170613.client import Client as TeaClient
from alibabacloud_tea_openapi.client import Client as TeaBase
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aliyunsdkelasticsearch.request.v20170613.DeleteInstanceRequest import DeleteInstanceRequest
from aliyunsdkelasticsearch.request.v20170613.DescribeInstanceRequest import DescribeInstanceRequest
from aliyunsdkelasticsearch.request.v20170613.DescribeRegionsRequest import DescribeRegionsRequest
from aliyunsdkelasticsearch.request.v20170613.ListInstanceRequest import ListInstanceRequest
from darabonba.runtime import RuntimeOptions
from tencentcloud.common.credential import Credential
from tencentcloud.cvm.v20170312 import cvm_client
from tencentcloud.cvm.v20170312 import models as cvm_models
from tencentcloud.es.v20180416 import es_client
from tencentcloud.es.v20180416 import models as es_models
from tencentcloud.region.v20220627 import models as region_models
from tencentcloud.region.v20220627 import region_client
from tencentcloud.sts.v20180813 import models as sts_models
from tencentcloud.sts.v20180813 import sts_client

from cloudmux_py.emulator import Emulator

from .vendor_clients import Keys, RefusedError, refusals, tea_config, tencent_profile

ROWS = 23


class Witness(Protocol):
    """One vendor client, reduced to what the tests ask of it."""

    provider: ClassVar[str]
    region: ClassVar[str]
    codes: ClassVar[dict[str, str]]

    def page(self, page: int, size: int) -> tuple[list[str], int]: ...
    def get(self, id: str) -> str: ...
    def delete(self, id: str) -> None: ...
    def regions(self) -> list[str]: ...
    def unknown(self) -> None: ...


ALIYUN_CODES = {
    "key": "InvalidAccessKeyId.NotFound",
    "secret": "SignatureDoesNotMatch",
    "action": "InvalidApi.NotFound",
    "size": "InvalidParameter",
    "absent": "InstanceNotFound",
    "throttle": "Throttling.User",
}


class Core:
    """aliyun-python-sdk-core with the request classes of aliyun-python-sdk-elasticsearch: ROA, HMAC-SHA1."""

    provider: ClassVar[str] = "aliyun"
    region: ClassVar[str] = "cn-beijing"
    codes: ClassVar[dict[str, str]] = ALIYUN_CODES

    def __init__(self, url: str, key: str, secret: str) -> None:
        self.host = url.removeprefix("http://")
        self.client = AcsClient(key, secret, self.region, auto_retry=False)

    def send(self, request: Any) -> Any:
        request.set_endpoint(self.host)
        request.set_protocol_type("http")
        with refusals():
            return json.loads(self.client.do_action_with_exception(request))

    def page(self, page: int, size: int) -> tuple[list[str], int]:
        request = ListInstanceRequest()
        request.set_page(page)
        request.set_size(size)
        body = self.send(request)
        return [row["instanceId"] for row in body["Result"]], body["Headers"]["X-Total-Count"]

    def get(self, id: str) -> str:
        request = DescribeInstanceRequest()
        request.set_InstanceId(id)
        return str(self.send(request)["Result"]["status"])

    def delete(self, id: str) -> None:
        request = DeleteInstanceRequest()
        request.set_InstanceId(id)
        request.set_deleteType("immediate")
        self.send(request)

    def regions(self) -> list[str]:
        return [row["regionId"] for row in self.send(DescribeRegionsRequest())["Result"]]

    def unknown(self) -> None:
        request = CommonRequest(version="2017-06-13", uri_pattern="/openapi/nothing")
        request.set_domain(self.host)
        request.set_method("GET")
        self.send(request)


class Tea:
    """alibabacloud-elasticsearch20170613: ACS3-HMAC-SHA256; it tells the region by its host name alone."""

    provider: ClassVar[str] = "aliyun"
    region: ClassVar[str] = "cn-hangzhou"
    codes: ClassVar[dict[str, str]] = ALIYUN_CODES
    algorithm: ClassVar[str | None] = None

    def __init__(self, url: str, key: str, secret: str) -> None:
        config = tea_config(url, Keys(key, secret), self.region, self.algorithm)
        self.client = TeaClient(config)
        self.base = TeaBase(config)

    def ask(self, call: Callable[..., Any], *args: Any) -> Any:
        with refusals():
            return call(*args).body.to_map()

    def page(self, page: int, size: int) -> tuple[list[str], int]:
        body = self.ask(self.client.list_instance, tea_models.ListInstanceRequest(page=page, size=size))
        return [row["instanceId"] for row in body["Result"]], body["Headers"]["X-Total-Count"]

    def get(self, id: str) -> str:
        return str(self.ask(self.client.describe_instance, id)["Result"]["status"])

    def delete(self, id: str) -> None:
        self.ask(self.client.delete_instance, id, tea_models.DeleteInstanceRequest(delete_type="immediate"))

    def regions(self) -> list[str]:
        return [row["regionId"] for row in self.ask(self.client.describe_regions)["Result"]]

    def unknown(self) -> None:
        api = Params(
            action="Nothing",
            version="2017-06-13",
            protocol="HTTP",
            pathname="/openapi/nothing",
            method="GET",
            auth_type="AK",
            style="ROA",
            req_body_type="json",
            body_type="json",
        )
        self.ask(self.base.call_api, api, OpenApiRequest(), RuntimeOptions())


class TeaV2(Tea):
    """The same client with the signature that came before."""

    algorithm: ClassVar[str | None] = "v2"


class Tencent:
    """tencentcloud-sdk-python, the typed clients."""

    provider: ClassVar[str] = "qcloud"
    region: ClassVar[str] = "ap-beijing"
    codes: ClassVar[dict[str, str]] = {
        "key": "AuthFailure.SecretIdNotFound",
        "secret": "AuthFailure.SignatureFailure",
        "action": "InvalidAction",
        "size": "InvalidParameter.InvalidLimit",
        "absent": "InvalidParameter.InvalidInstanceId",
        "throttle": "RequestLimitExceeded",
    }
    method: ClassVar[str] = "POST"
    signature: ClassVar[str] = "TC3-HMAC-SHA256"

    def __init__(self, url: str, key: str, secret: str) -> None:
        self.profile = tencent_profile(url, self.method, self.signature)
        self.keys = Credential(key, secret)
        self.client = es_client.EsClient(self.keys, self.region, self.profile)

    def ask(self, call: Callable[..., Any], *args: Any) -> Any:
        with refusals():
            return call(*args)

    def page(self, page: int, size: int) -> tuple[list[str], int]:
        request = es_models.DescribeInstancesRequest()
        request.Offset, request.Limit = (page - 1) * size, size
        reply = self.ask(self.client.DescribeInstances, request)
        return [row.InstanceId for row in reply.InstanceList], reply.TotalCount

    def get(self, id: str) -> str:
        request = es_models.DescribeInstancesRequest()
        request.InstanceIds = [id]
        rows = self.ask(self.client.DescribeInstances, request).InstanceList
        if not rows:
            raise RefusedError(self.codes["absent"])  # the cloud says it by leaving the row out
        assert [row.InstanceId for row in rows] == [id]
        return str(rows[0].Status)

    def delete(self, id: str) -> None:
        request = es_models.DeleteInstanceRequest()
        request.InstanceId = id
        self.ask(self.client.DeleteInstance, request)

    def regions(self) -> list[str]:
        client = region_client.RegionClient(self.keys, "", self.profile)
        request = region_models.DescribeRegionsRequest()
        request.Product = "es"
        return [row.Region for row in self.ask(client.DescribeRegions, request).RegionSet]

    def cvm_regions(self) -> list[str]:
        client = cvm_client.CvmClient(self.keys, self.region, self.profile)
        return [row.Region for row in self.ask(client.DescribeRegions, cvm_models.DescribeRegionsRequest()).RegionSet]

    def identity(self) -> Any:
        client = sts_client.StsClient(self.keys, self.region, self.profile)
        return self.ask(client.GetCallerIdentity, sts_models.GetCallerIdentityRequest())

    def unknown(self) -> None:
        self.ask(self.client.call_json, "DescribeNothing", {})


def tencent(method: str, signature: str) -> type[Tencent]:
    return type(f"Tencent-{signature}-{method}", (Tencent,), {"method": method, "signature": signature})


TENCENTS = [
    tencent(method, signature)
    for signature in ("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256")
    for method in ("GET", "POST")
]
WITNESSES: list[type[Witness]] = [Core, Tea, TeaV2, *TENCENTS]
every_witness = pytest.mark.parametrize("kind", WITNESSES, ids=lambda kind: kind.__name__)


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(instances=ROWS) as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


def keys_of(emulator: Emulator, provider: str) -> tuple[str, str]:
    account = emulator.world.of(provider)[0]
    return account.access_key, account.secret


def witness(kind: type[Any], emulator: Emulator) -> Any:
    return kind(emulator.url, *keys_of(emulator, kind.provider))


@every_witness
def test_lists_past_a_page(kind: type[Witness], emulator: Emulator) -> None:
    client = witness(kind, emulator)
    pages = [client.page(page, 10) for page in (1, 2, 3, 4)]
    assert [len(ids) for ids, _ in pages] == [10, 10, 3, 0]
    assert {total for _, total in pages} == {ROWS}
    assert [id for ids, _ in pages for id in ids] == list(emulator.rows(kind.provider, kind.region))
    assert {call.region for call in emulator.requests} == {kind.region}


@every_witness
def test_gets_and_deletes_until_it_is_gone(kind: type[Witness], emulator: Emulator) -> None:
    client = witness(kind, emulator)
    first = next(iter(emulator.rows(kind.provider, kind.region)))
    assert client.get(first) in {"active", "1"}
    client.delete(first)
    assert client.get(first) in {"invalid", "-2"}
    emulator.clock.advance(60)
    with pytest.raises(RefusedError) as caught:
        client.get(first)
    assert caught.value.code == kind.codes["absent"]
    assert first not in client.page(1, 100)[0]


@every_witness
def test_lists_regions(kind: type[Witness], emulator: Emulator) -> None:
    assert witness(kind, emulator).regions() == emulator.world.regions[kind.provider]


@every_witness
@pytest.mark.parametrize("what", ["key", "secret", "flipped", "action", "size", "absent", "throttle"])
def test_refuses_with_the_cloud_s_code(
    kind: type[Witness], what: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = keys_of(emulator, kind.provider)
    wrong = {"key": (key + "x", secret), "secret": (key, secret[:-1] + "x")}
    client = cast("Callable[..., Witness]", kind)(emulator.url, *wrong.get(what, (key, secret)))
    calls: dict[str, Callable[[], object]] = {
        "action": client.unknown,
        "absent": lambda: client.delete("es-cn-nosuchinstance"),
        "size": lambda: client.page(1, 101),
    }
    if what == "flipped":
        flip_signatures(monkeypatch)
    if what == "throttle":
        emulator.fault("throttle")
    with pytest.raises(RefusedError) as caught:
        calls.get(what, lambda: client.page(1, 10))()
    assert caught.value.code == kind.codes["secret" if what == "flipped" else what]
    assert emulator.requests[-1].code == caught.value.code


def flip_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One character of each signature changes on its way out, wherever it stands."""
    pattern = re.compile(r"(Signature=|^acs [^:]+:)(.)")

    def flipped(text: str) -> str:
        changed, count = pattern.subn(lambda hit: hit[1] + ("1" if hit[2] != "1" else "2"), text)
        return changed if count else text

    for name in ("requests", "aliyunsdkcore.vendored.requests"):
        adapter = importlib.import_module(f"{name}.adapters").HTTPAdapter
        monkeypatch.setattr(adapter, "send", _tampering(adapter.send, flipped))


def _tampering(send: Callable[..., Any], flipped: Callable[[str], str]) -> Callable[..., Any]:
    def tampered(self: Any, request: Any, *args: Any, **options: Any) -> Any:
        before = (request.headers.get("Authorization"), request.url, request.body)
        if "Authorization" in request.headers:
            request.headers["Authorization"] = flipped(request.headers["Authorization"])
        else:
            request.url = flipped(request.url)
            request.body = flipped(request.body) if isinstance(request.body, str) else request.body
        assert before != (request.headers.get("Authorization"), request.url, request.body), "nothing was flipped"
        return send(self, request, *args, **options)

    return tampered


def test_a_wrong_aliyun_key_is_a_404_and_a_wrong_secret_a_400(emulator: Emulator) -> None:
    for key, secret, status in (("nobody", emulator.secret, 404), (emulator.access_key, "wrong", 400)):
        with pytest.raises(RefusedError) as caught:
            Core(emulator.url, key, secret).page(1, 10)
        assert caught.value.status == status


def test_throttling_says_when_to_come_back(emulator: Emulator) -> None:
    emulator.fault("throttle", retry_after=1500)
    request = ListInstanceRequest()
    client = Core(emulator.url, emulator.access_key, emulator.secret)
    request.set_endpoint(client.host)
    request.set_protocol_type("http")
    status, headers, body = client.client.get_response(request)
    assert (status, headers["x-acs-retry-after"]) == (400, "1500")
    assert json.loads(body)["Code"] == "Throttling.User"


def test_a_prepaid_instance_is_not_released(emulator: Emulator) -> None:
    id = next(id for id, row in emulator.rows("aliyun", Core.region).items() if row["paymentType"] == "prepaid")
    client = Core(emulator.url, emulator.access_key, emulator.secret)
    with pytest.raises(RefusedError, match="InvalidParameter"):
        client.delete(id)
    assert client.get(id) == "active"


def test_a_protected_instance_is_not_destroyed(emulator: Emulator) -> None:
    id = next(id for id, row in emulator.rows("qcloud", Tencent.region).items() if row["ChargeType"] != "PREPAID")
    emulator.table("qcloud", Tencent.region).patch(id, {"EnableDestroyProtection": "OPEN", "Status": 1})
    client = Tencent(emulator.url, emulator.secret_id, emulator.secret_key)
    with pytest.raises(RefusedError, match=r"FailedOperation\.OpenDestroyProtection"):
        client.delete(id)
    assert client.get(id) == "1"


def test_a_protective_deletion_freezes_and_stays_listed(emulator: Emulator) -> None:
    client = Core(emulator.url, emulator.access_key, emulator.secret)
    id = next(id for id, row in emulator.rows("aliyun", Core.region).items() if row["paymentType"] == "postpaid")
    request = DeleteInstanceRequest()
    request.set_InstanceId(id)
    client.send(request)
    emulator.clock.advance(600)  # within the tolerance of signatures
    assert client.get(id) == "inactive"
    assert id in client.page(1, 100)[0]


def rpc(emulator: Emulator, version: str, action: str, key: str, secret: str, size: str = "") -> Any:
    request = CommonRequest(domain=emulator.url.removeprefix("http://"), version=version, action_name=action)
    if size:
        request.add_query_param("Note", size)
    return Core(emulator.url, key, secret).send(request)


def test_aliyun_rpc_calls(emulator: Emulator) -> None:
    keys = (emulator.access_key, emulator.secret)
    body = rpc(emulator, "2014-05-26", "DescribeRegions", *keys, "a value with spaces/+*~%及中文")
    assert [row["RegionId"] for row in body["Regions"]["Region"]] == emulator.world.regions["aliyun"]
    assert rpc(emulator, "2015-04-01", "GetCallerIdentity", *keys)["AccountId"] == emulator.world.of("aliyun")[0][1]


@pytest.mark.parametrize(
    ("action", "key", "secret", "code"),
    [
        ("DescribeRegions", "nobody", "", "InvalidAccessKeyId.NotFound"),
        ("DescribeRegions", "", "wrong", "SignatureDoesNotMatch"),
        ("DescribeNothing", "", "", "InvalidApi.NotFound"),
    ],
)
def test_aliyun_rpc_refusals(action: str, key: str, secret: str, code: str, emulator: Emulator) -> None:
    with pytest.raises(RefusedError) as caught:
        rpc(emulator, "2014-05-26", action, key or emulator.access_key, secret or emulator.secret)
    assert caught.value.code == code


def test_a_flipped_rpc_signature_is_refused(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    flip_signatures(monkeypatch)
    with pytest.raises(RefusedError, match="SignatureDoesNotMatch"):
        rpc(emulator, "2014-05-26", "DescribeRegions", emulator.access_key, emulator.secret)


@pytest.mark.parametrize("kind", TENCENTS, ids=lambda kind: kind.__name__)
def test_tencent_regions_and_caller(kind: type[Tencent], emulator: Emulator) -> None:
    client: Tencent = witness(kind, emulator)
    assert client.cvm_regions() == emulator.world.regions["qcloud"]
    account = emulator.world.of("qcloud")[0]
    identity = client.identity()
    assert (identity.AccountId, identity.UserId, identity.Type) == (account.account_id, account.user_id, "CAMUser")


@pytest.mark.parametrize("kind", [Core, Tencent])
def test_an_old_signature_is_refused(kind: type[Any], emulator: Emulator) -> None:
    client = witness(kind, emulator)
    emulator.clock.advance(3600)
    with pytest.raises(RefusedError) as caught:
        client.page(1, 10)
    assert caught.value.code in {"InvalidTimeStamp.Expired", "AuthFailure.SignatureExpire"}


def test_tencent_refuses_a_region_that_it_lacks(emulator: Emulator) -> None:
    kind = type("Elsewhere", (Tencent,), {"region": "ap-nowhere"})
    with pytest.raises(RefusedError, match="UnsupportedRegion"):
        witness(kind, emulator).page(1, 10)
