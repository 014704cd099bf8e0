"""Traps of VSwitches and subnets, over HTTP against the emulator."""

from collections.abc import Iterator

import pytest

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import Conflict, Denied, NotFound
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.region import Region
from cloudmux_py.resources.network import Network
from cloudmux_py.resources.vpc import Vpc

REGIONS = {"aliyun": "cn-beijing", "qcloud": "ap-beijing"}
DELETE = {"aliyun": "DeleteVSwitch", "qcloud": "DeleteSubnet"}

both = pytest.mark.parametrize("provider", tuple(REGIONS))


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


def own(emulator: Emulator) -> str:
    """A VSwitch that may be deleted."""
    rows = emulator.rows("aliyun", REGIONS["aliyun"], "network").values()
    return next(str(row["VSwitchId"]) for row in rows if not row["ShareType"] and row["Status"] == "Available")


def actions(emulator: Emulator) -> list[str]:
    return [request.action for request in emulator.requests]


@pytest.mark.parametrize("kind", ["Shared", "Sharing"])
def test_a_shared_vswitch_is_never_offered_for_deletion(kind: str, emulator: Emulator) -> None:
    rows = emulator.rows("aliyun", REGIONS["aliyun"], "network").values()
    shared = next(row for row in rows if row["ShareType"] == kind)
    found, reason = region(emulator, "aliyun").refusal(Network, shared["VSwitchId"])
    assert found.is_shared
    assert "share" in reason
    assert str(shared["OwnerId"]) in reason


def test_a_vswitch_of_another_account_is_denied_by_the_cloud_too(emulator: Emulator) -> None:
    rows = emulator.rows("aliyun", REGIONS["aliyun"], "network").values()
    foreign = next(row for row in rows if row["OwnerId"] != int(emulator.world.of("aliyun")[0].account_id))
    with pytest.raises(Denied):
        region(emulator, "aliyun").delete(Network, foreign["VSwitchId"])


def test_a_vswitch_that_is_being_deleted_is_pending_and_not_deleted_again(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), own(emulator)
    where.delete(Network, id)
    found, reason = where.refusal(Network, id)
    assert found.status == "pending"
    assert "Pending" in reason
    with pytest.raises(Conflict) as caught:
        where.delete(Network, id)
    assert caught.value.code == "IncorrectVSwitchStatus"
    emulator.clock.advance(10)
    with pytest.raises(NotFound):
        where.get(Network, id)
    with pytest.raises(NotFound) as gone:
        where.delete(Network, id)
    assert gone.value.code == "InvalidVSwitchId.NotFound"


def test_every_vswitch_call_names_its_region(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    id = own(emulator)
    where.list(Network)
    where.ask(Network, ["vsw-bp1gone"], id)
    where.delete(Network, id)
    assert {request.params.get("RegionId") for request in emulator.requests} == {"cn-beijing"}


def test_subnets_page_by_texts(emulator: Emulator) -> None:
    assert len(region(emulator, "qcloud").list(Network)) == 120
    pages = [(request.params["Offset"], request.params["Limit"]) for request in emulator.requests]
    assert len(pages) == 2
    # The emulator turned them into numbers after it had checked that they came as texts.
    assert [tuple(map(int, page)) for page in pages] == [(0, 100), (100, 100)]


def test_one_unknown_subnet_does_not_hide_the_others(emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    first, second = list(emulator.rows("qcloud", where.id, "network"))[:2]
    proofs = where.ask(Network, ["subnet-00000000", second], first)
    assert (proofs["subnet-00000000"].strength, proofs[second].state) == ("weak", "alive")
    (request,) = emulator.requests
    assert "Filters" in request.params
    assert "SubnetIds" not in request.params
    with pytest.raises(NotFound) as caught:
        where.get(Network, "subnet-00000000")
    assert caught.value.code == "ResourceNotFound"


def test_a_subnet_in_use_is_a_conflict(emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    used = next(row.external_id for row in where.list(Network) if (row.available_ip_count or 0) < 253)
    with pytest.raises(Conflict) as caught:
        where.delete(Network, used)
    assert caught.value.code == "ResourceInUse"
    assert where.get(Network, used).external_id == used


@both
def test_a_vpc_goes_only_after_its_subnets(provider: str, emulator: Emulator) -> None:
    where = region(emulator, provider)
    inside = [row for row in where.list(Network) if row.vpc_id == where.list(Vpc)[1].external_id]
    vpc = inside[0].vpc_id
    assert vpc
    with pytest.raises(Conflict):
        where.delete(Vpc, vpc)
    for row in inside:
        emulator.table(provider, where.id, "network").remove(row.external_id)
    where.delete(Vpc, vpc)
    emulator.clock.advance(60)
    with pytest.raises(NotFound):
        where.get(Vpc, vpc)


@both
def test_a_deletion_is_one_request(provider: str, emulator: Emulator) -> None:
    where = region(emulator, provider)
    id = own(emulator) if provider == "aliyun" else list(emulator.rows(provider, where.id, "network"))[1]
    where.delete(Network, id)
    assert actions(emulator) == [DELETE[provider]]
