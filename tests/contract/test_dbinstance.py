"""What the clouds make a trap of with relational databases, over HTTP against the emulator."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import Conflict, NotFound
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.state import Row
from cloudmux_py.engine.region import Region
from cloudmux_py.resources.dbinstance import DBInstance

from ..conftest import World

KIND = "dbinstance"
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
    return where.refusal(DBInstance, id, options)[1]


def plain(row: Row) -> bool:
    """Postpaid and free to go, on either cloud."""
    if "DBInstanceType" in row:
        free = not row["DeletionProtection"] and not row["ReadOnlyDBInstanceIds"]["ReadOnlyDBInstanceId"]
        kind = (row["DBInstanceType"], row["PayType"], row["DBInstanceStatus"])
        return free and kind == ("Primary", "Postpaid", "Running")
    numbers = [row[key] for key in ("InstanceType", "PayType", "Status", "InitFlag", "TaskStatus")]
    return numbers == [1, 1, 1, 1, 0] and not row["RoGroups"] and row["DestroyProtect"] == "off"


# Alibaba Cloud.


def test_lists_tell_vcpus_memory_and_edition_only_when_asked_for_them(emulator: Emulator) -> None:
    rows = list(region(emulator, "aliyun").iter(DBInstance))
    assert all(row.vcpu_count and row.vmem_size_mb and row.category == "ha" for row in rows)
    assert {row.disk_size_gb for row in rows} == {None}
    assert {row.port for row in rows} == {None}
    assert {str(tag) for row in rows for tag in (row.tags, row.sys_tags)} == {"{}"}


def test_a_get_tells_disk_port_and_tags_and_no_stray_space(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    listed = {row.external_id: row for row in where.iter(DBInstance)}
    for id in ids(emulator, "aliyun", plain)[:8]:
        got, told = where.get(DBInstance, id), emulator.rows("aliyun", REGIONS["aliyun"], KIND)[id]
        assert (got.disk_size_gb, got.port) == (told["DBInstanceStorage"], int(told["Port"]))
        assert got.tags == {key: value for key, value in told["Tags"].items() if key == "env"}
        assert set(got.sys_tags) == set(told["Tags"]) - {"env"}
        same = set(DBInstance.columns) - where.binding(DBInstance).get_only
        assert {name: getattr(got, name) for name in same} == {name: getattr(listed[id], name) for name in same}
        assert not [value for value in got.to_dict().values() if isinstance(value, str) and value != value.strip()]


def test_a_zone_of_several_is_the_first(emulator: Emulator) -> None:
    zones = {row.zone_id for row in region(emulator, "aliyun").iter(DBInstance)}
    assert zones == {f"{REGIONS['aliyun']}-{letter}" for letter in "ghi"}


def test_copies_and_what_has_copies_are_never_offered(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    copy = ids(emulator, "aliyun", lambda row: row["DBInstanceType"] == "Readonly")[0]
    primary = where.get(DBInstance, copy).master_instance_id or ""
    assert "read-only copy of another" in refusal(where, copy)
    assert copy in refusal(where, primary)
    guard = ids(emulator, "aliyun", lambda row: row["DBInstanceType"] == "Guard")[0]
    assert "disaster recovery" in refusal(where, guard)
    patch(emulator, "aliyun", guard, DBInstanceType="Temp")
    assert "temporary" in refusal(where, guard)
    patch(emulator, "aliyun", guard, DBInstanceType="Shadow")
    assert "Shadow" in refusal(where, guard)


def test_an_absent_list_of_copies_is_none(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), ids(emulator, "aliyun", plain)[0]
    patch(emulator, "aliyun", id, ReadOnlyDBInstanceIds={})
    assert refusal(where, id) == ""


@both
def test_protection_is_read_before_a_deletion(provider: str, emulator: Emulator) -> None:
    where, id = region(emulator, provider), ids(emulator, provider, plain)[0]
    assert refusal(where, id) == ""
    patch(
        emulator, provider, id, **({"DeletionProtection": True} if provider == "aliyun" else {"DestroyProtect": "on"})
    )
    assert "protection is on" in refusal(where, id)
    with pytest.raises(Conflict):
        where.delete(DBInstance, id)


@both
def test_an_unknown_billing_word_is_kept_and_refused(provider: str, emulator: Emulator) -> None:
    where, id = region(emulator, provider), ids(emulator, provider, plain)[0]
    patch(emulator, provider, id, PayType="Leased" if provider == "aliyun" else 7)
    row, reason = where.refusal(DBInstance, id)
    assert row.billing_type == ("Leased" if provider == "aliyun" else "7")
    assert "unknown" in reason


def test_serverless_is_postpaid_and_prepaid_is_refused_by_the_cloud(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    serverless = ids(emulator, "aliyun", lambda row: row["PayType"] == "SERVERLESS")[0]
    assert where.get(DBInstance, serverless).billing_type == "postpaid"
    prepaid = ids(emulator, "aliyun", lambda row: plain(row | {"PayType": "Postpaid"}) and row["PayType"] == "Prepaid")
    assert refusal(where, prepaid[0]) == ""
    with pytest.raises(Conflict) as caught:
        where.delete(DBInstance, prepaid[0])
    assert caught.value.code == "OperationDenied.PrePayTypeNotSupported"
    assert {where.get(DBInstance, id).auto_renew for id in prepaid} == {True, False}


def test_what_expired_is_not_to_be_had_and_what_is_released_is_gone(emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    expired, other = ids(emulator, "aliyun", lambda row: row["LockMode"] == "LockByExpiration")[0], ""
    assert where.get(DBInstance, expired).status == "unavailable"
    for changes in ({"DBInstanceStatus": "Released"}, {"LockMode": "Released"}):
        other = next(id for id in ids(emulator, "aliyun", plain) if id != other)
        patch(emulator, "aliyun", other, **changes)
        with pytest.raises(NotFound) as caught:
            where.get(DBInstance, other)
        assert caught.value.code == "Released"
        assert other not in {row.external_id for row in where.iter(DBInstance)}


def test_deleting_is_seen_until_the_cloud_names_it_unknown(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), ids(emulator, "aliyun", plain)[0]
    assert where.delete(DBInstance, id).ends == "gone"
    assert where.get(DBInstance, id).status == "deleting"
    emulator.clock.advance(10)
    assert where.wait_gone(DBInstance, id, 1) == "gone"
    proof = where.ask(DBInstance, [id])[id]
    assert (proof.strength, proof.code) == ("strong", "InvalidDBInstanceId.NotFound")


def test_a_region_that_comes_once_a_zone_counts_once(emulator: Emulator) -> None:
    keys = emulator.world.of("aliyun")[0]
    account = connect("aliyun", access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
    assert [found.id for found in account.regions(DBInstance)] == emulator.world.regions["aliyun"]


# Tencent Cloud.


def test_the_billing_number_is_the_other_way_round(emulator: Emulator) -> None:
    rows, told = list(region(emulator, "qcloud").iter(DBInstance)), emulator.rows("qcloud", REGIONS["qcloud"], KIND)
    words = {(told[row.external_id]["PayType"], row.billing_type, bool(row.expired_at)) for row in rows}
    assert words == {(0, "prepaid", True), (1, "postpaid", False), (2, "postpaid", False)}


def test_times_are_beijing_s(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), ids(emulator, "qcloud", plain)[0]
    patch(emulator, "qcloud", id, CreateTime="2023-08-29 08:37:33")
    assert where.get(DBInstance, id).created_at == datetime(2023, 8, 29, 0, 37, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Status": 0}, "creating"),
        ({"Status": 1, "InitFlag": 0}, "init"),
        ({"Status": 1, "TaskStatus": 10}, "rebooting"),
        ({"Status": 1, "TaskStatus": 8}, "deploying"),
        ({"Status": 4, "InitFlag": 0}, "deleting"),
        ({"Status": 5, "InitFlag": 0}, "isolated"),
        ({"Status": 5, "TaskStatus": 1}, "isolated"),
        ({"Status": 6}, "deleting"),
        ({"Status": 8}, "8"),
    ],
)
def test_what_is_on_its_way_out_says_so_first(changes: dict[str, int], status: str, emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), ids(emulator, "qcloud", plain)[0]
    patch(emulator, "qcloud", id, **changes)
    assert where.get(DBInstance, id).status == status


def test_a_read_only_copy_and_its_master_are_never_offered(emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    copy = ids(emulator, "qcloud", lambda row: row["InstanceType"] == 3)[0]
    master = where.get(DBInstance, copy).master_instance_id or ""
    assert "read-only copy of another" in refusal(where, copy)
    assert copy in refusal(where, master)


def test_isolating_comes_first_and_the_final_call_is_another_one(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), ids(emulator, "qcloud", plain)[0]
    deletion = where.delete(DBInstance, id)
    assert deletion.ends == "isolated"
    assert "24 hours" in deletion.note
    assert "7 days" in deletion.note
    assert "already" in refusal(where, id)
    assert where.get(DBInstance, id).status == "deleting"
    emulator.clock.advance(5)
    assert where.wait_gone(DBInstance, id, 1) == "isolated"
    assert "recycle bin" in refusal(where, id)
    assert refusal(where, id, FINAL) == ""
    assert where.delete(DBInstance, id, FINAL).ends == "gone"
    assert where.get(DBInstance, id).status == "deleting"
    emulator.clock.advance(5)
    assert emulator.rows("qcloud", REGIONS["qcloud"], KIND)[id]["Status"] == 7, "the cloud still answers it"
    assert where.wait_gone(DBInstance, id, 1, final=True) == "gone"
    assert where.ask(DBInstance, [id])[id].strength == "strong"
    calls = [r.params for r in emulator.requests if r.action in {"IsolateDBInstance", "OfflineIsolatedInstances"}]
    assert calls == [{"InstanceId": id}, {"InstanceIds": [id]}]


def test_both_answers_to_an_unknown_id_prove_its_absence(emulator: Emulator) -> None:
    where = region(emulator, "qcloud")
    witness, other = ids(emulator, "qcloud", plain)[:2]
    assert where.ask(DBInstance, ["cdb-gone0001"], witness)["cdb-gone0001"].strength == "weak"
    emulator.fault("error", code="InvalidParameter.InstanceNotFound", action="DescribeDBInstances", times=2)
    proofs = where.ask(DBInstance, ["cdb-gone0001", other], witness)
    assert proofs["cdb-gone0001"].strength == "strong"
    assert proofs[other].state == "alive"


# The cache.


def test_what_only_a_get_tells_stays_through_a_list(make_world: Callable[..., World]) -> None:
    world = make_world(instances=4)
    world.sync("aliyun", resources=[KIND], full=True)
    query = "SELECT external_id, disk_size_gb, port, tags FROM dbinstances_tbl ORDER BY external_id"
    before = [tuple(row) for row in world.database.rows(query)]
    assert before
    assert all(row[1] and row[2] for row in before)
    world.sync("aliyun", resources=[KIND])
    assert [tuple(row) for row in world.database.rows(query)] == before
