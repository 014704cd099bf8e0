"""Kafka on both clouds: what the two APIs make a trap of, over HTTP against the emulator."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.aliyun import kafka as aliyun
from cloudmux_py.cloudprovider.errors import (
    CloudError,
    Conflict,
    HostNotFound,
    NotFound,
    Refused,
    UnknownRegion,
    UsageError,
    WaitTimeout,
)
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.wire import Call
from cloudmux_py.engine.http import Reply, Request, Session
from cloudmux_py.engine.raw import Raw
from cloudmux_py.engine.region import Region
from cloudmux_py.engine.retry import Clock
from cloudmux_py.qcloud import kafka as qcloud
from cloudmux_py.resources.kafka import Kafka

from ..e2e.test_cloudcli import Cli

REGIONS = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}
FINAL = DeleteOptions(final=True)


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(instances=45) as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


def region(emulator: Emulator, provider: str, id: str = "") -> Region:
    keys = emulator.world.of(provider)[0]
    cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
    return cloud.region(id or REGIONS[provider])


def some(emulator: Emulator, provider: str, number: int, **changes: Any) -> str:
    """The id of a seeded row, changed."""
    id = list(emulator.rows(provider, REGIONS[provider], "kafka"))[number]
    emulator.table(provider, REGIONS[provider], "kafka").patch(id, changes)
    return id


def sent(emulator: Emulator) -> list[str]:
    """The calls that change something."""
    return [r.action for r in emulator.requests if not r.action.startswith(("Get", "Describe"))]


def hurry(emulator: Emulator, *actions: str) -> None:
    """What the cloud does within seconds is done at once."""

    def shift(call: Call) -> None:
        table, now = call.table("kafka"), emulator.clock.now()
        table._due = [(now if at < now + 10 else at, id, change) for at, id, change in table._due]

    for action in actions:
        emulator.on(f"after {action}", shift)


def quicken(where: Region, emulator: Emulator, provider: str) -> None:
    """Waiting takes no time: it brings forward what is due in the cloud."""
    passed, table = [0.0], emulator.table(provider, where.id, "kafka")

    def sleep(seconds: float) -> None:
        passed[0] += seconds
        table._due = [(at - seconds, id, change) for at, id, change in table._due]

    where.account.client.clock = Clock(now=lambda: passed[0], sleep=sleep)


# aliyun: one reply, released rows, errors with HTTP 200.


def test_one_reply_holds_the_whole_region_but_what_was_released(emulator: Emulator) -> None:
    where, held = region(emulator, "aliyun"), emulator.rows("aliyun", "cn-hangzhou", "kafka")
    released = [id for id, row in held.items() if row["ServiceStatus"] == 10]
    rows = where.list(Kafka)
    assert len(released) == 2
    assert {row.external_id for row in rows} == held.keys() - set(released)
    assert [r.action for r in emulator.requests] == ["GetInstanceList"]
    with pytest.raises(NotFound) as caught:
        where.get(Kafka, released[0])
    assert caught.value.code == "released (ServiceStatus 10, ViewInstanceStatusCode 6)"
    proof = where.ask(Kafka, [released[0]], rows[0].external_id)[released[0]]
    assert (proof.state, proof.strength) == ("gone", "strong")


def forget_ids(call: Call) -> None:
    call.params = {name: value for name, value in call.params.items() if not name.startswith("InstanceId.")}


def test_ids_that_the_cloud_ignores_are_matched_here(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 4)
    witness = some(emulator, "aliyun", 0)
    emulator.on("GetInstanceList", forget_ids)
    assert where.get(Kafka, id).external_id == id
    with pytest.raises(NotFound) as caught:
        where.get(Kafka, "alikafka_post-cn-0")
    assert not caught.value.code
    proofs = where.ask(Kafka, ["alikafka_post-cn-0", id], witness)
    assert [(proof.state, proof.strength) for proof in proofs.values()] == [("gone", "weak"), ("alive", "")]


def test_ids_count_from_one() -> None:
    assert aliyun.numbered(["a", "b"]) == {"InstanceId.1": "a", "InstanceId.2": "b"}


def test_a_failure_with_http_200_and_a_number_is_one(emulator: Emulator) -> None:
    where, busy = region(emulator, "aliyun"), some(emulator, "aliyun", 3)
    with pytest.raises(CloudError, match="being changed") as caught:
        where.delete(Kafka, busy)
    assert (caught.value.code, emulator.requests[-1].status) == ("400", 200)


@pytest.mark.parametrize(
    ("view", "service", "status"),
    [
        (0, 0, "creating"),
        (2, 5, "available"),
        (4, 5, "available"),
        (30, 30, "change_config"),
        (None, 15, "unavailable"),
        (3, 15, "unavailable"),
        (23, 15, "deleting"),
        (6, 15, "deleting"),  # released, and its second call is due
        (101, 5, "unavailable"),
        (None, 7, "change_config"),
        (99, 5, "99"),
        (None, None, "unknown"),
    ],
)
def test_status_words(view: int | None, service: int | None, status: str) -> None:
    row = Raw({"ViewInstanceStatusCode": view, "ServiceStatus": service})
    assert aliyun.status_of(row) == status
    assert aliyun.gone_as(row) == ""


def test_what_a_row_says() -> None:
    file = Path(__file__).parent.parent / "data/aliyun/kafka/list.json"
    rows = [aliyun.parse(raw) for raw in Raw(json.loads(file.read_text("utf-8"))).each("InstanceList.InstanceVO")]
    first, prepaid, serverless = rows[0], rows[2], rows[3]
    assert (first.zone_id, first.project_id) == ("cn-hangzhou-k", "rg-acfmexample0001")
    assert (first.msg_retention_minute, first.bandwidth_mb, first.storage_type) == (72 * 60, 480, "cloud_ssd")
    assert first.created_at == datetime(2024, 4, 25, 7, 15, tzinfo=UTC)
    assert (first.billing_type, first.expired_at) == ("postpaid", None)
    assert first.sys_tags == {"acs:rm:rgId": "rg-acfmexample0001"}
    assert (prepaid.billing_type, prepaid.zone_id) == ("prepaid", None)
    assert prepaid.expired_at == datetime(2024, 6, 30, 16, tzinfo=UTC)
    assert (serverless.billing_type, serverless.disk_size_gb) == ("postpaid", None)


# aliyun: the release in two steps.


def test_a_release_takes_two_posts_each_sent_once(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 0)
    quicken(where, emulator, "aliyun")
    assert where.delete(Kafka, id).ends == "gone"
    assert where.wait_gone(Kafka, id, 60) == "gone"
    steps = [r for r in emulator.requests if r.action in {"ReleaseInstance", "DeleteInstance"}]
    assert [(r.action, r.method, r.params["InstanceId"]) for r in steps] == [
        ("ReleaseInstance", "POST", id),
        ("DeleteInstance", "POST", id),
    ]
    assert steps[0].params["ForceDeleteInstance"] == "true"
    assert emulator.rows("aliyun", where.id, "kafka")[id]["ServiceStatus"] == 10, "it is listed for a while"


def test_the_second_call_waits_for_the_first(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 0)
    assert where.watch(Kafka, id)[1] is False
    where.delete(Kafka, id)
    assert where.watch(Kafka, id)[1] is False
    with pytest.raises(Conflict) as caught:
        where.follow(Kafka, id)
    assert caught.value.code == "InstanceStatus.NotReleased"
    emulator.clock.advance(5)
    found, due = where.watch(Kafka, id)
    assert (found.status, due) == ("deleting", True)


@pytest.mark.parametrize(
    ("fault", "outcome", "calls"),
    [
        ({"kind": "error", "code": "InstanceStatus.NotReleased"}, Conflict, 1),
        ({"kind": "error", "code": "InternalError", "status": 500}, WaitTimeout, 1),
        ({"kind": "reset-after"}, None, 1),
        ({"kind": "throttle", "times": 1}, None, 2),  # was certainly not done: sent anew
    ],
    ids=["refused", "server-fault", "answer-lost", "throttled"],
)
def test_a_second_call_that_fails_is_not_repeated(
    fault: dict[str, Any], outcome: type[Exception] | None, calls: int, emulator: Emulator
) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 0)
    quicken(where, emulator, "aliyun")
    where.delete(Kafka, id)
    emulator.fault(action="DeleteInstance", **fault)
    if outcome is None:
        assert where.wait_gone(Kafka, id, 60) == "gone"
    else:
        with pytest.raises(outcome):
            where.wait_gone(Kafka, id, 60)
    assert sent(emulator) == ["ReleaseInstance", *["DeleteInstance"] * calls]


def test_neither_step_can_be_a_get(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 0)
    for action in ("ReleaseInstance", "DeleteInstance"):
        with pytest.raises(CloudError) as caught:
            where.account.client.call(aliyun.api(action), {"InstanceId": id}, where.id)
        assert caught.value.code == "UnsupportedHTTPMethod"


@pytest.mark.parametrize(("paid", "reason"), [(0, "prepaid"), (2, "PaidType 2"), (None, "PaidType None")])
def test_what_is_not_paid_by_use_is_refused_here(paid: int | None, reason: str, emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 0, PaidType=paid)
    assert reason in where.refusal(Kafka, id)[1]


@pytest.mark.parametrize(
    ("number", "changes", "code"),
    [
        (0, {"PaidType": 0}, "BIZ_INSTANCE_PAIDTYPE_NOT_SUPPORT"),
        (6, {}, "BIZ_INSTANCE_RELEASE_EXIST_TOPIC_ERROR"),
        (0, {"ViewInstanceStatusCode": 23}, "InstanceStatus.Released"),
    ],
)
def test_the_cloud_s_refusals_are_conflicts(
    number: int, changes: dict[str, Any], code: str, emulator: Emulator
) -> None:
    id = some(emulator, "aliyun", number, **changes)
    with pytest.raises(Conflict) as caught:
        region(emulator, "aliyun").delete(Kafka, id)
    assert caught.value.code == code


def test_a_region_without_the_service_has_no_host(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Session.send

    def resolve(self: Session, request: Request, timeout: float, *, fresh: bool = False) -> Reply:
        if "GetInstanceList" in str(request):
            raise HostNotFound("the name does not resolve", sent=False)
        return send(self, request, timeout, fresh=fresh)

    monkeypatch.setattr(Session, "send", resolve)
    monkeypatch.setitem(emulator.world.regions, "aliyun", ["cn-hangzhou", "ap-southeast-2"])
    with pytest.raises(UnknownRegion, match="does not offer this here"):
        region(emulator, "aliyun", "ap-southeast-2").list(Kafka)
    with pytest.raises(HostNotFound):
        region(emulator, "aliyun").list(Kafka)


# aliyun: through the program.


@pytest.fixture
def cli(emulator: Emulator, tmp_path: Path) -> Cli:
    return Cli(emulator, tmp_path)


def test_kafka_delete_waits_through_both_steps(emulator: Emulator, cli: Cli) -> None:
    id = some(emulator, "aliyun", 0)
    hurry(emulator, "ReleaseInstance", "DeleteInstance")
    done = cli("kafka-delete", id, "--wait", "--yes", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert [row["result"] for row in json.loads(done.stdout)["data"]] == ["gone"]
    assert sent(emulator) == ["ReleaseInstance", "DeleteInstance"]
    assert cli("kafka-show", id).returncode == 3


def test_kafka_delete_without_waiting_tells_of_the_second_step(emulator: Emulator, cli: Cli) -> None:
    done = cli("kafka-delete", some(emulator, "aliyun", 0), "--yes", "-o", "json")
    (row,) = json.loads(done.stdout)["data"]
    assert (row["result"], "--wait" in row["note"]) == ("accepted", True)
    assert sent(emulator) == ["ReleaseInstance"]


def test_kafka_delete_refuses_what_is_prepaid(emulator: Emulator, cli: Cli) -> None:
    done = cli("kafka-delete", some(emulator, "aliyun", 1), some(emulator, "aliyun", 0), "--yes")
    assert (done.returncode, sent(emulator)) == (6, [])
    assert "prepaid" in done.stderr


# qcloud.


def test_pages_have_twenty_rows(emulator: Emulator) -> None:
    where, held = region(emulator, "qcloud"), emulator.rows("qcloud", "ap-guangzhou", "kafka")
    rows = where.list(Kafka)
    assert [r.params["Limit"] for r in emulator.requests] == [20, 20, 20]
    assert {row.external_id for row in rows} == {id for id, row in held.items() if row["Status"] != 3}
    with pytest.raises(UsageError):
        where.page(Kafka, size=21)
    with pytest.raises(CloudError) as caught:
        where.account.client.call(qcloud.BINDING.list, {"Offset": 0, "Limit": 21}, where.id)
    assert caught.value.code == "InvalidParameterValue"


def test_a_deleted_row_that_is_still_listed_is_gone(emulator: Emulator) -> None:
    with pytest.raises(NotFound) as caught:
        region(emulator, "qcloud").get(Kafka, some(emulator, "qcloud", 39))
    assert caught.value.code == "deleted (Status 3)"


def test_what_a_list_does_not_tell_comes_with_a_second_call(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 1, MsgRetentionTime=4320)
    listed = next(row for row in where.list(Kafka) if row.external_id == id)
    emulator.requests.clear()
    got = where.get(Kafka, id)
    assert [r.action for r in emulator.requests] == ["DescribeInstancesDetail", "DescribeInstanceAttributes"]
    assert (listed.msg_retention_minute, got.msg_retention_minute) == (None, 4320)
    assert listed.billing_type == got.billing_type == "prepaid"
    assert listed.expired_at == got.expired_at == datetime(2027, 3, 17, 16, tzinfo=UTC)
    assert listed.zone_id
    assert listed.zone_id.startswith("ap-guangzhou-")


@pytest.mark.parametrize(
    ("charge", "expires", "options", "status", "action", "ends"),
    [
        ("POSTPAID_BY_HOUR", 0, DEFAULTS, 1, "DeleteInstancePost", "gone"),
        ("POSTPAID_BY_HOUR", 1805299200, DEFAULTS, 1, "DeleteInstancePost", "gone"),
        ("PREPAID", 1805299200, DEFAULTS, 1, "IsolatedInstancePre", "isolated"),
        ("PREPAID", 0, DEFAULTS, 1, "IsolatedInstancePre", "isolated"),
        ("PREPAID", 1805299200, FINAL, 5, "DeleteInstancePre", "gone"),
        ("POSTPAID_BY_HOUR", 0, FINAL, 5, "DeleteInstancePost", "gone"),
    ],
)
def test_how_it_is_paid_chooses_the_call(
    charge: str, expires: int, options: DeleteOptions, status: int, action: str, ends: str, emulator: Emulator
) -> None:
    changes = {"InstanceChargeType": charge, "ExpireTime": expires, "Status": status}
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 0, **changes)
    assert where.refusal(Kafka, id, options)[1] == ""
    assert where.delete(Kafka, id, options).ends == ends
    assert sent(emulator) == [action]


def test_a_final_deletion_ends_when_it_is_gone(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 1)
    quicken(where, emulator, "qcloud")
    assert where.delete(Kafka, id).note.startswith("in the recycle bin for 7 days")
    assert where.wait_gone(Kafka, id) == "isolated"
    assert "recycle bin" in where.refusal(Kafka, id)[1]
    where.delete(Kafka, id, FINAL)
    assert where.wait_gone(Kafka, id, final=True) == "gone"
    assert sent(emulator) == ["IsolatedInstancePre", "DeleteInstancePre"]


@pytest.mark.parametrize("charge", ["CDHPAID", ""])
def test_without_a_known_charge_type_nothing_is_sent(charge: str, emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 0, InstanceChargeType=charge)
    assert "how it is paid" in where.refusal(Kafka, id)[1]
    with pytest.raises(Refused):
        where.delete(Kafka, id)
    assert sent(emulator) == []


def test_protection_is_seen_before_the_cloud_is_asked(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 10)
    assert "protection" in where.refusal(Kafka, id)[1]
    with pytest.raises(CloudError) as caught:
        where.delete(Kafka, id)
    assert caught.value.code == "FailedOperation"


def test_a_return_code_that_is_none_of_success_is_a_failure() -> None:
    reply = Raw({"Result": {"ReturnCode": "4000", "ReturnMessage": "cannot be isolated", "Data": None}})
    with pytest.raises(CloudError, match="cannot be isolated") as caught:
        qcloud.ends(reply, DEFAULTS)
    assert caught.value.code == "4000"
