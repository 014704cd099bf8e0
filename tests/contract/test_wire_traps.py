"""What really happens on the wire, and what the vendors' SDKs make a trap of it: over HTTP, against the emulator."""

import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import (
    AuthFailed,
    ClockSkew,
    CloudError,
    ConnectFailed,
    HostNotFound,
    MalformedResponse,
    NotFound,
    ServerFault,
    Throttled,
    TimedOut,
    UnknownRegion,
    UsageError,
)
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.account import Account
from cloudmux_py.engine.http import Reply, Request, Session
from cloudmux_py.engine.region import Region
from cloudmux_py.resources.elastic_search import ElasticSearch

from .tls import self_signed

REGIONS = {"aliyun": "cn-beijing", "qcloud": "ap-beijing"}
LIST = {"aliyun": "ListInstance", "qcloud": "DescribeInstances"}
PROVIDERS = tuple(REGIONS)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

both = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(instances=12) as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


def account(emulator: Emulator, provider: str, *, timeout: float = 20, **options: Any) -> Account[Any]:
    found = emulator.world.of(provider)[0]
    given = {"access_key": found.access_key, "secret": found.secret, "endpoint": emulator.url} | options
    return connect(provider, timeout=timeout, **given)


def region(emulator: Emulator, provider: str, id: str = "", *, timeout: float = 20, **options: Any) -> Region:
    return account(emulator, provider, timeout=timeout, **options).region(id or REGIONS[provider])


def first(emulator: Emulator, provider: str) -> str:
    """An instance that may be deleted."""
    return next(iter(emulator.rows(provider, REGIONS[provider])))


def actions(emulator: Emulator) -> list[str]:
    return [request.action for request in emulator.requests]


# One call stays one call.


@both
@pytest.mark.parametrize(
    "use",
    [
        lambda where, id: where.list(ElasticSearch),
        lambda where, id: where.page(ElasticSearch, size=5),
        lambda where, id: where.window(ElasticSearch, offset=0, limit=5),
        lambda where, id: where.get(ElasticSearch, id),
        lambda where, id: where.delete(ElasticSearch, id),
        lambda where, id: where.access_info(ElasticSearch, id),
    ],
    ids=["list", "page", "window", "get", "delete", "access-info"],
)
def test_one_call_is_one_request(provider: str, use: Callable[[Region, str], object], emulator: Emulator) -> None:
    use(region(emulator, provider), first(emulator, provider))
    assert len(emulator.requests) == 1


# Bodies and content types.


@both
def test_a_charset_hides_no_error(provider: str, emulator: Emulator) -> None:
    emulator.fault("charset")
    assert len(region(emulator, provider).list(ElasticSearch)) == 12
    with pytest.raises(AuthFailed):
        region(emulator, provider, secret="wrong").list(ElasticSearch)
    found = emulator.fault("error", code="SomethingElse")
    with pytest.raises(CloudError) as caught:
        region(emulator, provider).list(ElasticSearch)
    assert (type(caught.value), caught.value.code, found.hits) == (CloudError, "SomethingElse", 1)


@pytest.mark.parametrize("status", [200, 400, 404])
def test_an_error_body_is_an_error_whatever_the_status(status: int, emulator: Emulator) -> None:
    emulator.fault("error", code="SubAccountNoPermission", status=status)
    with pytest.raises(CloudError) as caught:
        region(emulator, "aliyun").list(ElasticSearch)
    assert caught.value.code == "SubAccountNoPermission"
    assert caught.value.exit_code == 4
    assert len(emulator.requests) == 1


@both
def test_a_truncated_body_is_retried(provider: str, emulator: Emulator) -> None:
    emulator.fault("truncate", times=2)
    assert len(region(emulator, provider).list(ElasticSearch)) == 12
    assert actions(emulator) == [LIST[provider]] * 3


@both
def test_a_body_that_stays_truncated_is_an_error(provider: str, emulator: Emulator) -> None:
    emulator.fault("truncate")
    with pytest.raises(ConnectFailed, match="broke"):
        region(emulator, provider, timeout=1).list(ElasticSearch)
    assert len(emulator.requests) > 1


@both
@pytest.mark.parametrize("kind", ["not-json", "empty-body"])
def test_what_is_no_json_is_malformed(provider: str, kind: str, emulator: Emulator) -> None:
    emulator.fault(kind)
    with pytest.raises(MalformedResponse, match="where JSON is due"):
        region(emulator, provider).list(ElasticSearch)


@both
def test_a_gateway_s_page_is_a_server_fault_after_retries(provider: str, emulator: Emulator) -> None:
    emulator.fault("status", status=502)
    started = time.monotonic()
    with pytest.raises(ServerFault, match="HTTP 502 with text/html where JSON is due"):
        region(emulator, provider, timeout=1.5).list(ElasticSearch)
    assert time.monotonic() - started < 5
    assert len(emulator.requests) > 1


@both
def test_a_gateway_s_page_that_goes_away_is_no_error(provider: str, emulator: Emulator) -> None:
    emulator.fault("status", status=503, times=2)
    assert len(region(emulator, provider).list(ElasticSearch)) == 12
    assert len(emulator.requests) == 3


@both
@pytest.mark.parametrize(
    "use",
    [
        lambda where: where.list(ElasticSearch),
        lambda where: where.page(ElasticSearch),
        lambda where: where.window(ElasticSearch, offset=0, limit=20),
    ],
    ids=["list", "page", "window"],
)
def test_an_unreadable_row_fails_the_list(provider: str, use: Callable[[Region], object], emulator: Emulator) -> None:
    emulator.fault("bad-row")
    with pytest.raises(MalformedResponse, match=r"\[0\]\.\w+ should be a whole number, but is \"several\""):
        use(region(emulator, provider))


@both
def test_totals_as_texts_are_numbers(provider: str, emulator: Emulator) -> None:
    emulator.fault("string-total")
    assert len(region(emulator, provider).list(ElasticSearch)) == 12


# Broken and slow connections.


@both
def test_a_reset_is_retried_for_reads(provider: str, emulator: Emulator) -> None:
    emulator.fault("reset-before", times=2)
    assert len(region(emulator, provider).list(ElasticSearch)) == 12
    assert [request.code for request in emulator.requests] == ["reset", "reset", ""]


@both
@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("reset-after", {}, ConnectFailed),
        ("reset-before", {}, ConnectFailed),
        ("truncate", {}, ConnectFailed),
        ("status", {"status": 502}, ServerFault),
        ("slow", {"seconds": 1}, TimedOut),
    ],
)
def test_a_delete_that_may_have_happened_is_sent_once(
    provider: str, kind: str, options: dict[str, Any], error: type[CloudError], emulator: Emulator
) -> None:
    id = first(emulator, provider)
    emulator.fault(kind, action="DeleteInstance", times=1, **options)
    where = region(emulator, provider, timeout=0.4 if kind == "slow" else 20)
    with pytest.raises(error) as caught:
        where.delete(ElasticSearch, id)
    assert caught.value.sent
    assert id in str(caught.value)
    deadline = time.monotonic() + 5
    while not emulator.requests and time.monotonic() < deadline:
        time.sleep(0.05)  # the slow answer is logged when it is ready
    assert actions(emulator) == ["DeleteInstance"]
    deleting = {"aliyun": ("status", "invalid"), "qcloud": ("Status", -2)}[provider]
    happened = emulator.rows(provider, REGIONS[provider])[id][deleting[0]] == deleting[1]
    assert happened is (kind in {"reset-after", "truncate", "slow"})


class BrokenTls:
    """An https server that reads a request, and then breaks TLS, as a middlebox in between does."""

    def __init__(self, folder: Path) -> None:
        self.file = self_signed(folder)
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        while True:
            try:
                plain, _ = self.listener.accept()
                secured = context.wrap_socket(plain, server_side=True)
                self.requests.append(secured.recv(65536))
                with socket.socket(fileno=secured.detach()) as bare:
                    bare.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            except ssl.SSLError:
                continue  # the client does not trust us
            except OSError:
                return


@both
@pytest.mark.parametrize("trusted", [True, False])
def test_tls_that_breaks_amid_a_delete_does_not_send_it_again(
    provider: str, trusted: bool, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = BrokenTls(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.file))
    where = region(emulator, provider, endpoint=server.url, timeout=2)
    with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1") as caught:
        where.delete(ElasticSearch, "es-1")
    server.listener.close()
    assert caught.value.sent is trusted
    assert len(server.requests) == trusted


@both
def test_a_wrong_clock_says_by_how_much_and_is_not_repeated(provider: str, emulator: Emulator) -> None:
    emulator.clock.advance(7200)
    with pytest.raises(
        ClockSkew, match=r"this machine's clock is 7(199|200|201) s behind the cloud's .*; set this"
    ) as caught:
        region(emulator, provider).list(ElasticSearch)
    assert caught.value.exit_code == 4
    assert len(emulator.requests) == 1


@both
def test_a_throttled_delete_is_repeated(provider: str, emulator: Emulator) -> None:
    emulator.fault("throttle", action="DeleteInstance", times=2)
    region(emulator, provider).delete(ElasticSearch, first(emulator, provider))
    assert [(call.action, bool(call.code)) for call in emulator.requests] == [
        ("DeleteInstance", True),
        ("DeleteInstance", True),
        ("DeleteInstance", False),
    ]


@both
def test_a_delete_goes_over_a_connection_of_its_own(
    provider: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, int]] = []
    send = Session.send

    def spy(self: Session, request: Request, timeout: float, *, fresh: bool = False) -> Reply:
        pools = len(self.pools)
        reply = send(self, request, timeout, fresh=fresh)
        seen.append((fresh, len(self.pools) - pools))
        return reply

    monkeypatch.setattr(Session, "send", spy)
    where, id = region(emulator, provider), first(emulator, provider)
    where.get(ElasticSearch, id)
    where.delete(ElasticSearch, id)
    where.get(ElasticSearch, id)
    assert seen == [(False, 1), (True, 0), (False, 0)]


@both
def test_nothing_listens_there(provider: str, emulator: Emulator) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConnectFailed, match="refused the connection") as caught:
            region(emulator, provider, endpoint=url, timeout=1).list(ElasticSearch)
    assert not caught.value.sent


# Throttling.


def test_throttling_waits_as_long_as_it_is_told(emulator: Emulator) -> None:
    emulator.fault("throttle", times=1, retry_after=700)
    assert len(region(emulator, "aliyun").list(ElasticSearch)) == 12
    refused, answered = emulator.requests
    assert refused.code == "Throttling.User"
    assert 0.69 <= answered.at - refused.at < 2  # the header is in milliseconds


def test_throttling_beyond_the_time_left_is_said_at_once(emulator: Emulator) -> None:
    emulator.fault("throttle", retry_after=60_000)
    started = time.monotonic()
    with pytest.raises(Throttled) as caught:
        region(emulator, "aliyun", timeout=5).list(ElasticSearch)
    assert time.monotonic() - started < 3
    assert caught.value.retry_after == 60
    assert len(emulator.requests) == 1


@both
def test_throttling_that_stays_is_never_an_empty_list(provider: str, emulator: Emulator) -> None:
    emulator.fault("throttle")
    with pytest.raises(Throttled, match="try again later"):
        region(emulator, provider, timeout=1).list(ElasticSearch)
    assert len(emulator.requests) > 1


# Codes, not statuses and not look-alikes.


@pytest.mark.parametrize(("key", "status"), [("access_key", 404), ("secret", 400)])
def test_wrong_aliyun_keys_are_no_absence(key: str, status: int, emulator: Emulator) -> None:
    where = region(emulator, "aliyun", **dict[str, Any]({key: "wrong"}))
    with pytest.raises(AuthFailed) as caught:
        where.get(ElasticSearch, first(emulator, "aliyun"))
    assert not isinstance(caught.value, NotFound)
    assert emulator.requests[-1].status == status
    assert "string to sign" not in str(caught.value)
    assert where.ask(ElasticSearch, ["es-cn-x"])["es-cn-x"].state == "unknown"


LOOK_ALIKES = {
    "aliyun": [
        "InvalidRegionId.NotFound",
        "InvalidAccessKeyId.NotFound",
        "InvalidApi.NotFound",
        "InstanceNotFound.Whatever",
        "InstanceNotFoundInTask",
        "instancenotfound",
        "ResourceNotFound",
        "NotFound",
        "InvalidParameter.InvalidInstanceId",
    ],
    "qcloud": [
        "ResourceNotFound",
        "ResourceNotFound.DBInfoNotFound",
        "ResourceNotFound.ClusterInfoNotFound",
        "InvalidParameter",
        "InvalidParameterValue.InvalidInstanceId",
        "InvalidParameter.InvalidInstanceIds",
        "AuthFailure.SecretIdNotFound",
        "UnsupportedRegion",
        "InstanceNotFound",
    ],
}
GONE = {"aliyun": "InstanceNotFound", "qcloud": "InvalidParameter.InvalidInstanceId"}


@pytest.mark.parametrize(("provider", "code"), [(name, code) for name in LOOK_ALIKES for code in LOOK_ALIKES[name]])
@pytest.mark.parametrize("status", [400, 404])
def test_a_look_alike_proves_nothing(provider: str, code: str, status: int, emulator: Emulator) -> None:
    id, where = first(emulator, provider), region(emulator, provider, timeout=2)
    emulator.fault("error", code=code, status=status)
    for use in (where.get, where.delete):
        with pytest.raises(CloudError) as caught:
            use(ElasticSearch, id)
        assert not isinstance(caught.value, NotFound)
    assert where.ask(ElasticSearch, [id])[id].state == "unknown"


def test_one_gone_id_that_fails_the_call_for_all_is_found_by_asking_one_by_one(emulator: Emulator) -> None:
    id, where = first(emulator, "qcloud"), region(emulator, "qcloud")
    emulator.fault("error", code=GONE["qcloud"], action="DescribeInstances", times=2)
    proofs = where.ask(ElasticSearch, ["es-00000000", id], id)
    assert (proofs["es-00000000"].state, proofs["es-00000000"].strength) == ("gone", "strong")
    assert proofs[id].state == "alive"
    assert len(emulator.requests) == 3


@both
def test_the_cloud_s_own_code_proves_absence(provider: str, emulator: Emulator) -> None:
    id, where = first(emulator, provider), region(emulator, provider)
    emulator.fault("error", code=GONE[provider])
    for use in (where.get, where.delete):
        with pytest.raises(NotFound) as caught:
            use(ElasticSearch, id)
        assert (caught.value.code, caught.value.resource) == (GONE[provider], id)
        assert caught.value.request_id


@both
def test_a_list_is_never_not_found(provider: str, emulator: Emulator) -> None:
    emulator.fault("error", code=GONE[provider])
    with pytest.raises(CloudError) as caught:
        region(emulator, provider).list(ElasticSearch)
    assert not isinstance(caught.value, NotFound)


@both
def test_an_id_that_never_was_is_not_found(provider: str, emulator: Emulator) -> None:
    with pytest.raises(NotFound) as caught:
        region(emulator, provider).get(ElasticSearch, "es-nosuchthing")
    assert caught.value.code == ("InstanceNotFound" if provider == "aliyun" else "")


def test_an_answer_about_another_id_is_malformed(emulator: Emulator) -> None:
    id, other, *_ = emulator.rows("aliyun", REGIONS["aliyun"])
    emulator.on("DescribeInstance", lambda call: call.path.update(InstanceId=other))
    with pytest.raises(MalformedResponse, match=f"the id {id} that was asked for"):
        region(emulator, "aliyun").get(ElasticSearch, id)


def test_an_answer_by_id_that_was_cut_short_proves_nothing(emulator: Emulator) -> None:
    """Its witness is in it, and a row that lives is not."""
    witness, living, *_ = emulator.rows("qcloud", REGIONS["qcloud"])
    emulator.on("DescribeInstances", lambda call: call.params.update(Limit=1))
    proofs = region(emulator, "qcloud").ask(ElasticSearch, [living, "es-00000000"], witness)
    assert {proof.state for proof in proofs.values()} == {"unknown"}


def test_an_id_cannot_leave_its_path(emulator: Emulator) -> None:
    with pytest.raises(NotFound):
        region(emulator, "aliyun").get(ElasticSearch, "../instances?size=100#x")
    assert actions(emulator) == ["DescribeInstance"]


# Where calls go.


@both
def test_loopback_never_goes_through_a_proxy(
    provider: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    where = region(emulator, provider, timeout=3)
    assert len(where.list(ElasticSearch)) == 12
    where.delete(ElasticSearch, first(emulator, provider))


@both
def test_other_hosts_go_through_the_proxy(provider: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            while not done.is_set():
                connection, _ = server.accept()
                with connection:
                    asked.append(connection.recv(1000))
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(ConnectFailed):
            region(emulator, provider, endpoint="https://gateway.invalid", timeout=1).list(ElasticSearch)
        done.set()
        socket.create_connection(server.getsockname()).close()
        thread.join(5)
    assert asked[0].startswith(b"CONNECT gateway.invalid:443 ")
    assert b"uthorization" not in asked[0]


@both
@pytest.mark.parametrize(
    "url",
    ["http://gateway.example.com", "http://10.0.0.1:8080", "http://localhost.example.com", "http://127.0.0.1.nip.io"],
)
def test_plain_http_on_another_machine_is_refused(provider: str, url: str, emulator: Emulator) -> None:
    with pytest.raises(UsageError, match="is plain http; use https, or --allow-http if you must"):
        account(emulator, provider, endpoint=url)
    assert account(emulator, provider, endpoint=url, allow_http=True).client.endpoint == url


@both
@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1", "http://x.localhost:1"])
def test_plain_http_on_this_machine_is_accepted(provider: str, url: str, emulator: Emulator) -> None:
    assert account(emulator, provider, endpoint=url).client.endpoint == url


@pytest.mark.parametrize(
    "url", ["gateway.example.com", "ftp://127.0.0.1", "https://", "https://u:p@h", "https://h?a=b"]
)
def test_what_is_no_base_url_is_refused(url: str, emulator: Emulator) -> None:
    with pytest.raises(UsageError, match="is no base URL"):
        account(emulator, "aliyun", endpoint=url)


HOSTS = {
    "aliyun": {
        "https://elasticsearch.cn-beijing.aliyuncs.com/",
        "https://elasticsearch.cn-hangzhou.aliyuncs.com/",
        "https://ecs.cn-hangzhou.aliyuncs.com/",
        "https://sts.aliyuncs.com/",
    },
    "qcloud": {
        "https://es.tencentcloudapi.com/",
        "https://region.tencentcloudapi.com/",
        "https://sts.tencentcloudapi.com/",
    },
}


@both
def test_without_an_endpoint_all_is_https(provider: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{provider.upper()}_ENDPOINT", "")
    urls: list[str] = []

    def capture(self: Session, request: Request, timeout: float, *, fresh: bool = False) -> Reply:
        urls.append(request.url)
        raise CloudError("captured")

    monkeypatch.setattr(Session, "send", capture)
    cloud = account(emulator, provider, endpoint="")
    where = cloud.region(REGIONS[provider])
    uses: list[Callable[[], object]] = [
        lambda: where.list(ElasticSearch),
        lambda: where.get(ElasticSearch, "es-x"),
        lambda: where.delete(ElasticSearch, "es-x"),
        cloud.regions,
        lambda: cloud.regions(ElasticSearch),
        cloud.caller_identity,
    ]
    for use in uses:
        with pytest.raises(CloudError, match="captured"):
            use()
    assert len(urls) == len(uses)
    assert {"/".join(url.split("/")[:3]) + "/" for url in urls} == HOSTS[provider]


# Regions.


@both
def test_an_unknown_region_names_near_matches(provider: str, emulator: Emulator) -> None:
    known = REGIONS[provider]
    where = region(emulator, provider, known.replace("beijing", "bejing"))
    uses: list[Callable[[], object]] = [
        lambda: where.list(ElasticSearch),
        lambda: where.page(ElasticSearch),
        lambda: where.window(ElasticSearch, offset=0, limit=5),
    ]
    for use in uses:
        with pytest.raises(UnknownRegion, match=rf"no such region.*; did you mean {known}") as caught:
            use()
        assert caught.value.exit_code == 2


@both
def test_a_region_whose_host_does_not_resolve_is_unknown(
    provider: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Session.send

    def resolve(self: Session, request: Request, timeout: float, *, fresh: bool = False) -> Reply:
        if "cn-bejing" in str(request) or "ap-bejing" in str(request):
            raise HostNotFound("the name does not resolve", sent=False)
        return send(self, request, timeout, fresh=fresh)

    monkeypatch.setattr(Session, "send", resolve)
    where = region(emulator, provider, REGIONS[provider].replace("beijing", "bejing"), timeout=0.2)
    uses: list[Callable[[], object]] = [
        lambda: where.list(ElasticSearch),
        lambda: where.page(ElasticSearch),
        lambda: where.get(ElasticSearch, "es-x"),
        lambda: where.delete(ElasticSearch, "es-x"),
    ]
    for use in uses:
        with pytest.raises(UnknownRegion, match="no such region"):
            use()


@both
def test_a_region_that_lacks_the_service(provider: str, emulator: Emulator) -> None:
    lacking = {"aliyun": "ap-southeast-1", "qcloud": "ap-singapore"}[provider]
    service = {"aliyun": "elasticsearch", "qcloud": "es"}[provider]
    offered = [id for id in emulator.world.regions[provider] if id != lacking]
    emulator.world.service_regions[provider, service] = offered
    for id in list(emulator.rows(provider, lacking)):
        emulator.table(provider, lacking).remove(id)
    cloud = account(emulator, provider)
    assert [info.id for info in cloud.regions(ElasticSearch)] == offered
    assert lacking in [info.id for info in cloud.regions()]
    with pytest.raises(UnknownRegion):
        cloud.region(lacking).list(ElasticSearch)


@both
def test_a_region_without_rows_is_empty(provider: str, emulator: Emulator) -> None:
    for id in list(emulator.rows(provider, REGIONS[provider])):
        emulator.table(provider, REGIONS[provider]).remove(id)
    where = region(emulator, provider)
    assert where.list(ElasticSearch) == []
    assert where.page(ElasticSearch).total == 0
    assert actions(emulator) == [LIST[provider], "DescribeRegions", LIST[provider]]  # the region list is asked once


@both
def test_an_empty_region_list(provider: str, emulator: Emulator) -> None:
    emulator.world.service_regions[provider, {"aliyun": "elasticsearch", "qcloud": "es"}[provider]] = []
    cloud = account(emulator, provider)
    assert list(cloud.regions(ElasticSearch)) == []
    assert len(cloud.regions()) == 5
    with pytest.raises(UnknownRegion, match=r"no such region for elastic-search$"):
        cloud.check_region(REGIONS[provider], ElasticSearch)


# What rows say.


@both
def test_junk_expiry_dates_are_none(provider: str, emulator: Emulator) -> None:
    rows = region(emulator, provider).list(ElasticSearch)
    postpaid = [row for row in rows if row.billing_type == "postpaid"]
    prepaid = [row for row in rows if row.billing_type == "prepaid"]
    raw = emulator.rows(provider, REGIONS[provider])
    key = {"aliyun": "endTime", "qcloud": "Deadline"}[provider]
    assert len(postpaid) == 10
    assert all(raw[row.external_id][key] for row in postpaid), "the cloud sends a date all the same"
    assert [row.expired_at for row in postpaid] == [None] * 10
    assert len(prepaid) == 2
    assert all(row.expired_at and row.expired_at > datetime(2026, 1, 1, tzinfo=UTC) for row in prepaid)


def test_tencent_s_words_for_no_date_are_none(emulator: Emulator) -> None:
    rows = emulator.rows("qcloud", "ap-beijing")
    id = next(id for id, row in rows.items() if row["ChargeType"] == "PREPAID")
    emulator.table("qcloud", "ap-beijing").patch(id, {"Deadline": "0000-00-00 00:00:00"})
    assert region(emulator, "qcloud").get(ElasticSearch, id).expired_at is None


def test_tencent_s_times_are_beijing_s(emulator: Emulator) -> None:
    id = first(emulator, "qcloud")
    emulator.table("qcloud", "ap-beijing").patch(id, {"CreateTime": "2024-03-01 04:30:00"})
    created = region(emulator, "qcloud").get(ElasticSearch, id).created_at
    assert created == datetime(2024, 2, 29, 20, 30, tzinfo=UTC)
    assert created.utcoffset() == timedelta(0)


@both
def test_a_log_never_shows_secrets(provider: str, emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    where = region(emulator, provider)
    where.list(ElasticSearch)
    where.delete(ElasticSearch, first(emulator, provider))
    assert LIST[provider] in caplog.text
    signatures = [
        call.headers["Authorization"].rpartition("=")[2] for call in emulator.requests if provider == "qcloud"
    ]
    signatures += [call.headers["Authorization"].split(":")[-1] for call in emulator.requests if provider == "aliyun"]
    for hidden in ("Authorization", emulator.world.of(provider)[0].secret, *signatures):
        assert hidden not in caplog.text


def test_a_log_never_shows_the_signature_of_a_query(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    """Alibaba Cloud's RPC calls have key id and signature in their URL."""
    caplog.set_level(logging.DEBUG)
    assert account(emulator, "aliyun").caller_identity().account_id
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name == "cloudmux_py")
    assert "GetCallerIdentity" in ours
    for hidden in ("Signature", "AccessKeyId", emulator.access_key):
        assert hidden not in ours


THREADS = """
import sys, threading
from cloudmux_py import connect
barrier, found = threading.Barrier(20), []

def use(number):
    provider, region, key, secret = CLOUDS[number % 2]
    barrier.wait()
    found.append(len(list(connect(provider, access_key=key, secret=secret, endpoint=URL).region(region)
                          .iter_elastic_searchs())))

threads = [threading.Thread(target=use, args=(number,), daemon=True) for number in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert found == [12] * 20, found
"""


def test_twenty_threads_that_are_the_first_do_not_hang(emulator: Emulator) -> None:
    clouds = [
        ("aliyun", "cn-beijing", emulator.access_key, emulator.secret),
        ("qcloud", "ap-beijing", emulator.secret_id, emulator.secret_key),
    ]
    script = f"CLOUDS = {clouds!r}\nURL = {emulator.url!r}\n{THREADS}"
    done = subprocess.run(
        [sys.executable, "-c", script], timeout=30, capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
