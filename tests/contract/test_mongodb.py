"""MongoDB on both clouds: what the two APIs make a trap of, over HTTP against the emulator."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.aliyun import mongodb as aliyun
from cloudmux_py.aliyun.hosts import host
from cloudmux_py.cloudprovider.errors import CloudError, Conflict, NotFound, Refused, UsageError
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.raw import Raw
from cloudmux_py.engine.region import Region
from cloudmux_py.engine.retry import Clock
from cloudmux_py.qcloud import mongodb as qcloud
from cloudmux_py.resources.mongodb import MongoDB

DATA = Path(__file__).parent.parent / "data"
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


def region(emulator: Emulator, provider: str) -> Region:
    keys = emulator.world.of(provider)[0]
    cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
    return cloud.region(REGIONS[provider])


def some(emulator: Emulator, provider: str, number: int, **changes: Any) -> str:
    """The id of a seeded row, changed."""
    id = list(emulator.rows(provider, REGIONS[provider], "mongodb"))[number]
    emulator.table(provider, REGIONS[provider], "mongodb").patch(id, changes)
    return id


def sent(emulator: Emulator) -> list[str]:
    """The calls that change something."""
    return [r.action for r in emulator.requests if not r.action.startswith("Describe")]


def quicken(where: Region, emulator: Emulator, provider: str) -> None:
    """Waiting takes no time: it brings forward what is due in the cloud."""
    passed, table = [0.0], emulator.table(provider, where.id, "mongodb")

    def sleep(seconds: float) -> None:
        passed[0] += seconds
        table._due = [(at - seconds, id, change) for at, id, change in table._due]

    where.account.client.clock = Clock(now=lambda: passed[0], sleep=sleep)


def recorded(provider: str, name: str) -> list[MongoDB]:
    reply = json.loads((DATA / provider / "mongodb" / f"{name}.json").read_text("utf-8"))
    module = {"aliyun": aliyun, "qcloud": qcloud}[provider]
    raws = Raw(reply.get("Response", reply)).each(module.BINDING.rows)
    return [module.parse(raw) for raw in raws]


# aliyun: three lists, the detail, figures.


def test_three_lists_are_one(emulator: Emulator) -> None:
    where, held = region(emulator, "aliyun"), emulator.rows("aliyun", "cn-hangzhou", "mongodb")
    rows = where.list(MongoDB)
    asked = [(r.params["DBInstanceType"], r.params["PageSize"]) for r in emulator.requests]
    assert asked == [("replicate", "100"), ("sharding", "100"), ("serverless", "100")]
    assert {row.category for row in rows} == {"replicate", "sharding", "serverless"}
    assert {row.external_id for row in rows} == {id for id, row in held.items() if row["LockMode"] != "Released"}


def test_a_cluster_is_found_by_its_id_without_its_kind(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 3)
    assert where.get(MongoDB, id).category == "sharding"
    assert where.ask(MongoDB, [id])[id].state == "alive"
    assert {r.action for r in emulator.requests} == {"DescribeDBInstanceAttribute"}


@pytest.mark.parametrize("size", [10, 99, 101])
def test_a_page_has_one_of_three_sizes(size: int, emulator: Emulator) -> None:
    where = region(emulator, "aliyun")
    with pytest.raises(CloudError) as caught:
        where.account.client.call(aliyun.BINDING.list, {"PageSize": size}, where.id)
    assert caught.value.code == "InvalidParameter"
    with pytest.raises(UsageError):
        where.page(MongoDB, size=size)


def test_networks_and_renewal_come_with_the_detail_alone(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 1)
    listed = next(row for row in where.list(MongoDB) if row.external_id == id)
    assert (listed.vpc_id, listed.network_id, listed.network_address, listed.auto_renew) == (None, None, None, None)
    emulator.requests.clear()
    got = where.get(MongoDB, id)
    assert got.vpc_id
    assert got.network_address
    assert got.auto_renew is not None
    assert emulator.requests[-1].action == "DescribeInstanceAutoRenewalAttribute"
    assert emulator.requests[-1].params["DBInstanceType"] == "replicate"
    assert got.expired_at == datetime(2027, 3, 17, 16, tzinfo=UTC)


def test_only_subscriptions_are_asked_for_their_renewal(emulator: Emulator) -> None:
    row = region(emulator, "aliyun").get(MongoDB, some(emulator, "aliyun", 0))
    assert [r.action for r in emulator.requests] == ["DescribeDBInstanceAttribute"]
    assert (row.billing_type, row.expired_at, row.auto_renew) == ("postpaid", None, None)


def test_a_cluster_has_the_disks_of_its_shards() -> None:
    (listed,), (got,) = recorded("aliyun", "list-sharding"), recorded("aliyun", "detail-sharding")
    assert (listed.disk_size_gb, listed.shard_num, listed.replication_num) == (100, 2, None)
    assert (got.disk_size_gb, got.shard_num) == (100, 2)
    assert got.network_address == "s-bp1example00001.mongodb.rds.aliyuncs.com:3717"


def test_what_aliyun_rows_say() -> None:
    first, locked, _ = recorded("aliyun", "list")
    assert (first.status, first.shard_num, first.replication_num) == ("running", 1, 3)
    assert first.sys_tags == {"acs:rm:rgId": "rg-acfmexample0001"}
    assert (locked.status, locked.zone_id) == ("unavailable", "cn-hangzhou-h")
    assert locked.expired_at == datetime(2026, 12, 25, 16, tzinfo=UTC)
    assert locked.name == locked.external_id
    (got,) = recorded("aliyun", "detail")
    assert got.network_address == (
        "dds-bp1example000011.mongodb.rds.aliyuncs.com:3717,dds-bp1example000012.mongodb.rds.aliyuncs.com:3717"
    )
    (serverless,) = recorded("aliyun", "list-serverless")
    assert (serverless.status, serverless.instance_type, serverless.shard_num) == ("creating", None, None)


def test_what_is_locked_as_released_is_gone(emulator: Emulator) -> None:
    id = some(emulator, "aliyun", 0, LockMode="Released")
    where = region(emulator, "aliyun")
    assert id not in {row.external_id for row in where.list(MongoDB)}
    with pytest.raises(NotFound) as caught:
        where.get(MongoDB, id)
    assert caught.value.code == "Released"


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("cn-hangzhou", "mongodb.aliyuncs.com"),
        ("cn-zhangjiakou", "mongodb.cn-zhangjiakou.aliyuncs.com"),
        ("cn-hongkong", "mongodb.cn-hongkong.aliyuncs.com"),
        ("ap-southeast-1", "mongodb.ap-southeast-1.aliyuncs.com"),
    ],
)
def test_hosts_are_those_of_mongodb(id: str, name: str) -> None:
    assert host("dds", id) == name


def test_regions_are_the_service_s_own(emulator: Emulator) -> None:
    emulator.world.service_regions["aliyun", "dds"] = ["cn-hangzhou"]
    cloud = region(emulator, "aliyun").account
    assert [info.id for info in cloud.regions(MongoDB)] == ["cn-hangzhou"]


# aliyun: deletion.


def test_a_deletion_is_one_call_with_its_token(emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 0)
    quicken(where, emulator, "aliyun")
    deletion = where.delete(MongoDB, id, DeleteOptions(client_token="once"))
    assert (deletion.ends, "recycle bin" in deletion.note) == ("gone", True)
    assert where.wait_gone(MongoDB, id, 60) == "gone"
    assert [r.params.get("ClientToken") for r in emulator.requests if r.action == "DeleteDBInstance"] == ["once"]
    with pytest.raises(NotFound) as caught:
        where.get(MongoDB, id)
    assert caught.value.code == "InvalidDBInstanceId.NotFound"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"DBInstanceReleaseProtection": True}, "protection"), ({"ChargeType": "Hourly"}, "Hourly")],
)
def test_what_is_refused_here(changes: dict[str, Any], reason: str, emulator: Emulator) -> None:
    where, id = region(emulator, "aliyun"), some(emulator, "aliyun", 0, **changes)
    assert reason in where.refusal(MongoDB, id)[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ChargeType": "PrePaid"}, "ChargeTypeViolation"),
        ({"DBInstanceReleaseProtection": True}, "InstanceReleaseProtection"),
        ({"DBInstanceStatus": "Restoring"}, "OperationDenied.DBInstanceStatus"),
    ],
)
def test_the_cloud_s_refusals_are_conflicts(changes: dict[str, Any], code: str, emulator: Emulator) -> None:
    id = some(emulator, "aliyun", 0, **changes)
    with pytest.raises(Conflict) as caught:
        region(emulator, "aliyun").delete(MongoDB, id)
    assert caught.value.code == code


# qcloud.


def test_what_qcloud_rows_say() -> None:
    sharded, isolated, new = recorded("qcloud", "list")
    assert (sharded.billing_type, sharded.auto_renew) == ("prepaid", True)
    assert sharded.created_at == datetime(2024, 5, 6, 1, 20, 11, tzinfo=UTC)
    assert sharded.expired_at == datetime(2026, 5, 6, 1, 20, 11, tzinfo=UTC)
    assert (sharded.vmem_size_mb, sharded.disk_size_gb, sharded.vcpu_count) == (8192, 200, 4)
    assert (sharded.category, sharded.shard_num, sharded.replication_num) == ("sharding", 2, 3)
    assert (sharded.engine_version, sharded.project_id, sharded.zone_id) == ("6.0", "1210458", "ap-guangzhou-6")
    assert sharded.sys_tags == {"tencentcloud:autoscaling": ""}
    assert (isolated.status, isolated.billing_type, isolated.project_id) == ("isolated", "postpaid", "0")
    assert (isolated.expired_at, isolated.auto_renew) == (None, None), "fifty years from its creation mean nothing"
    assert isolated.network_address == "10.10.4.51:27017,10.10.4.52:27017,10.10.4.53:27017"
    assert (new.status, new.network_address, new.vpc_id, new.engine_version) == ("creating", None, None, "8.0")


@pytest.mark.parametrize(
    ("text", "version"), [("MONGO_36_WT", "3.6"), ("MONGO_100_WT", "10.0"), ("4.4", "4.4"), ("", None)]
)
def test_versions(text: str, version: str | None) -> None:
    assert qcloud.version_of(text) == version


def test_all_kinds_of_instances_are_listed_in_order(emulator: Emulator) -> None:
    rows = region(emulator, "qcloud").list(MongoDB)
    held = emulator.rows("qcloud", "ap-guangzhou", "mongodb")
    assert {row.external_id for row in rows} == held.keys()
    assert any(row["InstanceType"] == 3 for row in held.values())
    created = [held[row.external_id]["CreateTime"] for row in rows]
    assert created == sorted(created)


@pytest.mark.parametrize(
    ("mode", "options", "status", "action", "ends"),
    [
        (0, DEFAULTS, 2, "IsolateDBInstance", "isolated"),
        (1, DEFAULTS, 2, "TerminateDBInstances", "isolated"),
        (0, FINAL, -3, "OfflineIsolatedDBInstance", "gone"),
        (1, FINAL, -2, "OfflineIsolatedDBInstance", "gone"),
    ],
)
def test_how_it_is_paid_chooses_the_call(
    mode: int, options: DeleteOptions, status: int, action: str, ends: str, emulator: Emulator
) -> None:
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 0, PayMode=mode, Status=status)
    assert where.refusal(MongoDB, id, options)[1] == ""
    assert where.delete(MongoDB, id, options).ends == ends
    assert sent(emulator) == [action]


def test_the_recycle_bin_is_left_by_a_final_deletion_alone(emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 0)
    quicken(where, emulator, "qcloud")
    assert "--final" in where.refusal(MongoDB, id, FINAL)[1]
    assert where.delete(MongoDB, id).note.startswith("in the recycle bin for 3 days")
    assert where.wait_gone(MongoDB, id) == "isolated"
    assert "recycle bin" in where.refusal(MongoDB, id)[1]
    where.delete(MongoDB, id, FINAL)
    assert where.wait_gone(MongoDB, id, final=True) == "gone"
    assert sent(emulator) == ["IsolateDBInstance", "OfflineIsolatedDBInstance"]


@pytest.mark.parametrize("mode", [7, None])
def test_without_a_known_pay_mode_nothing_is_sent(mode: int | None, emulator: Emulator) -> None:
    where, id = region(emulator, "qcloud"), some(emulator, "qcloud", 0, PayMode=mode)
    assert "how it is paid" in where.refusal(MongoDB, id)[1]
    with pytest.raises(Refused):
        where.delete(MongoDB, id)
    assert sent(emulator) == []


@pytest.mark.parametrize(
    ("number", "changes", "options", "code"),
    [
        (10, {}, DEFAULTS, "FailedOperation.DeletionProtectionEnabled"),
        (0, {"Status": 1}, DEFAULTS, "InvalidParameterValue.LockFailed"),
        (0, {}, FINAL, "InvalidParameterValue.IllegalStatusToOffline"),
    ],
)
def test_tencent_s_refusals_are_conflicts(
    number: int, changes: dict[str, Any], options: DeleteOptions, code: str, emulator: Emulator
) -> None:
    id = some(emulator, "qcloud", number, **changes)
    where = region(emulator, "qcloud")
    with pytest.raises(Conflict) as caught:
        where.account.client.call(*_call(where, id, options), where.id)
    assert caught.value.code == code


def _call(where: Region, id: str, options: DeleteOptions) -> tuple[Any, Any]:
    """The call that a deletion would be, whatever is known against it here."""
    return qcloud.delete_call(Raw(where.raw_get(MongoDB, id)), options)
