"""Disks: how rows read, where they are attached, what is never deleted, the recycle bin; over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudmux_py import connect
from cloudmux_py.aliyun import disk as aliyun
from cloudmux_py.cloudprovider.errors import Conflict, NotFound, Refused, UsageError
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.raw import Raw
from cloudmux_py.engine.region import Region
from cloudmux_py.qcloud import disk as qcloud
from cloudmux_py.resources.disk import Disk
from cloudmux_py.resources.server import Server

DATA = Path(__file__).parent.parent / "data"
REGIONS = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}
FINAL = DeleteOptions(final=True)
LOOSE: dict[str, dict[str, Any]] = {
    "aliyun": {
        "Type": "data",
        "Status": "Available",
        "InstanceId": "",
        "Attachments": {"Attachment": []},
        "Portable": True,
        "DiskChargeType": "PostPaid",
    },
    "qcloud": {
        "DiskUsage": "DATA_DISK",
        "DiskState": "UNATTACHED",
        "Attached": False,
        "InstanceId": "",
        "InstanceIdList": [],
        "Portable": True,
        "DiskChargeType": "POSTPAID_BY_HOUR",
        "IsReturnable": False,
        "ReturnFailCode": 10,
    },
}
"""A disk that may be deleted. Postpaid ones of Tencent Cloud say that they cannot be returned, which means nothing."""

both = pytest.mark.parametrize("provider", list(REGIONS))


def rows_of(provider: str) -> list[dict[str, Any]]:
    reply = json.loads((DATA / provider / "disk" / "list.json").read_text("utf-8"))
    bindings: dict[str, Any] = {"aliyun": aliyun.BINDING, "qcloud": qcloud.BINDING}
    raws = Raw(reply.get("Response", reply)).each(bindings[provider].rows)
    return [bindings[provider].parse(raw).to_dict() for raw in raws]


def test_aliyun_rows_read_as_documented() -> None:
    system, loose, shared, legacy = rows_of("aliyun")
    one, two = "i-bp1example0001abcdefg", "i-bp1example0002abcdefg"
    assert (system["disk_type"], system["server_ids"], system["disk_size_gb"]) == ("system", [one], 40)
    assert (system["tags"], system["sys_tags"]) == ({"env": "prod"}, {"acs:ecs:support": "x"})
    assert (loose["name"], loose["server_ids"], loose["expired_at"]) == ("d-bp1example0002abcdefg", [], None)
    assert (loose["created_at"], loose["project_id"]) == ("2021-06-07T06:08:54Z", None)
    assert shared["server_ids"] == [one, two], "InstanceId is empty for these: Attachments tell"
    assert (shared["is_multi_attach"], shared["expired_at"]) == (True, "2026-07-07T16:00:00Z")
    assert legacy["server_ids"] == [two], "only MountInstances tells, with a malformed time beside"
    assert (legacy["is_multi_attach"], legacy["is_encrypted"], legacy["billing_type"]) == (True, True, "Weekly")
    assert {row["status"] for row in (system, loose, shared, legacy)} == {"ready"}


def test_tencent_rows_read_as_documented() -> None:
    prepaid, loose, system, shared, recycled = rows_of("qcloud")
    assert (prepaid["created_at"], prepaid["expired_at"]) == ("2024-03-10T02:44:02Z", "2026-04-10T02:47:36Z")
    assert (prepaid["auto_renew"], prepaid["project_id"]) == (True, "1210458")
    assert prepaid["sys_tags"] == {"tencentcloud:autoscaling": "x"}
    assert (loose["name"], loose["status"], loose["server_ids"]) == ("disk-b94t5dzt", "ready", [])
    assert (loose["expired_at"], loose["auto_renew"], loose["project_id"]) == (None, None, "0")
    assert (system["disk_type"], system["auto_delete"], system["is_portable"]) == ("system", True, False)
    assert (shared["server_ids"], shared["is_multi_attach"]) == (["ins-9bxebleo", "ins-xlsyru2j"], True)
    assert recycled["status"] == "isolated", "TORECYCLE is the recycle bin"


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    with Emulator(instances=12, kinds=["server", "disk"]) as running:
        yield running


@pytest.fixture
def emulator(started: Emulator) -> Emulator:
    started.reset()
    return started


def region_of(emulator: Emulator, provider: str) -> Region:
    keys = emulator.world.of(provider)[0]
    cloud = connect(provider, access_key=keys.access_key, secret=keys.secret, endpoint=emulator.url)
    region = cloud.region(REGIONS[provider])
    assert isinstance(region, Region)
    return region


def pick(emulator: Emulator, provider: str, **changes: Any) -> str:
    """A detached data disk, with what is said of it."""
    id = next(iter(emulator.rows(provider, REGIONS[provider], "disk")))
    emulator.table(provider, REGIONS[provider], "disk").patch(id, LOOSE[provider] | changes)
    return id


def deletions(emulator: Emulator) -> list[str]:
    return [call.action for call in emulator.requests if not call.action.startswith("Describe")]


def test_aliyun_pages_of_500_by_token() -> None:
    with Emulator(rows={"aliyun": {"cn-hangzhou": 510}}, kinds=["disk"]) as emulator:
        region = region_of(emulator, "aliyun")
        assert len(region.list(Disk)) == 510
        assert [call.params["MaxResults"] for call in emulator.requests] == ["500", "500"]
        with pytest.raises(UsageError, match="10 to 500 rows, not 9"):
            region.page(Disk, size=9)


@both
def test_disks_name_servers_that_are_there(provider: str, emulator: Emulator) -> None:
    region = region_of(emulator, provider)
    servers = {server.external_id for server in region.list(Server)}
    named = {id for disk in region.list(Disk) for id in disk.server_ids}
    assert named
    assert named <= servers


# What is refused before anything is sent.

MOUNTED = {"InstanceId": "i-1"}
REFUSED = [
    ("aliyun", {"Type": "system"}, "system disk"),
    ("aliyun", {"InstanceId": "i-1", "Status": "In_use"}, "attached to i-1"),
    ("aliyun", {"Attachments": {"Attachment": [MOUNTED, {"InstanceId": "i-2"}]}}, "attached to i-1, i-2"),
    ("aliyun", {"MountInstances": {"MountInstance": [MOUNTED]}}, "attached to i-1"),
    ("aliyun", {"Status": "In_use"}, "it is In_use, not Available"),
    ("aliyun", {"Status": "ReIniting"}, "it is ReIniting"),
    ("aliyun", {"Portable": False}, "cannot be detached"),
    ("aliyun", {"DiskChargeType": "PrePaid"}, "billed as PrePaid"),
    ("aliyun", {"DiskChargeType": "Weekly"}, "billed as Weekly"),
    ("qcloud", {"DiskUsage": "SYSTEM_DISK"}, "system disk"),
    ("qcloud", {"DiskState": "ATTACHED"}, "it is ATTACHED"),
    ("qcloud", {"DiskState": "EXPANDING"}, "it is EXPANDING"),
    ("qcloud", {"InstanceIdList": ["ins-1"]}, "only what is UNATTACHED"),
    ("qcloud", {"Portable": False}, "cannot be detached"),
    ("qcloud", {"Portable": None}, "cannot be detached"),
    ("qcloud", {"DiskChargeType": "CDCPAID"}, "billed as CDCPAID"),
    ("qcloud", {"DiskChargeType": "PREPAID", "ReturnFailCode": 8}, "quota of returns"),
    ("qcloud", {"DiskChargeType": "PREPAID", "ReturnFailCode": 77}, "reason 77"),
]


@pytest.mark.parametrize(("provider", "changes", "reason"), REFUSED)
def test_what_is_not_surely_a_loose_data_disk_stays(
    provider: str, changes: dict[str, Any], reason: str, emulator: Emulator
) -> None:
    region, id = region_of(emulator, provider), pick(emulator, provider, **changes)
    assert reason in region.refusal(Disk, id)[1]


@both
def test_a_loose_one_goes(provider: str, emulator: Emulator) -> None:
    region, id = region_of(emulator, provider), pick(emulator, provider)
    assert region.refusal(Disk, id)[1] == ""
    region.delete(Disk, id)
    assert region.wait_gone(Disk, id) == "gone"


def test_aliyun_takes_an_unknown_id_for_a_success_and_we_do_not(emulator: Emulator) -> None:
    region, id = region_of(emulator, "aliyun"), pick(emulator, "aliyun")
    emulator.table("aliyun", region.id, "disk").remove(id)
    with pytest.raises(NotFound):
        region.delete(Disk, id)
    assert deletions(emulator) == [], "its success would have proved nothing"


@pytest.mark.parametrize(
    ("provider", "changes", "code"),
    [
        ("aliyun", {"Status": "In_use"}, "IncorrectDiskStatus"),
        ("aliyun", {"Type": "system"}, "DiskTypeViolation"),
        ("aliyun", {"Portable": False}, "DiskNotPortable"),
        ("qcloud", {"DiskState": "ATTACHED"}, "ResourceBusy"),
        ("qcloud", {"DiskChargeType": "PREPAID"}, "ResourceUnavailable.NotSupportRefund"),
    ],
)
def test_the_cloud_s_own_refusals_are_conflicts(
    provider: str, changes: dict[str, Any], code: str, emulator: Emulator
) -> None:
    region, id = region_of(emulator, provider), pick(emulator, provider, **changes)
    with pytest.raises(Conflict) as caught:
        region.delete(Disk, id)
    assert caught.value.code == code


def test_a_prepaid_one_is_isolated_and_only_final_destroys_it(emulator: Emulator) -> None:
    region = region_of(emulator, "qcloud")
    id = pick(emulator, "qcloud", DiskChargeType="PREPAID", IsReturnable=True, ReturnFailCode=0)
    assert "7 days" in region.delete(Disk, id).note
    assert region.wait_gone(Disk, id) == "isolated"
    assert "--final" in region.refusal(Disk, id)[1]
    with pytest.raises(Refused, match="in the recycle bin already"):
        region.delete(Disk, id)
    assert deletions(emulator) == ["TerminateDisks"]
    assert region.refusal(Disk, id, FINAL)[1] == ""
    region.delete(Disk, id, FINAL)
    assert region.wait_gone(Disk, id) == "gone"


@both
def test_disks_go_with_their_server_or_stay_loose(provider: str, emulator: Emulator) -> None:
    region = region_of(emulator, provider)
    server = next(iter(emulator.rows(provider, region.id, "server")))
    state = {"Status": "Stopped", "InstanceState": "STOPPED"}
    emulator.table(provider, region.id, "server").patch(server, state)
    ours = [disk for disk in region.list(Disk) if disk.server_ids == [server]]
    assert {disk.auto_delete for disk in ours} == {True, False}
    region.delete(Server, server)
    left = {disk.external_id: disk for disk in region.list(Disk)}
    assert [disk.external_id in left for disk in ours] == [not disk.auto_delete for disk in ours]
    assert all(left[disk.external_id].server_ids == [] for disk in ours if not disk.auto_delete)
