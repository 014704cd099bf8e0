"""Traps of elastic IP addresses, over HTTP against the emulator."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import Conflict, NotFound, Refused
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.region import Region
from cloudmux_py.resources.eip import Eip

REGIONS = {"aliyun": "cn-beijing", "qcloud": "ap-beijing"}
RELEASE = {"ReleaseEipAddress", "ReleaseAddresses"}
FINAL = DeleteOptions(final=True)
PREPAID = "BANDWIDTH_PREPAID_BY_MONTH"

Row = dict[str, Any]


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(instances=120) as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


def region(emulator: Emulator, provider: str) -> Region:
    keys = emulator.world.of(provider)[0]
    cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
    return cloud.region(REGIONS[provider])


def pick(emulator: Emulator, provider: str, fits: Callable[[Row], bool]) -> str:
    rows = emulator.rows(provider, REGIONS[provider], "eip")
    return next(id for id, row in rows.items() if fits(row))


def free(row: Row) -> bool:
    """A postpaid address of Alibaba Cloud that may be released."""
    return bool(
        row["Status"] == "Available"
        and row["ChargeType"] == "PostPaid"
        and not row["SegmentInstanceId"]
        and not row["DeletionProtection"]
    )


def prepaid(row: Row) -> bool:
    """An unbound prepaid address of Tencent Cloud that is not isolated."""
    return bool(row["InternetChargeType"] == PREPAID and row["AddressStatus"] == "UNBIND" and not row["IsArrears"])


def released(emulator: Emulator) -> list[Any]:
    return [request.params for request in emulator.requests if request.action in RELEASE]


# Alibaba Cloud.


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"Status": "InUse", "InstanceId": "i-bp1x"}, "i-bp1x"),
        ({"Status": "Associating"}, "unbind it first"),
        ({"ServiceManaged": 1}, "manages it"),
        ({"SegmentInstanceId": "eipsg-bp1x"}, "eipsg-bp1x"),
        ({"DeletionProtection": True}, "protection"),
        ({"ChargeType": "PrePaid"}, "prepaid"),
        ({"ChargeType": "Rented"}, "Rented"),
        ({"ChargeType": None}, "unknown billing"),
    ],
)
def test_what_alibaba_cloud_would_not_release_is_refused(change: Row, word: str, emulator: Emulator) -> None:
    id = pick(emulator, "aliyun", free)
    where = region(emulator, "aliyun")
    assert not where.refusal(Eip, id)[1]
    emulator.table("aliyun", where.id, "eip").patch(id, change)
    assert word in where.refusal(Eip, id)[1]


@pytest.mark.parametrize(
    ("fits", "code"),
    [
        (lambda row: row["Status"] == "InUse", "IncorrectEipStatus"),
        (lambda row: row["DeletionProtection"], "InvalidOperation.DeletionProtection"),
        (lambda row: row["SegmentInstanceId"], "Forbidden.ReleaseSegmentEip"),
        (lambda row: row["ChargeType"] == "PrePaid", "Forbidden.ChargeTypeIsPrepaid"),
    ],
)
def test_the_refusals_of_alibaba_cloud_are_conflicts(
    fits: Callable[[Row], bool], code: str, emulator: Emulator
) -> None:
    with pytest.raises(Conflict) as caught:
        region(emulator, "aliyun").delete(Eip, pick(emulator, "aliyun", fits))
    assert caught.value.code == code


def test_expiry_is_shown_only_where_it_is_prepaid(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), pick(emulator, "aliyun", free)
    table = emulator.table("aliyun", where.id, "eip")
    table.patch(id, {"ExpiredTime": "2099-12-31T15:59Z"})
    assert where.get(Eip, id).expired_at is None
    table.patch(id, {"ChargeType": "PrePaid", "Bandwidth": ""})
    found = where.get(Eip, id)
    assert (found.expired_at, found.bandwidth) == (datetime(2099, 12, 31, 15, 59, tzinfo=UTC), None)


def test_a_server_is_no_address_of_alibaba_cloud(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    for use in (where.refusal, where.delete):
        with pytest.raises(NotFound):
            use(Eip, "i-bp1example0001abcdefg")
    assert not released(emulator)


# Tencent Cloud.


@pytest.mark.parametrize("kind", ["WanIP", "CalcIP"])
def test_the_own_address_of_a_server_reaches_no_release(kind: str, emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    table = emulator.table("qcloud", where.id, "eip")
    id = pick(emulator, "qcloud", lambda row: row["AddressStatus"] == "UNBIND")
    table.patch(id, {"AddressType": kind, "InternetChargeType": None, "IsArrears": False})
    assert id not in [row.external_id for row in where.list(Eip)]
    assert "server" in where.refusal(Eip, id)[1]
    with pytest.raises(Conflict, match="server"):
        where.delete(Eip, id)
    assert not released(emulator)


def test_a_postpaid_address_is_released_by_one_call(emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    id = pick(emulator, "qcloud", lambda row: row["AddressStatus"] == "UNBIND" and row["InternetChargeType"] != PREPAID)
    where.delete(Eip, id)
    assert where.get(Eip, id).status == "deleting"
    emulator.clock.advance(10)
    with pytest.raises(NotFound):
        where.get(Eip, id)
    assert released(emulator) == [{"AddressIds": [id]}]


def test_a_prepaid_address_is_isolated_and_destroyed_only_by_a_final_deletion(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), pick(emulator, "qcloud", prepaid)
    assert "without --final" in where.refusal(Eip, id, FINAL)[1]
    with pytest.raises(Refused, match="without --final"):
        where.delete(Eip, id, FINAL)
    where.delete(Eip, id)
    assert where.get(Eip, id).status == "ready"  # the cloud takes its time
    emulator.clock.advance(10)
    found = where.get(Eip, id)
    assert (found.status, found.billing_type, found.auto_renew) == ("isolated", "prepaid", True)
    assert where.wait_gone(Eip, id) == "isolated"
    assert len(released(emulator)) == 1

    # Whoever comes second, having looked before, must not destroy what the first one isolated.
    assert "--final" in where.refusal(Eip, id)[1]
    with pytest.raises(Refused, match="recycle bin"):
        where.delete(Eip, id)
    assert len(released(emulator)) == 1

    assert not where.refusal(Eip, id, FINAL)[1]
    where.delete(Eip, id, FINAL)
    emulator.clock.advance(10)
    with pytest.raises(NotFound):
        where.get(Eip, id)
    assert released(emulator) == [{"AddressIds": [id]}] * 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"AddressStatus": "BIND", "InstanceId": "ins-1"}, "ins-1"),
        ({"AddressStatus": "BIND_ENI"}, "BIND_ENI"),
        ({"AddressStatus": "CREATING"}, "CREATING"),
        ({"InternetChargeType": "TOP5_PERCENT"}, "TOP5_PERCENT"),
    ],
)
def test_what_tencent_cloud_would_not_release_is_refused(change: Row, word: str, emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), pick(emulator, "qcloud", prepaid)
    assert not where.refusal(Eip, id)[1]
    emulator.table("qcloud", where.id, "eip").patch(id, change)
    assert word in where.refusal(Eip, id)[1]


def test_the_status_says_what_is_bound_not_a_stale_id(emulator: Emulator) -> None:
    stale = pick(emulator, "qcloud", lambda row: row["AddressStatus"] == "UNBIND" and row["InstanceId"])
    bound = pick(emulator, "qcloud", lambda row: row["AddressStatus"] == "BIND")
    where = region(emulator, "qcloud")
    assert (where.get(Eip, stale).associate_id, where.get(Eip, stale).associate_type) == (None, None)
    assert where.get(Eip, bound).associate_type == "server"
    with pytest.raises(Conflict) as caught:
        where.delete(Eip, bound)
    assert caught.value.code == "InvalidAddressState"


def test_ids_are_looked_up_with_the_largest_limit(emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    ids = list(emulator.rows("qcloud", where.id, "eip"))[:60]
    proofs = where.ask(Eip, [*ids[1:], "eip-00000000"], ids[0])
    assert {proofs[id].state for id in ids[1:]} == {"alive"}
    assert (proofs["eip-00000000"].state, proofs["eip-00000000"].strength) == ("gone", "weak")
    (request,) = emulator.requests
    assert (request.params["Offset"], request.params["Limit"]) == (0, 100)
    assert "Filters" not in request.params


def test_an_unnamed_address_shows_its_id(emulator: Emulator) -> None:
    id = pick(emulator, "qcloud", lambda row: row["AddressName"] == "未命名")
    found: ICloudResource = region(emulator, "qcloud").get(Eip, id)
    assert found.name == id
