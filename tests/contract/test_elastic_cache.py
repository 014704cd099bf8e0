"""What the clouds make a trap of with caches, over HTTP against the emulator."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from climc_py.models import row as rows
from climc_py.models import task as tasks
from climc_py.store.query import find
from climc_py.tasks.delete import Clouds, Deletion, Outcome, plan, validate
from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import CloudError, Conflict, NotFound, Refused
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.state import Row
from cloudmux_py.engine.region import Region
from cloudmux_py.resources.elastic_cache import ElasticCache

from ..conftest import World

KIND = "elastic_cache"
REGIONS = {"aliyun": "cn-beijing", "qcloud": "ap-beijing"}
FINAL = DeleteOptions(final=True)

both = pytest.mark.parametrize("provider", REGIONS)


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(instances=60) as started:
        yield started


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    running.reset()
    return running


def region(emulator: Emulator, provider: str) -> Region:
    keys = emulator.world.of(provider)[0]
    account = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
    return account.region(REGIONS[provider])


def ids(emulator: Emulator, provider: str, wanted: Callable[[Row], bool]) -> list[str]:
    """The ids of the emulated rows that are wanted."""
    return [id for id, row in emulator.rows(provider, REGIONS[provider], KIND).items() if wanted(row)]


def patch(emulator: Emulator, provider: str, id: str, **changes: Any) -> None:
    emulator.table(provider, REGIONS[provider], KIND).patch(id, changes)


def sent(emulator: Emulator, *actions: str) -> list[str]:
    return [request.action for request in emulator.requests if request.action in actions]


def refusal(where: Region, id: str, options: DeleteOptions = DEFAULTS) -> str:
    return where.refusal(ElasticCache, id, options)[1]


def plain(row: Row) -> bool:
    """Postpaid and free to go, on either cloud."""
    if "ChargeType" in row:
        free = not row["InstanceReleaseProtection"] and not row["GlobalInstanceId"]
        return bool(row["ChargeType"] == "PostPaid" and row["InstanceStatus"] == "Normal" and free)
    return bool(row["BillingMode"] == 0 and row["Status"] == 2 and not row["DeleteProtectionSwitch"])


# Alibaba Cloud.


def test_more_ids_than_one_look_up_takes_are_asked_in_several(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    witness, *others = ids(emulator, "aliyun", plain)
    gone = [f"r-bp1gone{number:03d}" for number in range(40)]
    proofs = where.ask(ElasticCache, [*gone, *others[:10]], witness)
    assert {proofs[id].state for id in gone} == {"gone"}
    assert {proofs[id].state for id in others[:10]} == {"alive"}
    assert len(sent(emulator, "DescribeInstances")) == 2


def test_release_protection_is_read_from_the_detail_before_a_deletion(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    id = ids(emulator, "aliyun", lambda row: row["InstanceReleaseProtection"])[0]
    listed = next(row for row in where.raw(ElasticCache))["Instances"]["KVStoreInstance"][0]
    assert "InstanceReleaseProtection" not in listed
    assert "release protection" in refusal(where, id)
    with pytest.raises(Conflict) as caught:
        where.delete(ElasticCache, id)
    assert caught.value.code == "InstanceReleaseProtection"


def test_a_detail_of_another_instance_proves_no_lack_of_protection(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), ids(emulator, "aliyun", plain)[0]
    assert refusal(where, id) == ""
    raw = where._get(where.binding(ElasticCache), id)
    raw.data["Attribute"]["Instances"]["DBInstanceAttribute"][0]["InstanceId"] = "r-bp1another"
    check = where.binding(ElasticCache).refuse
    assert check
    assert "protected" in check(raw)


def test_parts_of_distributed_instances_are_never_offered(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    id = ids(emulator, "aliyun", lambda row: row["GlobalInstanceId"] and row["InstanceStatus"] == "Normal")[0]
    assert "distributed instance gr-bp1" in refusal(where, id)


@both
def test_an_unknown_billing_word_is_kept_and_refused(provider: str, emulator: Emulator) -> None:
    where, id = region(emulator, provider), ids(emulator, provider, plain)[0]
    patch(emulator, provider, id, **({"ChargeType": "Leased"} if provider == "aliyun" else {"BillingMode": 7}))
    row, reason = where.refusal(ElasticCache, id)
    assert row.billing_type == ("Leased" if provider == "aliyun" else "7")
    assert "unknown" in reason


def test_what_is_flushed_is_being_deleted_and_what_is_released_is_gone(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), ids(emulator, "aliyun", plain)[0]
    where.delete(ElasticCache, id)
    assert where.get(ElasticCache, id).status == "deleting"
    assert "already" in refusal(where, id)
    emulator.clock.advance(10)
    assert emulator.rows("aliyun", REGIONS["aliyun"], KIND)[id]["InstanceStatus"] == "Released"
    with pytest.raises(NotFound) as caught:
        where.get(ElasticCache, id)
    assert caught.value.code == "Released"
    assert id not in {row.external_id for row in where.iter(ElasticCache)}
    assert where.ask(ElasticCache, [id])[id].strength == "strong"


def test_renewal_is_asked_for_subscriptions_alone(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    prepaid = ids(emulator, "aliyun", lambda row: row["ChargeType"] == "PrePaid")
    renews = {where.get(ElasticCache, id).auto_renew for id in prepaid}
    assert renews == {True, False}
    emulator.requests.clear()
    assert where.get(ElasticCache, ids(emulator, "aliyun", plain)[0]).auto_renew is None
    assert not sent(emulator, "DescribeInstanceAutoRenewalAttribute")


def test_another_s_renewal_is_nobody_s(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    first, second = ids(emulator, "aliyun", lambda row: row["ChargeType"] == "PrePaid")[:2]
    binding = where.binding(ElasticCache)
    raw = where._get(binding, first)
    raw.data["Renewal"]["Items"]["Item"][0]["DBInstanceId"] = second
    assert binding.parse(raw).auto_renew is None


def test_prepaid_ones_are_refused_by_the_cloud_in_its_words(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    id = ids(emulator, "aliyun", lambda row: row["ChargeType"] == "PrePaid" and not row["InstanceReleaseProtection"])[0]
    assert refusal(where, id) == ""
    with pytest.raises(CloudError) as caught:
        where.delete(ElasticCache, id)
    assert caught.value.code


# Tencent Cloud.


def test_a_window_that_is_no_multiple_of_its_limit_is_cut_out_of_pages(emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    every = [row.external_id for row in where.iter(ElasticCache)]
    for offset, limit in ((5, 10), (20, 10), (59, 7)):
        found, _, _ = where.window(ElasticCache, offset=offset, limit=limit)
        assert [row.external_id for row in found] == every[offset : offset + limit]
    assert {request.code for request in emulator.requests} == {""}


@pytest.mark.parametrize(
    ("mode", "action", "status", "kept"),
    [(0, "DestroyPostpaidInstance", -3, "2 hours"), (1, "DestroyPrepaidInstance", -2, "7 days")],
)
def test_each_billing_mode_has_its_call_and_its_time_in_the_recycle_bin(
    mode: int, action: str, status: int, kept: str, emulator: Emulator
) -> None:
    where = region(emulator, "qcloud")
    id = ids(emulator, "qcloud", lambda row: plain(row | {"BillingMode": 0}) and row["BillingMode"] == mode)[0]
    deletion = where.delete(ElasticCache, id)
    assert (deletion.ends, kept in deletion.note) == ("isolated", True)
    assert emulator.rows("qcloud", REGIONS["qcloud"], KIND)[id]["Status"] == status
    assert where.get(ElasticCache, id).status == "isolated"
    assert "recycle bin" in refusal(where, id)
    assert sent(emulator, "DestroyPostpaidInstance", "DestroyPrepaidInstance", "CleanUpInstance") == [action]


def test_the_final_call_is_another_one_and_waits_until_it_is_gone(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), ids(emulator, "qcloud", plain)[0]
    assert "not in the recycle bin" in refusal(where, id, FINAL)
    with pytest.raises(Refused):
        where.delete(ElasticCache, id, FINAL)
    where.delete(ElasticCache, id)
    emulator.requests.clear()
    assert refusal(where, id, FINAL) == ""
    assert where.delete(ElasticCache, id, FINAL).ends == "gone"
    assert where.get(ElasticCache, id).status == "isolated", "it is there for a while"
    assert where.wait_gone(ElasticCache, id, 1) == "isolated"
    assert sent(emulator, "DestroyPostpaidInstance", "CleanUpInstance") == ["CleanUpInstance"]
    emulator.clock.advance(10)
    assert where.wait_gone(ElasticCache, id, 1, final=True) == "gone"


@pytest.mark.parametrize("offset", [0, 1])
def test_destroy_protection_is_read_before_either_call(offset: int, emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), ids(emulator, "qcloud", plain)[0]
    if offset:
        where.delete(ElasticCache, id)
    patch(emulator, "qcloud", id, DeleteProtectionSwitch=1)
    assert "destroy protection" in refusal(where, id, FINAL if offset else DEFAULTS)


def test_units_dates_zones_and_labels(emulator: Emulator) -> None:
    caches = list(region(emulator, "qcloud").iter(ElasticCache))
    assert {cache.engine for cache in caches} == {"Redis", "Valkey", "Memcached"}
    assert {cache.zone_id for cache in caches} == {"ap-guangzhou-6"}
    assert all(isinstance(cache.capacity_mb, int) for cache in caches)
    assert {cache.billing_type: bool(cache.expired_at) for cache in caches} == {"prepaid": True, "postpaid": False}
    caches = list(region(emulator, "aliyun").iter(ElasticCache))
    assert {cache.engine for cache in caches} == {"Redis", "Tair", "Memcached"}
    assert not [cache.zone_id for cache in caches if "MAZ" in (cache.zone_id or "")]
    assert {cache.arch_type for cache in caches} == {"cluster", "master", "single"}


# The cache.


def test_a_task_isolates_and_another_one_destroys_for_good(make_world: Callable[..., World]) -> None:
    world = make_world(instances=12)
    world.sync("qcloud", resources=[KIND])
    world.database.execute("UPDATE elastic_caches_tbl SET disable_delete = 0")
    id = ids(world.emulator, "qcloud", plain)[0]

    isolated = _delete(world, id, DEFAULTS)
    assert (isolated.stage, isolated.done) == ("isolated", True)
    assert "2 hours" in isolated.note
    found = find(world.database, ElasticCache, id)
    assert (found["status"], found["deleted"]) == ("isolated", 0)

    waiting = _delete(world, id, FINAL, timeout=0)
    assert (waiting.stage, waiting.done) == ("accepted", False)
    task = tasks.get(world.database, waiting.task)
    assert task.stage == "accepted"
    world.emulator.clock.advance(10)
    _, where = Clouds(world.database).region(task.account_id, task.region)
    assert Deletion(world.database, task, where, 0).resume().stage == "done"
    assert rows.by_id(world.database, ElasticCache, found["id"])["deleted"] == 1
    assert sent(world.emulator, "DestroyPostpaidInstance", "CleanUpInstance") == [
        "DestroyPostpaidInstance",
        "CleanUpInstance",
    ]


def _delete(world: World, id: str, options: DeleteOptions, timeout: float = 5) -> Outcome:
    found = find(world.database, ElasticCache, id)
    target = validate(world.database, Clouds(world.database), ElasticCache, found, options)
    ((_, task),) = plan(world.database, ElasticCache, [target], options)
    return Deletion(world.database, task, target.region, timeout).run()
